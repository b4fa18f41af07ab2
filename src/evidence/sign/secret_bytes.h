#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// Memory for passwords and secret keys: kept off the swap where the system allows, with guard pages around it, and
/// wiped at the end of its life (libsodium's sodium_malloc). Moves; never copies.
class SecretBytes {
 public:
  SecretBytes() = default;
  /// Zeros.
  explicit SecretBytes(std::size_t size);
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;

  std::uint8_t* data() { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Live as long as this object.
  Bytes bytes() const { return {data_, size_}; }
  std::string_view text() const { return as_text(bytes()); }
  /// Keeps the first `size` bytes; the rest is wiped with them in the end.
  void shrink(std::size_t size);

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A small file with a secret in it.
/// @throws UserError  It cannot be read, or is larger than `limit`.
SecretBytes read_secret_file(const std::string& path, std::size_t limit);

/// Makes libsodium ready; to be called before anything of it. Cheap when called again.
/// @throws std::runtime_error  There is no source of random numbers.
void start_sodium();

}  // namespace tattle
