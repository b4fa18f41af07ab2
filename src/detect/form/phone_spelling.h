#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tattle {

struct PhoneSpelling {
  std::string text;
  std::string_view name;  // a string literal
};

enum class PhoneSpellings : std::uint8_t {
  standard,  // what programs write, and so what is hashed
  all,       // what people write as well
};

/// How a telephone number is written: E.164 with and without `+` and with `00`, RFC 3966, international and national
/// with the usual separators, and without its country code; all of them also in the groups in which it was planted,
/// with an area code in brackets or cut off by a hyphen or slash. A number without a country has fewer.
std::vector<PhoneSpelling> phone_spellings(std::string_view text, PhoneSpellings which);

/// Whether `text` is a valid number with its country (`+…`).
bool is_valid_phone(std::string_view text);

}  // namespace tattle
