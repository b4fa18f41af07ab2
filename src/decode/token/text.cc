#include "decode/token/text.h"

#include <simdjson.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace tattle {

bool is_utf8(Bytes bytes) { return simdjson::validate_utf8(as_text(bytes).data(), bytes.size()); }

std::string to_utf8(Bytes bytes) {
  if (is_utf8(bytes)) return std::string(as_text(bytes));
  std::string out;
  out.reserve(bytes.size() + 16);
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t begin = at;
    UChar32 point = 0;
    U8_NEXT(bytes.data(), at, bytes.size(), point);
    if (point < 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += as_text(bytes.subspan(begin, at - begin));
    }
  }
  return out;
}

namespace {

bool holds_controls(Bytes bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) {
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
  });
}

}  // namespace

bool is_plain_text(Bytes bytes) { return !holds_controls(bytes) && is_utf8(bytes); }

bool starts_plain_text(Bytes bytes) {
  if (holds_controls(bytes)) return false;
  // The last character is left out unless it is ASCII: it may be cut.
  std::size_t end = bytes.size();
  for (int back = 0; back < 3 && end > 0 && (bytes[end - 1] & 0xc0) == 0x80; ++back) --end;
  if (end > 0 && bytes[end - 1] >= 0xc0) --end;
  return is_utf8(bytes.first(end));
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace tattle
