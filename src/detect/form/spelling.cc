#include "detect/form/spelling.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "base/address.h"
#include "detect/form/phone_spelling.h"
#include "detect/form/text_forms.h"

namespace tattle {
namespace {

// Texts of this length are told apart without looking at their edges.
constexpr std::size_t kUnmistakableCharacters = 32;
constexpr std::size_t kBeginningCharacters = 60;

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return lower;
}

class Collector {
 public:
  explicit Collector(bool ignore_case) : ignore_case_(ignore_case) {}
  void add(std::string text, std::string_view name, Edge edge = Edge::none, bool host_name = false) {
    if (text.empty() || !seen_.insert(ignore_case_ ? ascii_lower(text) : text).second) return;
    list.push_back({std::move(text), name, edge, host_name});
  }
  std::vector<Spelling> list;

 private:
  bool ignore_case_;
  std::unordered_set<std::string> seen_;
};

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(from)) {
      out += to;
      at += from.size();
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::string grouped(std::string_view digits, std::initializer_list<std::size_t> sizes, char separator) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t size : sizes) {
    if (at >= digits.size()) break;
    if (at > 0 && separator != '\0') out += separator;
    out += digits.substr(at, size);
    at += size;
  }
  if (at < digits.size()) out += digits.substr(at);
  return out;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

std::string_view trimmed_braces(std::string_view text) {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') return text.substr(1, 36);
  return text;
}

bool all_hex(std::string_view text) { return !text.empty() && hex_digits_of(text).size() == text.size(); }
bool all_digits(std::string_view text) { return !text.empty() && digits_of(text).size() == text.size(); }

// Unicode's two ways of writing accents, and cases of letters outside ASCII.
void add_text(Collector& out, std::string_view text, std::string_view name, Edge edge) {
  out.add(std::string(text), name, edge);
  if (text.find('\n') != std::string_view::npos) {
    const std::string unix_lines = replace_all(text, "\r\n", "\n");
    out.add(unix_lines, "line ends", edge);
    out.add(replace_all(unix_lines, "\n", "\r\n"), "line ends", edge);
    out.add(replace_all(unix_lines, "\n", " "), "line ends", edge);
  }
  if (is_ascii(text)) return;
  out.add(to_nfc(text), "composed accents", edge);
  out.add(to_nfd(text), "decomposed accents", edge);
  for (const std::string& cased : {to_lower(text), to_upper(text)}) {
    const std::string_view case_name = cased == to_lower(text) ? "lower case" : "upper case";
    out.add(to_nfc(cased), case_name, edge);
    out.add(to_nfd(cased), case_name, edge);
  }
}

void add_plain_text(Collector& out, std::string_view text) {
  const std::size_t length = character_count(text);
  const Edge edge = length < kUnmistakableCharacters ? Edge::word : Edge::none;
  add_text(out, text, "as planted", edge);
  if (length > kBeginningCharacters + 10) {
    add_text(out, first_characters(text, kBeginningCharacters), "its beginning", Edge::none);
  }
}

void add_mac(Collector& out, std::string_view text) {
  const auto mac = MacAddress::parse(text);
  if (!mac) return out.add(std::string(text), "as planted", Edge::word);
  const std::string colons = to_string(*mac), digits = hex_digits_of(colons);
  out.add(colons, "with colons", Edge::hex);
  out.add(replace_all(colons, ":", "-"), "with hyphens", Edge::hex);
  out.add(replace_all(colons, ":", "."), "with dots", Edge::hex);
  out.add(replace_all(colons, ":", " "), "with spaces", Edge::hex);
  out.add(digits, "without separators", Edge::hex);
  out.add(grouped(digits, {4, 4, 4}, '.'), "in dotted fours", Edge::hex);
  std::string short_form;  // as printf("%x") writes it: without leading zeros
  for (std::uint8_t byte : mac->bytes) {
    static constexpr char kHex[] = "0123456789abcdef";
    if (!short_form.empty()) short_form += ':';
    if (byte >= 16) short_form += kHex[byte >> 4];
    short_form += kHex[byte & 15];
  }
  out.add(short_form, "without leading zeros", Edge::hex);
}

void add_imei(Collector& out, std::string_view text) {
  const std::string digits = digits_of(text);
  out.add(digits, "digits only", Edge::digit);
  if (digits.size() != 15) return;
  for (char separator : {'-', ' ', '.', '/'}) {
    out.add(grouped(digits, {2, 6, 6, 1}, separator), "with separators", Edge::digit);
    out.add(grouped(digits, {6, 2, 6, 1}, separator), "with separators", Edge::digit);
    out.add(grouped(digits, {8, 6, 1}, separator), "with separators", Edge::digit);
  }
  out.add(digits.substr(0, 14), "without check digit", Edge::imei14);
}

