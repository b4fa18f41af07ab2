#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"

namespace tattle {

/// A file mapped for reading; unmapped at the end of its life.
class MappedFile {
 public:
  /// @throws UserError  It cannot be read.
  static std::unique_ptr<MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  /// Lives as long as this object.
  Bytes bytes() const { return bytes_; }

 private:
  MappedFile() = default;
  Bytes bytes_;
};

}  // namespace tattle
