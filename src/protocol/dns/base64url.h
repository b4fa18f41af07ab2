#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// What base64url (RFC 4648 section 5), or base64, stands for, up to the first character that is neither.
inline ByteVector decode_base64url(std::string_view text) {
  ByteVector bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char each : text) {
    int value = -1;
    if (each >= 'A' && each <= 'Z') value = each - 'A';
    if (each >= 'a' && each <= 'z') value = each - 'a' + 26;
    if (each >= '0' && each <= '9') value = each - '0' + 52;
    if (each == '-' || each == '+') value = 62;
    if (each == '_' || each == '/') value = 63;
    if (value < 0) break;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return bytes;
}

}  // namespace tattle
