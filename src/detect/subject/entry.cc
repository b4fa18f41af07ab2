#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/address.h"
#include "base/result.h"
#include "decode/token/text.h"
#include "detect/form/phone_spelling.h"
#include "detect/form/text_forms.h"
#include "detect/mask.h"
#include "detect/subject/datum.h"
#include "detect/subject/worth.h"
#include "detect/subject/yaml.h"

namespace tattle {
namespace {

constexpr double kUsualRadius = 250, kMostRadius = 50000;
constexpr std::size_t kMostTextBytes = 1 << 16;

double number(const SubjectSource& source, const YAML::Node& map, std::string_view field, double least, double most) {
  const std::string text = source.text(map, field);
  if (text.empty()) source.fail(map, field, "is missing; a location needs latitude and longitude in degrees");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= least && value <= most)) {
    source.fail(map[std::string(field)], field,
                fmt::format("'{}' is no number from {} to {}; write it in decimals with a point", text, least, most));
  }
  return value;
}

void read_place(const SubjectSource& source, const YAML::Node& node, Entry& entry) {
  Entry::Place place;
  place.latitude = number(source, node, "latitude", -90, 90);
  place.longitude = number(source, node, "longitude", -180, 180);
  place.radius_m = node["radius-m"] ? number(source, node, "radius-m", 1, kMostRadius) : kUsualRadius;
  entry.place = place;
  entry.display = fmt::format("{}, {} (within {} m)", place.latitude, place.longitude, place.radius_m);
  entry.masked = mask_place(place.latitude, place.longitude);
}

void read_photo(const SubjectSource& source, const YAML::Node& node, Entry::Part& part) {
  const std::filesystem::path path = std::filesystem::path(source.folder) / part.text;
  std::error_code error;
  std::ifstream in(path, std::ios::binary);
  if (!in || !std::filesystem::is_regular_file(path, error)) {
    source.fail(node, part.role, fmt::format("'{}' cannot be read; put the photo beside the subject file", part.text));
  }
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  part.size = bytes.size();
  constexpr std::pair<std::string_view, const EVP_MD* (*)()> kAlgorithms[] = {
      {"md5", EVP_md5}, {"sha1", EVP_sha1}, {"sha256", EVP_sha256}, {"sha512", EVP_sha512}};
  for (const auto& [form, algorithm] : kAlgorithms) {
    ByteVector digest(static_cast<std::size_t>(EVP_MD_get_size(algorithm())));
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm(), nullptr);
    if (form == "sha256") part.sha256 = digest;
    part.digests.push_back({form, std::move(digest)});
  }
  if (part.size < 64) source.fail(node, part.role, fmt::format("'{}' is no photo: it is too small", part.text));
}

void check_date(const SubjectSource& source, const YAML::Node& node, const Entry::Part& part) {
  const std::string& text = part.text;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' && digits_of(text).size() == 8;
  if (!shaped) source.fail(node, part.role, fmt::format("'{}' is no date; write it as 1985-03-14", text));
}

/// Fails on what cannot be such a value; warns of what looks mistyped.
void check_shape(const SubjectSource& source, const YAML::Node& node, Shape shape, const Entry::Part& part,
                 std::vector<std::string>& warnings) {
  const std::string& text = part.text;
  const std::string digits = digits_of(text);
  const auto warn = [&](std::string_view what) {
    warnings.push_back(fmt::format("{}:{}: {}: {}", source.shown, line_of(node), part.role, what));
  };
  switch (shape) {
    case Shape::imei:
      if (digits.size() < 14 || digits.size() > 16) {
        source.fail(node, part.role, "an IMEI has 15 digits; dial *#06# on the phone to see it");
      }
      if (digits.size() == 15 && !luhn_valid(digits)) warn("the IMEI's check digit is wrong; is a digit mistyped?");
      break;
    case Shape::meid:
      if (const std::size_t count = hex_digits_of(text).size(); count < 14 || count > 18) {
        source.fail(node, part.role,
                    "a MEID has 14 hexadecimal or 18 decimal digits; copy it from the phone's settings");
      }
      break;
    case Shape::imsi:
      if (digits.size() < 14 || digits.size() > 15 || digits.size() != text.size()) {
        source.fail(node, part.role, "an IMSI has 14 or 15 digits and nothing else; copy it from the SIM");
      }
      break;
    case Shape::iccid:
      if (digits.size() < 18 || digits.size() > 22) {
        source.fail(node, part.role, "an ICCID has 19 or 20 digits; copy it from the SIM card");
      }
      if (!luhn_valid(digits)) warn("the ICCID's check digit is wrong; is a digit mistyped?");
      break;
    case Shape::phone:
      if (digits.size() < 5 || digits.size() > 15) {
        source.fail(node, part.role, fmt::format("'{}' is no phone number; write it as +358 40 123 4567", text));
      }
      if (!text.starts_with('+') && !text.starts_with("00")) {
        warn("without its country code only this spelling is looked for; write the number with +");
      } else if (!is_valid_phone(text)) {
        warn("is in no country's numbering plan; is a digit mistyped?");
      }
      break;
    case Shape::email:
      if (const auto at = text.find('@'); at == 0 || at == std::string::npos || at + 1 == text.size() ||
                                          text.find_first_of(" \t") != std::string::npos) {
        source.fail(node, part.role, fmt::format("'{}' is no e-mail address; write it as name@example.com", text));
      }
      break;
    case Shape::mac:
      if (!MacAddress::parse(text)) {
        source.fail(node, part.role, fmt::format("'{}' is no MAC address; write it as 00:1A:2B:3C:4D:5E", text));
      }
      break;
    case Shape::url:
      if (!text.starts_with("http://") && !text.starts_with("https://")) {
        source.fail(node, part.role, fmt::format("'{}' is no web address; start it with https://", text));
      }
      break;
    case Shape::date:
      check_date(source, node, part);
      break;
    case Shape::text:
    case Shape::token:
    case Shape::correspondent:
    case Shape::file:
      break;
  }
}