void add_token(Collector& out, std::string_view text) {
  const std::string_view bare = trimmed_braces(text);
  if (is_uuid(bare)) {
    out.add(std::string(bare), "with hyphens", Edge::hex);
    out.add(hex_digits_of(bare), "without hyphens", Edge::hex);
    return;
  }
  if (text.size() == 17 && MacAddress::parse(text)) return add_mac(out, text);
  if (all_digits(text)) return out.add(std::string(text), "as planted", Edge::digit);
  if (all_hex(text) && text.size() >= 12) return out.add(std::string(text), "as planted", Edge::hex);
  add_plain_text(out, text);
}

struct UrlParts {
  std::string_view scheme, host, path;
};

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    parts.scheme = url.substr(0, scheme);
    url.remove_prefix(scheme + 3);
  }
  const auto slash = url.find_first_of("/?#");
  parts.host = url.substr(0, slash);
  if (slash != std::string_view::npos) parts.path = url.substr(slash);
  return parts;
}

void add_url(Collector& out, std::string_view url) {
  const UrlParts parts = split_url(url);
  const std::string host(parts.host);
  if (parts.path.empty() || parts.path == "/") {
    // Only a host: its address with a scheme is the page, its name alone is not.
    for (const char* scheme : {"https://", "http://"}) {
      out.add(scheme + host + "/", "as planted", Edge::url);
      out.add(scheme + host, "without its slash", Edge::url);
    }
  } else {
    out.add(host + std::string(parts.path), "without its scheme", Edge::url);
    if (parts.path.back() == '/') {
      out.add(host + std::string(parts.path.substr(0, parts.path.size() - 1)), "without its slash", Edge::url);
    }
  }
  const auto colon = parts.host.rfind(':');
  out.add(std::string(parts.host.substr(0, colon)), "host name", Edge::host, true);
}

struct Date {
  std::string year, month, day;
};

// YYYY-MM-DD; the loader has checked it.
Date split_date(std::string_view text) {
  const std::string digits = digits_of(text);
  if (digits.size() != 8) return {};
  return {digits.substr(0, 4), digits.substr(4, 2), digits.substr(6, 2)};
}

void add_date(Collector& out, std::string_view text) {
  const Date d = split_date(text);
  if (d.year.empty()) return out.add(std::string(text), "as planted", Edge::word);
  const auto bare = [](const std::string& two) { return two[0] == '0' ? two.substr(1) : two; };
  out.add(d.year + "-" + d.month + "-" + d.day, "year first", Edge::digit);
  out.add(d.year + "/" + d.month + "/" + d.day, "year first", Edge::digit);
  out.add(d.year + d.month + d.day, "digits only", Edge::digit);
  for (const char* separator : {".", "/", "-"}) {
    out.add(d.day + separator + d.month + separator + d.year, "day first", Edge::digit);
    out.add(bare(d.day) + separator + bare(d.month) + separator + d.year, "day first", Edge::digit);
    out.add(d.month + separator + d.day + separator + d.year, "month first", Edge::digit);
    out.add(bare(d.month) + separator + bare(d.day) + separator + d.year, "month first", Edge::digit);
  }
}

void add_phone(Collector& out, std::string_view text) {
  for (PhoneSpelling& spelling : phone_spellings(text, PhoneSpellings::all))
    out.add(std::move(spelling.text), spelling.name, Edge::digit);
}

Shape resolved(Shape shape, std::string_view text) {
  if (shape != Shape::correspondent) return shape;
  return text.find('@') != std::string_view::npos    ? Shape::email
         : digits_of(text).size() * 2 >= text.size() ? Shape::phone
                                                     : Shape::text;
}

// What people hash: the value as it is, in one case, and without what separates its parts.
void add_hashed(Collector& out, std::string_view text, std::string_view name) {
  out.add(std::string(text), name);
  out.add(to_lower(text), "lower case");
  out.add(to_upper(text), "upper case");
}

}  // namespace

