#include "decode/json/path.h"

#include <cstring>

#include "decode/token/text.h"

namespace tattle {
namespace {

bool is_identifier(std::string_view text) {
  if (text.empty() || is_digit(text[0])) return false;
  for (char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !is_digit(c) && c != '_' && c != '$') return false;
  }
  return true;
}

// Four hexadecimal digits, or -1.
int code_unit(Bytes raw, std::size_t at) {
  if (at + 4 > raw.size()) return -1;
  int unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int digit = hex_value(raw[at + i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

std::size_t put_utf8(std::uint32_t point, std::uint8_t* out) {
  auto byte = [](std::uint32_t bits) { return static_cast<std::uint8_t>(bits); };
  if (point < 0x80) {
    out[0] = byte(point);
    return 1;
  }
  if (point < 0x800) {
    out[0] = byte(0xc0 | point >> 6);
    out[1] = byte(0x80 | (point & 0x3f));
    return 2;
  }
  if (point < 0x10000) {
    out[0] = byte(0xe0 | point >> 12);
    out[1] = byte(0x80 | (point >> 6 & 0x3f));
    out[2] = byte(0x80 | (point & 0x3f));
    return 3;
  }
  out[0] = byte(0xf0 | point >> 18);
  out[1] = byte(0x80 | (point >> 12 & 0x3f));
  out[2] = byte(0x80 | (point >> 6 & 0x3f));
  out[3] = byte(0x80 | (point & 0x3f));
  return 4;
}

// Reads what follows `\u` at `at` and moves past it; -1 when that is no escape.
std::int64_t code_point(Bytes raw, std::size_t& at) {
  const int unit = code_unit(raw, at);
  if (unit < 0) return -1;
  at += 4;
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit < 0xdc00 && at + 2 <= raw.size() && raw[at] == '\\' && raw[at + 1] == 'u') {
    const int low = code_unit(raw, at + 2);
    if (low >= 0xdc00 && low <= 0xdfff) {
      at += 6;
      return 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
    }
  }
  return 0xfffd;
}

}  // namespace

std::size_t unescape_json(Bytes raw, std::uint8_t* out) {
  constexpr std::string_view kNames = "bfnrt", kMeans = "\b\f\n\r\t";
  std::size_t size = 0, at = 0;
  while (at < raw.size()) {
    const void* found = std::memchr(raw.data() + at, '\\', raw.size() - at);
    const std::size_t plain =
        found ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - raw.data()) - at : raw.size() - at;
    std::memcpy(out + size, raw.data() + at, plain);
    size += plain;
    at += plain;
    if (!found) break;
    if (at + 1 == raw.size()) {  // a lone backslash where the text was cut
      out[size++] = raw[at++];
      break;
    }
    const char name = static_cast<char>(raw[at + 1]);
    at += 2;
    if (name == 'u') {
      const std::int64_t point = code_point(raw, at);
      size += point < 0 ? (out[size] = '\\', out[size + 1] = 'u', 2)
                        : put_utf8(static_cast<std::uint32_t>(point), out + size);
      continue;
    }
    const auto known = kNames.find(name);
    out[size++] = static_cast<std::uint8_t>(known == std::string_view::npos ? name : kMeans[known]);
  }
  return size;
}

std::string JsonPath::detail() const {
  std::string path = "$";
  for (const Frame& frame : frames) {
    if (frame.array) {
      path += "[*]";
      continue;
    }
    ByteVector plain(frame.key.size());
    plain.resize(unescape_json(frame.key, plain.data()));
    const std::string key = to_utf8(plain);
    if (is_identifier(key)) {
      path += '.';
      path += key;
      continue;
    }
    path += "['";
    for (char c : key) {
      if (c == '\'' || c == '\\') path += '\\';
      path += c;
    }
    path += "']";
  }
  return path;
}

}  // namespace tattle
