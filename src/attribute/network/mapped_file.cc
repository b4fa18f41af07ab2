#include "attribute/network/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/result.h"

namespace tattle {

std::unique_ptr<MappedFile> MappedFile::open(const std::string& path) {
  const auto give_up = [&](int error) { return UserError(fmt::format("{}: {}", path, std::strerror(error))); };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw give_up(errno);
  struct stat info {};
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(file);
    throw UserError(fmt::format("{}: is not a regular file", path));
  }
  std::unique_ptr<MappedFile> mapped(new MappedFile);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > 0) {
    void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    const int error = errno;
    ::close(file);
    if (start == MAP_FAILED) throw give_up(error);
    mapped->bytes_ = Bytes(static_cast<const std::uint8_t*>(start), size);
  } else {
    ::close(file);
  }
  return mapped;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

}  // namespace tattle
