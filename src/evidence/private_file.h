#pragma once

#include <string>

#include "base/bytes.h"

namespace tattle {

/// A file written piece by piece, for its owner alone, whole or not at all: it has its name only after finish().
class PrivateFile {
 public:
  /// @param path  `-` is standard output, which nobody can take back.
  /// @throws UserError  It cannot be made: which file, why.
  explicit PrivateFile(std::string path);
  /// Unfinished, it leaves nothing behind.
  ~PrivateFile();
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;

  /// @throws UserError  The disk is full and the like.
  void write(Bytes bytes);
  void finish();

 private:
  void flush();

  std::string path_, part_;
  int file_ = -1;
  ByteVector buffer_;
};

}  // namespace tattle