std::vector<Spelling> plain_spellings(Shape shape, std::string_view text) {
  Collector out(true);
  switch (resolved(shape, text)) {
    case Shape::correspondent:
    case Shape::text:
      add_plain_text(out, text);
      break;
    case Shape::token:
      add_token(out, text);
      break;
    case Shape::imei:
      add_imei(out, text);
      break;
    case Shape::meid:
      out.add(std::string(text), "as planted", Edge::hex);
      out.add(hex_digits_of(text), "without separators", Edge::hex);
      break;
    case Shape::imsi:
      out.add(digits_of(text), "digits only", Edge::digit);
      break;
    case Shape::iccid: {
      const std::string digits = digits_of(text);
      out.add(digits, "digits only", Edge::digit);
      out.add(grouped(digits, {4, 4, 4, 4, 4}, ' '), "with separators", Edge::digit);
      out.add(grouped(digits, {4, 4, 4, 4, 4}, '-'), "with separators", Edge::digit);
      break;
    }
    case Shape::phone:
      add_phone(out, text);
      break;
    case Shape::email:
      add_text(out, text, "as planted", Edge::email);
      break;
    case Shape::mac:
      add_mac(out, text);
      break;
    case Shape::url:
      add_url(out, text);
      break;
    case Shape::date:
      add_date(out, text);
      break;
    case Shape::file:
      break;
  }
  for (Spelling& spelling : out.list) {
    if (spelling.text == text) spelling.name = "as planted";
  }
  std::stable_partition(out.list.begin(), out.list.end(), [](const Spelling& s) { return s.name == "as planted"; });
  return std::move(out.list);
}

std::vector<Spelling> hashed_spellings(Shape shape, std::string_view text) {
  Collector out(false);
  shape = resolved(shape, text);
  if (shape == Shape::file) return {};
  add_hashed(out, text, "as planted");
  const auto binary = binary_spellings(shape, text);
  if (shape == Shape::url) {
    const UrlParts parts = split_url(text);
    const std::string bare = std::string(parts.host) + std::string(parts.path);
    add_hashed(out, bare, "without its scheme");
    for (const char* scheme : {"https://", "http://"}) {
      add_hashed(out, scheme + bare, "with another scheme");
      if (parts.path.empty()) add_hashed(out, scheme + bare + "/", "with a slash");
      if (bare.ends_with('/')) add_hashed(out, scheme + bare.substr(0, bare.size() - 1), "without its slash");
    }
  } else if (shape == Shape::text || shape == Shape::token || shape == Shape::email) {
    for (const std::string& form : {to_nfc(text), to_nfd(text)}) add_hashed(out, form, "accents");
    if (is_uuid(trimmed_braces(text))) {
      add_hashed(out, trimmed_braces(text), "with hyphens");
      add_hashed(out, hex_digits_of(text), "without hyphens");
      add_hashed(out, "{" + std::string(trimmed_braces(text)) + "}", "with braces");
    } else if (is_ascii(text)) {
      std::string joined;
      std::copy_if(text.begin(), text.end(), std::back_inserter(joined),
                   [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
      add_hashed(out, joined, "without spaces");
    }
  } else if (shape == Shape::phone) {
    for (const PhoneSpelling& spelling : phone_spellings(text, PhoneSpellings::standard)) {
      out.add(spelling.text, spelling.name);
    }
  } else {
    for (const Spelling& spelling : plain_spellings(shape, text)) add_hashed(out, spelling.text, spelling.name);
  }
  for (const Spelling& spelling : binary) out.add(spelling.text, spelling.name);
  if (shape == Shape::mac || (shape == Shape::token && text.size() == 17)) {
    if (const auto mac = MacAddress::parse(text)) out.add({mac->bytes.begin(), mac->bytes.end()}, "6 bytes");
  }
  return std::move(out.list);
}

std::vector<Spelling> binary_spellings(Shape shape, std::string_view text) {
  Collector out(false);
  if (shape != Shape::token && shape != Shape::meid) return {};
  const std::string_view bare = trimmed_braces(text);
  const std::string digits = hex_digits_of(bare);
  const bool uuid = is_uuid(bare);
  if (!uuid && (digits.size() != bare.size() || digits.size() < 16 || digits.size() % 2 != 0)) return {};
  if (!uuid && all_digits(bare)) return {};
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  out.add(bytes, uuid ? "16 bytes" : "bytes");
  if (uuid) {
    // Microsoft's GUID: the first three fields are little-endian.
    std::reverse(bytes.begin(), bytes.begin() + 4);
    std::reverse(bytes.begin() + 4, bytes.begin() + 6);
    std::reverse(bytes.begin() + 6, bytes.begin() + 8);
    out.add(bytes, "16 bytes, mixed-endian");
  }
  return std::move(out.list);
}

}  // namespace tattle
