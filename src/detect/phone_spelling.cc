#include "detect/phone_spelling.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

#include "detect/datum.h"
#include "detect/spelling.h"

namespace tattle {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

// The shortest national number that is looked for without anything that says its country.
constexpr std::size_t kLeastNationalDigits = 9;

bool parse(std::string_view text, PhoneNumber& number) {
  std::string written(text);
  if (written.starts_with("00")) written = "+" + written.substr(2);
  if (!written.starts_with('+') || written.size() > 40) return false;
  const auto error = PhoneNumberUtil::GetInstance()->Parse(written, "ZZ", &number);
  return error == PhoneNumberUtil::NO_PARSING_ERROR;
}

std::string formatted(const PhoneNumber& number, PhoneNumberUtil::PhoneNumberFormat format) {
  std::string out;
  PhoneNumberUtil::GetInstance()->Format(number, format, &out);
  return out;
}

// Groups of digits (and a leading +) joined by one separator.
std::string joined(std::string_view text, std::string_view separator) {
  std::string out;
  bool pending = false;
  for (char c : text) {
    if ((c < '0' || c > '9') && c != '+') {
      pending = !out.empty();
      continue;
    }
    if (pending) out += separator;
    pending = false;
    out += c;
  }
  return out;
}

void add_separated(std::vector<PhoneSpelling>& out, const std::string& text, std::string_view name) {
  out.push_back({text, name});
  for (const char* separator : {" ", "-", "."}) out.push_back({joined(text, separator), name});
}

}  // namespace

std::vector<PhoneSpelling> phone_spellings(std::string_view text) {
  std::vector<PhoneSpelling> out{{std::string(text), "as planted"}};
  PhoneNumber number;
  const std::string digits = digits_of(text);
  if (!parse(text, number)) {
    out.push_back({digits, "digits only"});
    return out;
  }
  const std::string plus = formatted(number, PhoneNumberUtil::E164);
  const std::string international = formatted(number, PhoneNumberUtil::INTERNATIONAL);
  const std::string national = formatted(number, PhoneNumberUtil::NATIONAL);
  std::string rfc3966 = formatted(number, PhoneNumberUtil::RFC3966);
  if (rfc3966.starts_with("tel:")) rfc3966.erase(0, 4);
  out.push_back({plus, "E.164"});
  out.push_back({plus.substr(1), "without +"});
  out.push_back({"00" + plus.substr(1), "with 00"});
  out.push_back({rfc3966, "RFC 3966"});
  add_separated(out, international, "international");
  add_separated(out, std::string(text), "international");
  add_separated(out, international.substr(1), "without +");
  std::string significant;
  PhoneNumberUtil::GetInstance()->GetNationalSignificantNumber(number, &significant);
  const std::string national_digits = digits_of(national);
  add_separated(out, national, "national");
  out.push_back({national_digits, "national"});
  if (significant.size() >= kLeastNationalDigits) out.push_back({significant, "without country code"});
  std::erase_if(out, [](const PhoneSpelling& spelling) { return digits_of(spelling.text).size() < 5; });
  return out;
}

std::string e164(std::string_view text) {
  PhoneNumber number;
  if (!parse(text, number) || !PhoneNumberUtil::GetInstance()->IsValidNumber(number)) return {};
  return formatted(number, PhoneNumberUtil::E164);
}

bool is_valid_phone(std::string_view text) { return !e164(text).empty(); }

}  // namespace tattle
