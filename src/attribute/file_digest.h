#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tattle {

struct FileDigest {
  std::string sha256;  // lower-case hex
  std::uint64_t size = 0;
};

/// Of all bytes of a file, whatever its size; nothing when it is a folder or cannot be read to its end.
std::optional<FileDigest> digest_file(const std::string& path);

}  // namespace tattle
