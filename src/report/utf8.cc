#include "report/utf8.h"

#include <cstdint>

namespace tattle {
namespace {

struct Lead {
  std::size_t size;              // of the whole sequence; 0: never a first byte
  std::uint8_t lowest, highest;  // of the second byte
};

/// Unicode 15, table 3-7: well-formed UTF-8 byte sequences.
Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xc2) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte < 0xf0) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte < 0xf4) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

std::string to_utf8(std::string_view text, bool& lossy) {
  std::string out;
  out.reserve(text.size());
  lossy = false;
  for (std::size_t at = 0; at < text.size();) {
    const Lead lead = lead_of(static_cast<std::uint8_t>(text[at]));
    std::size_t good = 1;
    while (good < lead.size && at + good < text.size()) {
      const auto byte = static_cast<std::uint8_t>(text[at + good]);
      const std::uint8_t lowest = good == 1 ? lead.lowest : 0x80, highest = good == 1 ? lead.highest : 0xbf;
      if (byte < lowest || byte > highest) break;
      ++good;
    }
    if (lead.size != 0 && good == lead.size) {
      out += text.substr(at, good);
    } else {
      out += "\xef\xbf\xbd";
      lossy = true;
    }
    at += good;
  }
  return out;
}

std::string to_base64(Bytes bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < here ? bytes[at + i] : 0u);
    for (std::size_t i = 0; i < 4; ++i) {
      out.push_back(i <= here ? kAlphabet[group >> (18 - 6 * i) & 63] : '=');
    }
  }
  return out;
}

}  // namespace tattle
