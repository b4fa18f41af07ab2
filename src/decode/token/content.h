#pragma once

#include "base/bytes.h"

namespace tattle {

/// Whether bytes begin like a known format that tokens are made of: gzip, zlib, Zstandard, JPEG.
bool has_magic(Bytes bytes);

/// Whether a run of base64 may hold text or such a format, told from its first digits: nearly all that does not is
/// refused here.
bool may_hold_content(Bytes run);

}  // namespace tattle
