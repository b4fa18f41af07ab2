#include "evidence/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/result.h"

namespace tattle {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;  // hundreds may be open

[[noreturn]] void give_up(const std::string& path, int error) {
  const char* advice = error == ENOENT ? "; make the folder first" : "";
  throw UserError(
      fmt::format("{}: cannot be written: {}{}", path == "-" ? "standard output" : path, std::strerror(error), advice));
}

}  // namespace

PrivateFile::PrivateFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    file_ = STDOUT_FILENO;
    return;
  }
  std::error_code error;
  if (std::filesystem::is_directory(path_, error)) give_up(path_, EISDIR);
  const std::filesystem::path whole(path_);
  part_ = (whole.parent_path() / ("." + whole.filename().string() + ".part")).string();
  ::unlink(part_.c_str());
  // O_EXCL: whoever else may write into the folder must not slip in a file or link of theirs.
  file_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file_ < 0) give_up(path_, errno);
}

PrivateFile::~PrivateFile() {
  if (path_ == "-" || file_ < 0) return;
  ::close(file_);
  ::unlink(part_.c_str());
}

void PrivateFile::write(Bytes bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  if (buffer_.size() >= kBufferBytes) flush();
}

void PrivateFile::flush() {
  Bytes rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) give_up(path_, errno);
    rest = rest.subspan(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void PrivateFile::finish() {
  flush();
  if (path_ == "-") return;
  int error = ::fsync(file_) == 0 || errno == EINVAL ? 0 : errno;
  if (::close(file_) != 0 && error == 0) error = errno;
  file_ = -1;
  if (error == 0 && ::rename(part_.c_str(), path_.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(part_.c_str());
  give_up(path_, error);
}

}  // namespace tattle
