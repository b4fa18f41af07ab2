#include "capture/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/result.h"

namespace tattle {

struct FileSource::Hash {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  Hash() { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~Hash() { EVP_MD_CTX_free(context); }
};

namespace {

int open_path(const std::string& path) {
  if (path == "-") return dup(STDIN_FILENO);
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

[[noreturn]] void refuse(const std::string& path, int error) {
  if (error == ENOENT) throw UserError(fmt::format("{}: there is no such file; check the name of the capture", path));
  if (error == EACCES) {
    throw UserError(fmt::format("{}: no permission to read it; change its permissions or run as its owner", path));
  }
  throw UserError(
      fmt::format("{}: cannot be read ({}); give a capture file or - for standard input", path, std::strerror(error)));
}

}  // namespace

FileSource::FileSource(const std::string& path, bool hash) : descriptor_(open_path(path)) {
  if (descriptor_ < 0) refuse(path == "-" ? "standard input" : path, errno);
  struct stat status {};
  if (fstat(descriptor_, &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      close(descriptor_);
      throw UserError(fmt::format("{}: is a directory; name the capture files in it", path));
    }
    if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
  }
  posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  if (hash) hash_ = std::make_unique<Hash>();
  read_magic();
}

FileSource::FileSource(std::unique_ptr<ByteSource> origin, bool hash) : origin_(std::move(origin)) {
  if (hash) hash_ = std::make_unique<Hash>();
  read_magic();
}

void FileSource::read_magic() {
  while (magic_size_ < magic_.size()) {
    const std::size_t got = read_descriptor(magic_.data() + magic_size_, magic_.size() - magic_size_);
    if (got == 0) break;
    magic_size_ += got;
  }
}

FileSource::~FileSource() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::size_t FileSource::read_descriptor(std::uint8_t* into, std::size_t room) {
  // Pieces that stay in the processor's cache until they were hashed and parsed.
  constexpr std::size_t kPiece = 256 << 10;
  if (origin_) {
    const std::size_t got = origin_->read(into, std::min(room, kPiece));
    if (got == 0) trouble_ = origin_->trouble();
    count(into, got);
    return got;
  }
  while (descriptor_ >= 0) {
    const ssize_t got = ::read(descriptor_, into, std::min(room, kPiece));
    if (got >= 0) {
      count(into, static_cast<std::size_t>(got));
      return static_cast<std::size_t>(got);
    }
    if (errno == EINTR) continue;
    trouble_ = SourceTrouble::unreadable;
    return 0;
  }
  return 0;
}

void FileSource::count(std::uint8_t* bytes, std::size_t got) {
  bytes_read_ += got;
  if (hash_) EVP_DigestUpdate(hash_->context, bytes, got);
}

std::size_t FileSource::read(std::uint8_t* into, std::size_t room) {
  if (magic_given_ < magic_size_) {
    const std::size_t given = std::min(room, magic_size_ - magic_given_);
    std::memcpy(into, magic_.data() + magic_given_, given);
    magic_given_ += given;
    return given;
  }
  return read_descriptor(into, room);
}

std::size_t FileSource::read_at(std::uint64_t offset, std::uint8_t* into, std::size_t room) const {
  if (descriptor_ < 0 || offset > size_) return 0;
  while (true) {
    const ssize_t got = pread(descriptor_, into, room, static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return 0;
  }
}

void FileSource::drain() {
  if (descriptor_ < 0 && !origin_) return;
  std::vector<std::uint8_t> scratch(256 << 10);
  while (hash_ && read_descriptor(scratch.data(), scratch.size()) > 0) {
  }
  if (hash_) EVP_DigestFinal_ex(hash_->context, digest_.data(), nullptr);
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  origin_.reset();
}

}  // namespace tattle
