#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace tattle {

struct FileDigest {
  std::string sha256;  // lower-case hex
  std::uint64_t size = 0;
};

/// SHA-256 of bytes, in lower-case hex.
std::string sha256_hex(Bytes bytes);

/// Of all bytes of a file, whatever its size; nothing when it is a folder or cannot be read to its end.
std::optional<FileDigest> digest_file(const std::string& path);

}  // namespace tattle
