#pragma once

#include <cstdint>
#include <string>

#include "attribute/file_digest.h"
#include "evidence/run_record.h"

namespace tattle {

/// 64 lower-case hex digits.
bool is_sha256(std::string_view text);

enum class FileState : std::uint8_t {
  same,
  missing,
  changed,     // another size or hash
  unreadable,  // no permission, or an error while reading
  not_a_file,  // a link, folder, pipe or device
};

/// What became of a file whose path, size and hash are known. Never waits, and never reads more than the size that is
/// known: the path may come from a hostile document.
/// @param follow  Whether a symbolic link may stand for the file.
FileState state_of_file(const std::string& path, const RecordedFile& known, bool follow);

/// Reads a whole small file.
/// @throws UserError  It cannot be read, is no regular file, or is over `limit` bytes.
std::string read_document(const std::string& path, std::uint64_t limit);

}  // namespace tattle
