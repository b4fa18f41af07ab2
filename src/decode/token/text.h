#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "decode/value.h"

namespace tattle {

bool is_utf8(Bytes bytes);
/// UTF-8 with U+FFFD for what is not (one for each maximal malformed part).
std::string to_utf8(Bytes bytes);
/// Whether all of it is UTF-8 text without control characters other than tab and line ends.
bool is_plain_text(Bytes bytes);
/// The same of the first bytes of a longer text, whose last character may be cut.
bool starts_plain_text(Bytes bytes);
std::string lower_case(std::string_view text);  // ASCII only
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);  // spaces and tabs

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline int hex_value(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// A detail that is text met in the traffic, as its bytes are: a field's name, a parameter's.
class TextDetail : public DetailSource {
 public:
  explicit TextDetail(std::string_view text) : text_(text) {}
  std::string detail() const override { return std::string(text_); }

 private:
  std::string_view text_;
};

/// The same for field names, which are compared without regard to case and so printed in lower case.
class NameDetail : public DetailSource {
 public:
  explicit NameDetail(std::string_view name) : name_(name) {}
  std::string detail() const override { return lower_case(name_); }

 private:
  std::string_view name_;
};

}  // namespace tattle
