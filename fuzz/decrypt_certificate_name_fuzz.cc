// Certificates: a name that comes out is a host name, and it stands in the bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "decrypt/keys/certificate_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string name = tattle::single_certificate_name({data, size});
  if (name.empty()) return 0;
  if (name.find('.') == name.npos || name.find('\0') != name.npos || name.size() > 253) __builtin_trap();
  const auto same = [](std::uint8_t byte, char c) {
    return byte == static_cast<std::uint8_t>(c) || (c >= 'a' && c <= 'z' && byte == static_cast<std::uint8_t>(c - 32));
  };
  if (std::search(data, data + size, name.begin(), name.end(), same) == data + size) __builtin_trap();
  return 0;
}
