#include "detect/inferred.h"

#include <fmt/format.h>
#include <unicode/uloc.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string>
#include <unordered_set>

#include "base/address.h"
#include "detect/form/phone_spelling.h"
#include "detect/subject/datum.h"

namespace tattle {
namespace {

using Kind = InferredKey::Kind;

constexpr std::array kKeys{
    InferredKey{"mail", Kind::email},
    InferredKey{"user", Kind::email},
    InferredKey{"login", Kind::email},
    InferredKey{"account", Kind::email},
    InferredKey{"contact", Kind::email},
    InferredKey{"sender", Kind::email},
    InferredKey{"recipient", Kind::email},
    InferredKey{"from", Kind::email},
    InferredKey{"imei", Kind::imei},
    InferredKey{"deviceid", Kind::imei},
    InferredKey{"device_id", Kind::imei},
    InferredKey{"device-id", Kind::imei},
    InferredKey{"phone", Kind::phone},
    InferredKey{"msisdn", Kind::phone},
    InferredKey{"tel", Kind::phone},
    InferredKey{"mobile", Kind::phone},
    InferredKey{"mac", Kind::mac},
    InferredKey{"macaddr", Kind::mac},
    InferredKey{"bssid", Kind::mac},
    InferredKey{"wifi", Kind::mac},
    InferredKey{"wlan", Kind::mac},
    InferredKey{"adid", Kind::advertising_id},
    InferredKey{"idfa", Kind::advertising_id},
    InferredKey{"gaid", Kind::advertising_id},
    InferredKey{"aaid", Kind::advertising_id},
    InferredKey{"rdid", Kind::advertising_id},
    InferredKey{"advertisingid", Kind::advertising_id},
    InferredKey{"advertising_id", Kind::advertising_id},
    InferredKey{"advertising-id", Kind::advertising_id},
    InferredKey{"ad_id", Kind::advertising_id},
    InferredKey{"lat", Kind::latitude},
    InferredKey{"latitude", Kind::latitude},
    InferredKey{"lon", Kind::longitude},
    InferredKey{"lng", Kind::longitude},
    InferredKey{"long", Kind::longitude},
    InferredKey{"longitude", Kind::longitude},
};

// Generic top-level domains in wide use; two letters are checked against the countries.
constexpr std::array<std::string_view, 36> kDomains{
    "com",  "net",   "org",   "edu",    "gov",   "mil",  "int",    "info",    "biz",   "name", "pro",  "mobi",
    "asia", "app",   "dev",   "cloud",  "email", "xyz",  "online", "site",    "shop",  "club", "tech", "live",
    "life", "today", "world", "agency", "group", "blog", "store",  "digital", "media", "work", "page", "coop"};

constexpr std::size_t kPlaceDistance = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool is_alnum(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// Whether [begin, end) is a whole word of a key: `lat`, `user_lat`, `userLat`, `lat1`; not `template`.
// Words of four letters and more may be run together with others: `phonenumber`.
bool stands_alone(std::string_view in, std::size_t begin, std::size_t end) {
  if (begin > 0 && is_alnum(in[begin - 1]) && !(is_upper(in[begin]) && is_lower(in[begin - 1]))) return false;
  return end >= in.size() || !is_lower(in[end]);
}
bool is_word(std::string_view in, std::size_t begin, std::size_t end) {
  return end - begin >= 4 || stands_alone(in, begin, end);
}

// Where the value of the key that holds the word ending at `end` begins: `"key": "VALUE`, `key=VALUE`, `<key>VALUE`.
std::optional<std::size_t> value_after(std::string_view in, std::size_t end) {
  std::size_t at = end;
  const auto skip = [&](std::uint8_t any, std::size_t most) {
    for (; most > 0 && at < in.size() && (kAround[static_cast<std::uint8_t>(in[at])] & any); --most) ++at;
  };
  skip(kInName, kMostBehindWord);
  skip(kBeforeColon, kMostBeforeColon);
  if (at >= in.size() || (in[at] != ':' && in[at] != '=' && in[at] != '>')) return std::nullopt;
  ++at;
  skip(kBeforeValue, 6);
  return at < in.size() ? std::optional(at) : std::nullopt;
}

bool ends_value(std::string_view in, std::size_t end) {
  return end >= in.size() || std::string_view("\"'\\&;,<> \t\r\n}])").find(in[end]) != std::string_view::npos;
}

bool plausible_top_level(std::string_view domain) {
  static const std::unordered_set<std::string> countries = [] {
    std::unordered_set<std::string> set{"eu", "uk", "su"};
    for (const char* const* code = uloc_getISOCountries(); *code != nullptr; ++code) {
      std::string lower(*code);
      for (char& c : lower) c = static_cast<char>(c | 0x20);
      set.insert(lower);
    }
    return set;
  }();
  std::string lower(domain);
  for (char& c : lower) c = static_cast<char>(is_upper(c) ? c + 32 : c);
  if (lower.size() == 2) return countries.contains(lower);
  return std::find(kDomains.begin(), kDomains.end(), lower) != kDomains.end();
}

bool valid_domain(std::string_view domain) {
  const auto dot = domain.rfind('.');
  if (dot == std::string_view::npos || domain.size() > 253 || !plausible_top_level(domain.substr(dot + 1)))
    return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i < domain.size(); ++i) {
    if (domain[i] != '.') {
      if (domain[i] == '-' && (label == 0 || i + 1 == domain.size() || domain[i + 1] == '.')) return false;
      ++label;
    } else {
      if (label == 0 || label > 63) return false;
      label = 0;
    }
  }
  return dot >= 2;
}

std::size_t email_end(std::string_view in, std::size_t begin) {
  const auto run = [&](std::size_t from, std::string_view extra) {
    while (from < in.size() && from - begin < 320 && (is_alnum(in[from]) || extra.find(in[from]) != extra.npos)) ++from;
    return from;
  };
  const std::size_t at = run(begin, "._%+-");
  if (at == begin || at - begin > 64 || at >= in.size() || in[at] != '@' || !is_alnum(in[begin])) return begin;
  const std::size_t end = run(at + 1, ".-");
  return end > at + 1 && valid_domain(in.substr(at + 1, end - at - 1)) ? end : begin;
}

std::size_t imei_end(std::string_view in, std::size_t begin) {
  std::size_t end = begin;
  while (end < in.size() && is_digit(in[end]) && end - begin < 16) ++end;
  const std::string_view digits = in.substr(begin, end - begin);
  if (digits.size() != 15 || !luhn_valid(digits)) return begin;
  // The reporting bodies that ever allocated type codes (GSMA TS.06), and no placeholder of few digits.
  const int body = (digits[0] - '0') * 10 + (digits[1] - '0');
  if (body == 0 || (body > 1 && body < 10)) return begin;
  std::array<bool, 10> seen{};
  for (char c : digits) seen[static_cast<std::size_t>(c - '0')] = true;
  return std::count(seen.begin(), seen.end(), true) >= 4 ? end : begin;
}

std::size_t phone_end(std::string_view in, std::size_t begin) {
  if (in[begin] != '+') return begin;
  std::size_t end = begin + 1, digits = 0;
  for (; end < in.size() && end - begin < 24; ++end) {
    if (is_digit(in[end])) {
      ++digits;
    } else if (in[end] != ' ' && in[end] != '-') {
      break;
    }
  }
  while (end > begin && !is_digit(in[end - 1])) --end;
  if (digits < 8 || digits > 15) return begin;
  return is_valid_phone(in.substr(begin, end - begin)) ? end : begin;
}

std::size_t mac_end(std::string_view in, std::size_t begin) {
  if (in.size() - begin < 17) return begin;
  const std::string_view text = in.substr(begin, 17);
  for (std::size_t i = 0; i < 17; ++i) {
    const bool separator = i % 3 == 2;
    if (separator ? (text[i] != ':' && text[i] != '-') || text[i] != text[2] : !is_hex(text[i])) return begin;
  }
  const auto mac = MacAddress::parse(text);
  if (!mac || (mac->bytes[0] & 1) != 0) return begin;
  // What systems answer to applications that may not know it: 02:00:00:00:00:00, and zeros.
  const bool empty = std::all_of(mac->bytes.begin() + 1, mac->bytes.end(), [](std::uint8_t b) { return b == 0; });
  return empty ? begin : begin + 17;
}

std::size_t uuid_end(std::string_view in, std::size_t begin) {
  if (in.size() - begin < 36) return begin;
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < 36; ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? in[begin + i] != '-' : !is_hex(in[begin + i])) return begin;
    zeros += in[begin + i] == '0' ? 1 : 0;
  }
  return zeros > 20 ? begin : begin + 36;
}

