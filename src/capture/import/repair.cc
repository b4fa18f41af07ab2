#include "capture/import/repair.h"

#include <fmt/format.h>

#include <charconv>

namespace tattle {
namespace {

// The size of the well-formed UTF-8 sequence at the front; 0 when there is none. RFC 3629 section 4.
std::size_t utf8_size(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool second = (first != 0xe0 || at(1) >= 0xa0) && (first != 0xed || at(1) <= 0x9f);
    return second && tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool second = (first != 0xf0 || at(1) >= 0x90) && (first != 0xf4 || at(1) <= 0x8f);
    return second && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

// The code unit of `\uXXXX` at the front; -1 when there is none.
int escaped_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  int unit = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return error == std::errc{} && end == text.data() + 6 && unit >= 0 ? unit : -1;
}

// U+10FF80 to U+10FFFF stand for bytes 80 to FF.
std::string mark(unsigned byte) { return fmt::format("\\udbff\\udf{:02x}", byte); }

template <class Text>
void unmark(Text& text) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) {
      return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
    };
    if (byte(0) == 0xf4 && byte(1) == 0x8f && (byte(2) == 0xbe || byte(2) == 0xbf) && (byte(3) & 0xc0) == 0x80) {
      const unsigned stray = (byte(2) == 0xbe ? 0x80 : 0xc0) | (byte(3) & 0x3f);
      text[out++] = static_cast<typename Text::value_type>(stray);
      at += 4;
    } else {
      text[out++] = text[at++];
    }
  }
  text.resize(out);
}

}  // namespace

Repaired repair_json_text(Bytes json) {
  Repaired result;
  result.json.reserve(json.size() + 64);
  std::string_view left = as_text(json);
  while (!left.empty()) {
    std::size_t taken = utf8_size(left);
    if (taken == 0) {
      result.json += mark(static_cast<unsigned char>(left[0]));
      result.marked = true;
      taken = 1;
    } else if (left[0] != '\\') {
      result.json.append(left.substr(0, taken));
    } else if (const int unit = escaped_unit(left); unit >= 0xd800 && unit <= 0xdfff) {
      const int next = unit <= 0xdbff ? escaped_unit(left.substr(6)) : -1;
      taken = 6;
      if (next >= 0xdc00 && next <= 0xdfff) {
        taken = 12;
        result.json.append(left.substr(0, taken));
      } else if (unit >= 0xdc80 && unit <= 0xdcff) {
        result.json += mark(static_cast<unsigned>(unit - 0xdc00));
        result.marked = true;
      } else {
        result.json += "\\ufffd";
      }
    } else {
      taken = std::min<std::size_t>(2, left.size());
      if (taken == 2 && static_cast<unsigned char>(left[1]) >= 0x80) taken = 1;
      result.json.append(left.substr(0, taken));
    }
    left.remove_prefix(taken);
  }
  return result;
}

void unmark_bytes(std::string& text) { unmark(text); }
void unmark_bytes(ByteVector& bytes) { unmark(bytes); }

}  // namespace tattle
