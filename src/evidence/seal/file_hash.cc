#include "evidence/seal/file_hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/hex.h"
#include "base/result.h"

namespace tattle {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }

 private:
  int number_;
};

/// Up to `room` bytes; fewer only at the end. -1 on an error.
ssize_t read_fully(int file, std::uint8_t* into, std::size_t room) {
  std::size_t size = 0;
  while (size < room) {
    const ssize_t got = ::read(file, into + size, room - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

FileState state_of_file(const std::string& path, const RecordedFile& known, bool follow) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW)));
  if (file < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileState::missing;
    return errno == ELOOP || errno == ENXIO ? FileState::not_a_file : FileState::unreadable;
  }
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return FileState::unreadable;
  if (!S_ISREG(facts.st_mode)) return FileState::not_a_file;
  if (static_cast<std::uint64_t>(facts.st_size) != known.size) return FileState::changed;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex2(hash.get(), EVP_sha256(), nullptr);
  std::vector<std::uint8_t> buffer(1 << 18);
  for (std::uint64_t left = known.size; left > 0;) {
    const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
    const ssize_t got = read_fully(file, buffer.data(), room);
    if (got < 0) return FileState::unreadable;
    if (got == 0) return FileState::changed;  // it shrank meanwhile
    EVP_DigestUpdate(hash.get(), buffer.data(), static_cast<std::size_t>(got));
    left -= static_cast<std::uint64_t>(got);
  }
  std::array<std::uint8_t, 32> digest{};
  EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr);
  return to_hex(digest) == known.sha256 ? FileState::same : FileState::changed;
}

std::string read_document(const std::string& path, std::uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file < 0) throw UserError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  struct stat facts {};
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) throw UserError(fmt::format("{}: is no file", path));
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  if (size > limit) {
    throw UserError(fmt::format("{}: {} bytes are more than such a file has ({} at most)", path, size, limit));
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  const ssize_t got = read_fully(file, reinterpret_cast<std::uint8_t*>(text.data()), text.size());
  if (got < 0) throw UserError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  text.resize(static_cast<std::size_t>(got));
  return text;
}

}  // namespace tattle