void read_fields(const SubjectSource& source, const YAML::Node& node, const DatumRule& rule, Entry& entry,
                 std::vector<std::string>& warnings) {
  for (const FieldRule& field : rule.fields) {
    Entry::Part part{std::string(field.name), source.text(node, field.name), 0, {}};
    if (part.text.empty()) {
      if (field.required) source.fail(node, field.name, fmt::format("is missing; a datum {} needs it", rule.word));
      continue;
    }
    const YAML::Node at = node[part.role];
    if (part.text.size() > kMostTextBytes) source.fail(at, field.name, "is longer than 64 KiB; plant a shorter value");
    if (!is_utf8(as_bytes(part.text))) source.fail(at, field.name, "is not UTF-8; save the file as UTF-8");
    check_shape(source, at, field.shape, part, warnings);
    if (field.shape == Shape::file) {
      read_photo(source, at, part);
    } else if (std::string doubt = doubt_of(field.shape, part.text); !doubt.empty()) {
      warnings.push_back(fmt::format("{}:{}: {}: {}", source.shown, line_of(at), part.role, doubt));
    }
    entry.display += (entry.display.empty() ? "" : ", ") + part.text;
    entry.masked += (entry.masked.empty() ? "" : ", ") + mask_value(part.text);
    entry.parts.push_back(std::move(part));
  }
  if (!entry.parts.empty()) return;
  std::vector<std::string_view> names;
  for (const FieldRule& field : rule.fields) names.push_back(field.name);
  source.fail(node, rule.word, fmt::format("has no value; give it one of {}", fmt::join(names, ", ")));
}

const DatumRule& read_word(const SubjectSource& source, const YAML::Node& node) {
  const std::string word = source.text(node, "datum");
  if (word.empty()) source.fail(node, "datum", "is missing; say which kind of data it is, such as `datum: imei`");
  if (const DatumRule* rule = find_datum(word)) return *rule;
  std::vector<std::string_view> words;
  for (const DatumRule& rule : all_data()) words.push_back(rule.word);
  const std::string_view near = nearest_word(word, words);
  source.fail(node["datum"], "datum",
              fmt::format("'{}' is not known; {}use one of {}", word,
                          near.empty() ? "" : fmt::format("did you mean '{}'? Else ", near), fmt::join(words, ", ")));
}

}  // namespace

Entry read_entry(const SubjectSource& source, const YAML::Node& node, std::vector<std::string>& warnings) {
  if (!node.IsMap()) source.fail(node, "data", "an element is not a list of fields; write `- {datum: imei, value: …}`");
  const DatumRule& rule = read_word(source, node);
  std::vector<std::string_view> allowed{"datum", "name"};
  for (const FieldRule& field : rule.fields) {
    if (field.name != "name") allowed.push_back(field.name);
  }
  if (rule.fields.empty()) allowed.insert(allowed.end(), {"latitude", "longitude", "radius-m"});
  source.check_fields(node, rule.word, allowed);
  Entry entry;
  entry.datum = rule.word;
  entry.kind = rule.kind;
  entry.line = line_of(node);
  // A contact's name is private itself, so it does not name the entry.
  const bool name_is_data =
      std::any_of(rule.fields.begin(), rule.fields.end(), [](const FieldRule& field) { return field.name == "name"; });
  if (!name_is_data) entry.name = source.text(node, "name");
  if (rule.fields.empty()) {
    read_place(source, node, entry);
  } else {
    read_fields(source, node, rule, entry, warnings);
  }
  return entry;
}

}  // namespace tattle
