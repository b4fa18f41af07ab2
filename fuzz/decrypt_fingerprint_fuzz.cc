// ClientHellos: a fingerprint has JA4's shape, and all but its first letter does not depend on what carried the hello.

#include <cstddef>
#include <cstdint>

#include "decrypt/fingerprint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  const std::string ja4 = ja4_of({data, size}, HelloCarrier::tls);
  const std::string quic = ja4_of({data, size}, HelloCarrier::quic);
  if (ja4.empty() != quic.empty()) __builtin_trap();
  if (ja4.empty()) return 0;
  if (ja4.size() != 36 || ja4[0] != 't' || ja4[10] != '_' || ja4[23] != '_') __builtin_trap();
  if (quic[0] != 'q' || ja4.substr(1) != quic.substr(1)) __builtin_trap();
  for (const char c : ja4) {
    if (c != '_' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) __builtin_trap();
  }
  return 0;
}
