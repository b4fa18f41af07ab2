#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tattle {

enum class MemberKind : std::uint8_t { other, capture, key_log, archive };

/// What a file is by its first bytes (some thousand of them). Compressed captures count as captures.
MemberKind sniff_member(Bytes front);

/// Whether a file that starts like this may be an archive: worth asking libarchive. Captures never are.
bool may_be_archive(Bytes front);

}  // namespace tattle
