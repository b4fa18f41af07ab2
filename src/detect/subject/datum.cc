#include "detect/subject/datum.h"

#include <algorithm>
#include <cctype>

namespace tattle {
namespace {

std::vector<DatumRule> make_rules() {
  const FieldRule value{"value", Shape::text, true};
  const FieldRule token{"value", Shape::token, true};
  const FieldRule text{"value", Shape::text, false};
  const FieldRule from{"from", Shape::correspondent, false}, to{"to", Shape::correspondent, false};
  return {
      {"imei", "identifier", {{"value", Shape::imei, true}}, {"imei", "device", "meid"}},
      {"imei-like", "identifier", {{"value", Shape::meid, true}}, {"meid", "esn", "imei", "device"}},
      {"meid", "identifier", {{"value", Shape::meid, true}}, {"meid", "esn", "imei", "device"}},
      {"imsi", "identifier", {{"value", Shape::imsi, true}}, {"imsi", "subscriber", "sim"}},
      {"iccid", "identifier", {{"value", Shape::iccid, true}}, {"iccid", "sim", "uicc"}},
      {"serial-number", "identifier", {token}, {"serial", "device", "sn"}},
      {"device-id", "identifier", {token}, {"device", "udid", "uid", "guid"}},
      {"android-id", "identifier", {token}, {"android", "device", "ssaid"}},
      {"advertising-id", "identifier", {token}, {"adid", "idfa", "gaid", "aaid", "advertis", "ad_id", "rdid", "ifa"}},
      {"account-id", "account", {token}, {"account", "user", "uid", "puid", "cid", "member"}},
      {"username", "account", {token}, {"user", "login", "account", "nick", "handle"}},
      {"password", "credential", {value}, {"pass", "pwd", "secret", "pin"}},
      {"name", "identity", {value}, {"name", "first", "last", "family", "given", "user"}},
      {"birthday", "identity", {{"value", Shape::date, true}}, {"birth", "dob", "bday"}},
      {"phone-number",
       "contact-data",
       {{"value", Shape::phone, true}},
       {"phone", "tel", "msisdn", "mobile", "number", "cell", "login", "user"}},
      {"email", "contact-data", {{"value", Shape::email, true}}, {"mail", "login", "user", "account", "upn"}},
      {"address", "contact-data", {value}, {"address", "street", "addr", "city"}},
      {"contact",
       "contact-data",
       {{"name", Shape::text, false}, {"phone-number", Shape::phone, false}, {"email", Shape::email, false}},
       {"contact", "name", "phone", "tel", "mobile", "number", "mail", "vcard", "people"}},
      {"sms",
       "communication",
       {text, from, to},
       {"sms", "text", "body", "message", "msg", "from", "to", "sender", "recipient", "address", "number", "phone"}},
      {"call", "communication", {text, from, to}, {"call", "number", "phone", "from", "to", "tel", "caller", "callee"}},
      {"voicemail", "communication", {text, from, to}, {"voice", "number", "phone", "from", "to", "transcript"}},
      {"mail",
       "communication",
       {text, {"subject", Shape::text, false}, from, to},
       {"mail", "subject", "body", "from", "to", "sender", "recipient", "message"}},
      {"location", "location", {}, {"lat", "lon", "lng", "loc", "geo", "position", "coord", "gps", "point"}},
      {"wifi-network",
       "network",
       {{"ssid", Shape::text, false}, {"bssid", Shape::mac, false}},
       {"bssid", "ssid", "wifi", "wlan", "network", "accesspoint", "access_point", "mac", "ap"}},
      {"bluetooth", "network", {{"value", Shape::mac, true}}, {"bluetooth", "bt", "mac", "beacon", "device"}},
      {"mac-address", "network", {{"value", Shape::mac, true}}, {"mac", "wifi", "wlan", "hwaddr", "device"}},
      {"user-agent", "device", {value}, {"agent", "ua", "browser"}},
      {"device-name", "device", {value}, {"host", "name", "device", "dhcp", "mdns", "fqdn", "netbios"}},
      {"photo", "content", {{"file", Shape::file, true}}, {"photo", "image", "picture", "file", "upload"}},
      {"calendar", "content", {value}, {"calendar", "event", "summary", "title", "subject"}},
      {"note", "content", {value}, {"note", "text", "memo", "body"}},
      {"clipboard", "content", {value}, {"clip", "paste", "text"}},
      {"search", "browsing", {value}, {"q", "query", "search", "term", "keyword"}},
      {"browsing",
       "browsing",
       {{"url", Shape::url, true}},
       {"url", "referer", "referrer", "page", "uri", "link", "href"}},
      {"custom", "custom", {token}, {}},
  };
}

std::string only(std::string_view text, int (*wanted)(int)) {
  std::string kept;
  for (char c : text) {
    if (wanted(static_cast<unsigned char>(c)) != 0) kept.push_back(c);
  }
  return kept;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const DatumRule> all_data() {
  static const std::vector<DatumRule> rules = make_rules();
  return rules;
}

const DatumRule* find_datum(std::string_view word) {
  for (const DatumRule& rule : all_data()) {
    if (rule.word == word) return &rule;
  }
  return nullptr;
}

Shape shape_of(std::string_view datum, std::string_view role) {
  if (const DatumRule* rule = find_datum(datum)) {
    for (const FieldRule& field : rule->fields) {
      if (field.name == role) return field.shape;
    }
  }
  return Shape::text;
}

std::string_view nearest_word(std::string_view typed, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, typed.size() / 3) + 1;
  if (typed.size() > 64) return best;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(typed, candidate);
    if (distance < least && distance < candidate.size()) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

char luhn_digit(std::string_view digits) {
  int sum = 0;
  bool twice = true;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
    int digit = *at - '0';
    if (twice) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
    twice = !twice;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool luhn_valid(std::string_view digits) {
  if (digits.size() < 2) return false;
  const bool all = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return all && luhn_digit(digits.substr(0, digits.size() - 1)) == digits.back();
}

std::string digits_of(std::string_view text) {
  return only(text, [](int c) { return c >= '0' && c <= '9' ? 1 : 0; });
}

std::string hex_digits_of(std::string_view text) { return only(text, std::isxdigit); }

}  // namespace tattle
