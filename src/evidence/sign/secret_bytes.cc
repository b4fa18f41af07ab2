#include "evidence/sign/secret_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "base/result.h"

namespace tattle {

void start_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of random numbers");
}

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  start_sodium();
  data_ = static_cast<std::uint8_t*>(sodium_malloc(std::max<std::size_t>(1, size)));
  if (!data_) throw std::bad_alloc();
  sodium_memzero(data_, size);
}

SecretBytes::~SecretBytes() { sodium_free(data_); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void SecretBytes::shrink(std::size_t size) {
  if (size >= size_) return;
  sodium_memzero(data_ + size, size_ - size);
  size_ = size;
}

SecretBytes read_secret_file(const std::string& path, std::size_t limit) {
  // Never waits: a pipe that nobody writes to is no key file.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw UserError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  SecretBytes bytes(limit + 1);
  std::size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(file, bytes.data() + size, bytes.size() - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  } while ((got > 0 && size < bytes.size()) || (got < 0 && errno == EINTR));
  const int error = got < 0 ? errno : 0;
  ::close(file);
  if (error) throw UserError(fmt::format("{}: cannot be read: {}", path, std::strerror(error)));
  if (size > limit) throw UserError(fmt::format("{}: is over {} bytes, so it is no key or password", path, limit));
  bytes.shrink(size);
  return bytes;
}

}  // namespace tattle