// Spellings that only a key of one meaning alone explains: a subscriber's number without +, a MAC without separators.
std::size_t bare_end(std::string_view in, std::size_t begin, std::string_view literal) {
  const auto run = [&](bool (*wanted)(char)) {
    std::size_t end = begin;
    while (end < in.size() && end - begin < 17 && wanted(in[end])) ++end;
    return end;
  };
  if (literal == "msisdn") {
    const std::size_t end = run(is_digit);
    const bool plausible = end - begin >= 8 && end - begin <= 15 && in[begin] != '0';
    return plausible && is_valid_phone("+" + std::string(in.substr(begin, end - begin))) ? end : begin;
  }
  if (literal != "bssid" && literal != "macaddr") return begin;
  const std::size_t end = run(is_hex);
  if (end - begin != 12) return begin;
  std::string text;
  for (std::size_t at = begin; at < end; at += 2) {
    text += (at > begin ? ":" : "") + std::string(in.substr(at, 2));
  }
  return mac_end(text, 0) == text.size() ? end : begin;
}

std::size_t shape_end(std::string_view in, std::size_t begin, Kind kind) {
  switch (kind) {
    case Kind::email:
      return email_end(in, begin);
    case Kind::imei:
      return imei_end(in, begin);
    case Kind::phone:
      return phone_end(in, begin);
    case Kind::mac:
      return mac_end(in, begin);
    case Kind::advertising_id:
      return uuid_end(in, begin);
    case Kind::latitude:
    case Kind::longitude:
      break;
  }
  return begin;
}

