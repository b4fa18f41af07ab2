#include "report/utf8.h"

#include <cstdint>

#include "decode/token/text.h"

namespace tattle {
std::string to_utf8(std::string_view text, bool& lossy) {
  lossy = !is_utf8(as_bytes(text));
  return to_utf8(as_bytes(text));
}

std::string to_utf8(std::string_view text) {
  bool lossy = false;
  return to_utf8(text, lossy);
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
