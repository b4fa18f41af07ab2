#include "capture/import/text.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace tattle {
namespace {

constexpr std::int64_t kSecond = 1000000000;

// Takes `count` digits off the front.
bool digits(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
  if (error != std::errc{} || end != text.data() + count || value < 0) return false;
  text.remove_prefix(count);
  return true;
}

bool letter(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Nanoseconds of a fraction; finer digits are cut off.
std::int64_t fraction(std::string_view& text) {
  std::int64_t value = 0, unit = kSecond;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    unit /= 10;
    value += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

}  // namespace

std::optional<Time> parse_iso_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!digits(text, 4, year) || !letter(text, "-") || !digits(text, 2, month) || !letter(text, "-") ||
      !digits(text, 2, day) || !letter(text, "Tt ") || !digits(text, 2, hour) || !letter(text, ":") ||
      !digits(text, 2, minute)) {
    return std::nullopt;
  }
  std::int64_t part = 0;
  if (letter(text, ":")) {
    if (!digits(text, 2, second)) return std::nullopt;
    if (letter(text, ".,")) part = fraction(text);
  }
  std::int64_t offset_minutes = 0;
  const bool west = !text.empty() && text.front() == '-';
  if (letter(text, "+-")) {
    int hours = 0, minutes = 0;
    if (!digits(text, 2, hours)) return std::nullopt;
    letter(text, ":");
    if (!text.empty() && !digits(text, 2, minutes)) return std::nullopt;
    offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
  } else {
    letter(text, "Zz");
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  // Year 1 is what .NET writes for "never"; the other end is that of a count of nanoseconds.
  if (!text.empty() || !date.ok() || year < 1970 || year > 2261 || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = days * 86400 + hour * 3600 + (minute - offset_minutes) * 60 + second;
  return Time{seconds * kSecond + part};
}

std::optional<Time> time_of_seconds(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 9.2e9) return std::nullopt;
  return Time{static_cast<std::int64_t>(std::llround(seconds * 1e6)) * 1000};
}

std::optional<ByteVector> decode_base64(std::string_view text) {
  std::string clean;
  clean.reserve(text.size() + 3);
  for (char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '=') continue;
    clean += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  const std::size_t left = clean.size() % 4;
  if (left == 1 || clean.size() > (std::size_t{1} << 30)) return std::nullopt;
  const std::size_t pads = left == 0 ? 0 : 4 - left;
  clean.append(pads, '=');
  ByteVector bytes(clean.size() / 4 * 3);
  if (clean.empty()) return bytes;
  const int size = EVP_DecodeBlock(bytes.data(), as_bytes(clean).data(), static_cast<int>(clean.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - pads);
  return bytes;
}

std::string_view http_protocol(std::string_view version) {
  const std::string name = lower(version);
  const auto starts = [&](std::initializer_list<std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](auto prefix) { return name.starts_with(prefix); });
  };
  if (starts({"http/1", "http1"})) return "http/1.1";
  if (starts({"http/3", "h3", "http3"})) return "http/3";
  if (name.find("quic") != std::string::npos) return "http";  // HTTP over the older QUIC, by no RFC
  if (starts({"http/2", "h2", "http2", "spdy"})) return name.starts_with("spdy") ? "http" : "http/2";
  return "http";
}

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  const auto mark = url.find("://");
  if (mark == std::string_view::npos || mark == 0) return parts;
  parts.scheme = url.substr(0, mark);
  parts.authority = url.substr(mark + 3);
  parts.authority = parts.authority.substr(0, parts.authority.find_first_of("/?#"));
  if (const auto at = parts.authority.rfind('@'); at != std::string_view::npos) parts.authority.remove_prefix(at + 1);
  parts.host = parts.authority;
  const auto colon = parts.authority.rfind(':');
  const auto bracket = parts.authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = parts.authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parts.port);
    if (error != std::errc{} || end != port.data() + port.size()) parts.port = 0;
    parts.host = parts.authority.substr(0, colon);
  }
  if (parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']') {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  const std::string scheme = lower(parts.scheme);
  if (parts.port == 0 && (scheme == "https" || scheme == "wss")) parts.port = 443;
  if (parts.port == 0 && (scheme == "http" || scheme == "ws")) parts.port = 80;
  return parts;
}

}  // namespace tattle