// Probabilities are rough: what a random text of such characters has to hit, without its key.
Inferred inferred(std::size_t begin, std::size_t end, const InferredKey& key) {
  Inferred found{"", begin, end, -30, fmt::format("key with '{}'", key.literal)};
  switch (key.kind) {
    case Kind::email:
      found.datum = "email";
      break;
    case Kind::imei:
      found.datum = "imei";
      break;
    case Kind::phone:
      found.datum = "phone-number";
      break;
    case Kind::mac:
      found.datum = "mac-address";
      break;
    case Kind::advertising_id:
      found.datum = "advertising-id";
      break;
    case Kind::latitude:
    case Kind::longitude:
      found.datum = "location";
      break;
  }
  return found;
}

}  // namespace

std::span<const InferredKey> inferred_keys() { return kKeys; }

std::optional<Inferred> examine_key(std::string_view in, std::size_t begin, std::size_t end, const InferredKey& key) {
  if (!is_word(in, begin, end)) return std::nullopt;
  const auto start = value_after(in, end);
  if (!start) return std::nullopt;
  std::size_t value_end = shape_end(in, *start, key.kind);
  if (value_end == *start) value_end = bare_end(in, *start, key.literal);
  if (value_end == *start || !ends_value(in, value_end)) return std::nullopt;
  return inferred(*start, value_end, key);
}

std::optional<Kind> whole_shape(std::string_view value) {
  constexpr std::size_t kLeast = 6, kMost = 256;
  if (value.size() < kLeast || value.size() > kMost) return std::nullopt;
  // None of them begins or ends otherwise.
  if ((!is_alnum(value[0]) && value[0] != '+') || !is_alnum(value.back())) return std::nullopt;
  for (Kind kind : {Kind::email, Kind::imei, Kind::phone, Kind::mac, Kind::advertising_id}) {
    if (shape_end(value, 0, kind) == value.size()) return kind;
  }
  return std::nullopt;
}

std::optional<Inferred> examine_whole(std::string_view value, Kind kind, std::string_view name) {
  for (const InferredKey& key : kKeys) {
    if (key.kind != kind) continue;
    for (std::size_t at = 0; at + key.literal.size() <= name.size(); ++at) {
      const bool same =
          std::equal(key.literal.begin(), key.literal.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
                     [](char a, char b) { return a == (is_upper(b) ? b + 32 : b); });
      if (same && is_word(name, at, at + key.literal.size())) return inferred(0, value.size(), key);
    }
  }
  return std::nullopt;
}

std::optional<Degrees> keyed_degrees(std::string_view in, std::size_t begin, std::size_t end) {
  // `long` is met in many words: `longTask`.
  const std::size_t size = end - begin;
  if (size > 4 ? !is_word(in, begin, end) : !stands_alone(in, begin, end)) return std::nullopt;
  if (size == 4 && end < in.size() && is_upper(in[end])) return std::nullopt;
  const auto start = value_after(in, end);
  if (!start) return std::nullopt;
  std::size_t at = *start;
  if (in[at] == '-') ++at;
  if (at >= in.size() || !is_digit(in[at])) return std::nullopt;
  const auto degrees = parse_degrees(in, at);
  if (!degrees || !ends_value(in, degrees->end) || degrees->begin > at) return std::nullopt;
  return degrees;
}

std::vector<Inferred> infer_places(const std::vector<Degrees>& latitudes, const std::vector<Degrees>& longitudes) {
  std::vector<Inferred> found;
  std::vector<bool> used(longitudes.size());
  std::size_t first = 0;
  for (const Degrees& latitude : latitudes) {
    if (std::abs(latitude.value) > 90) continue;
    while (first < longitudes.size() && longitudes[first].end + kPlaceDistance < latitude.begin) ++first;
    for (std::size_t i = first; i < longitudes.size(); ++i) {
      const Degrees& longitude = longitudes[i];
      if (longitude.begin > latitude.end + kPlaceDistance) break;
      if (used[i] || std::abs(longitude.value) > 180 || (latitude.value == 0 && longitude.value == 0)) continue;
      used[i] = true;
      found.push_back({"location", std::min(latitude.begin, longitude.begin), std::max(latitude.end, longitude.end),
                       -30, "keys for latitude and longitude"});
      break;
    }
  }
  return found;
}

}  // namespace tattle
