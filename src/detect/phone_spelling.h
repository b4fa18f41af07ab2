#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tattle {

struct PhoneSpelling {
  std::string text;
  std::string_view name;  // a string literal
};

/// How a telephone number is written: E.164 with and without `+` and with `00`, RFC 3966, international and national
/// with the usual separators, and without its country code. A number without a country has fewer.
std::vector<PhoneSpelling> phone_spellings(std::string_view text);

/// Whether `text` is a valid number with its country (`+…`).
bool is_valid_phone(std::string_view text);

}  // namespace tattle
