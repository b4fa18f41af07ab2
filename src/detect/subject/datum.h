#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tattle {

/// How a value is written, and so in which spellings it travels.
enum class Shape : std::uint8_t {
  text,
  token,
  imei,
  meid,
  imsi,
  iccid,
  phone,
  email,
  correspondent,
  mac,
  url,
  date,
  file
};

/// A field that a datum may have in the subject file.
struct FieldRule {
  std::string_view name;
  Shape shape = Shape::text;
  bool required = false;
};

/// A word that a subject file may use after `datum:`.
struct DatumRule {
  std::string_view word;
  std::string_view kind;
  std::vector<FieldRule> fields;          // besides `datum` and `name`; when none is required, one of them is
  std::vector<std::string_view> context;  // lower-case words in a key's name that support a match
};

/// All of them, in the order in which an error lists them. `location` has its own fields and stands here without any.
std::span<const DatumRule> all_data();

/// nullptr when there is no such word.
const DatumRule* find_datum(std::string_view word);

/// Shape of a field; text when the datum or the field is not known.
Shape shape_of(std::string_view datum, std::string_view role);

/// The candidate nearest to a mistyped word, or empty when none is near.
std::string_view nearest_word(std::string_view typed, std::span<const std::string_view> candidates);

/// Check digit of ISO/IEC 7812-1 annex B over a run of decimal digits, the last one being the check digit.
bool luhn_valid(std::string_view digits);
/// The check digit that completes `digits`.
char luhn_digit(std::string_view digits);

/// The decimal digits of a text.
std::string digits_of(std::string_view text);
/// The hexadecimal digits of a text.
std::string hex_digits_of(std::string_view text);

}  // namespace tattle
