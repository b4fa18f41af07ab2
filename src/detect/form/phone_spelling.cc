#include "detect/form/phone_spelling.h"

#include <fmt/format.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

#include "detect/form/spelling.h"
#include "detect/subject/datum.h"

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

using Groups = std::vector<std::string>;

// The runs of digits of a number's national part, as somebody grouped it; empty when it is not in `text`.
Groups national_groups(std::string_view text, const std::string& country_code, const std::string& significant) {
  Groups groups;
  bool inside = false;
  for (char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !inside) groups.emplace_back();
    if (digit) groups.back() += c;
    inside = digit;
  }
  if (!groups.empty() && groups.front().starts_with("00")) groups.front().erase(0, 2);
  if (!groups.empty() && groups.front().empty()) groups.erase(groups.begin());
  if (!groups.empty() && groups.front() == country_code) groups.erase(groups.begin());
  if (!groups.empty() && groups.front() == "0") groups.erase(groups.begin());
  std::string all;
  for (const std::string& group : groups) all += group;
  return all == significant ? groups : Groups();
}

std::string joined_groups(const Groups& groups, std::size_t from, std::string_view separator) {
  std::string out;
  for (std::size_t i = from; i < groups.size(); ++i) out += (i > from ? std::string(separator) : "") + groups[i];
  return out;
}

// How people part an area or operator code from the rest. Few, since a subject may have thousands of contacts.
std::vector<std::string> written(const Groups& groups, bool national) {
  std::vector<std::string> out;
  for (const char* separator : {" ", "-", "."}) out.push_back(joined_groups(groups, 0, separator));
  if (groups.size() < 2) return out;
  if (national) {
    for (const char* inner : {" ", ""}) {
      for (const char* outer : {"-", "/"}) out.push_back(groups[0] + outer + joined_groups(groups, 1, inner));
    }
  }
  for (const char* inner : {" ", "-"}) {
    for (const char* outer : {") ", ")"}) out.push_back("(" + groups[0] + outer + joined_groups(groups, 1, inner));
  }
  return out;
}

// Customs that E.164 and its formatters do not know: `040-123 4567`, `030/23125456`, `+44 (0)7700 900123`.
void add_customary(std::vector<PhoneSpelling>& out, const Groups& groups, const std::string& trunk,
                   const std::string& country_code) {
  if (groups.empty()) return;
  Groups national = groups;
  national[0].insert(0, trunk);
  for (std::string& text : written(national, true)) out.push_back({std::move(text), "national"});
  const std::string spaced = joined_groups(groups, 0, " ");
  out.push_back({"00" + country_code + " " + spaced, "with 00"});
  if (trunk.empty()) {
    for (const std::string& text : written(groups, false)) {
      out.push_back({fmt::format("+{} {}", country_code, text), "international"});
    }
  } else {
    out.push_back({"+" + country_code + " (" + trunk + ")" + spaced, "international"});
    out.push_back({"+" + country_code + " (" + trunk + ") " + spaced, "international"});
  }
}

void add_separated(std::vector<PhoneSpelling>& out, const std::string& text, std::string_view name) {
  out.push_back({text, name});
  for (const char* separator : {" ", "-", "."}) out.push_back({joined(text, separator), name});
}

}  // namespace

std::vector<PhoneSpelling> phone_spellings(std::string_view text, PhoneSpellings which) {
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
  if (which == PhoneSpellings::all) {
    const std::string code = std::to_string(number.country_code());
    const bool prefixed = national_digits.ends_with(significant);
    const std::string trunk = prefixed ? national_digits.substr(0, national_digits.size() - significant.size()) : "";
    for (std::string_view shown : {std::string_view(text), std::string_view(international)}) {
      add_customary(out, national_groups(shown, code, significant), trunk, code);
    }
  }
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
