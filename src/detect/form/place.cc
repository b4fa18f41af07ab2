#include "detect/form/place.h"

#include <fmt/format.h>

#include <GeographicLib/Geodesic.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

namespace tattle {
namespace {

constexpr std::size_t kPairDistance = 200;
constexpr int kLeastDecimals = 3;
constexpr double kMetresPerDegree = 111320;
constexpr double kEarthSquareMetres = 5.10e14;
constexpr std::size_t kMostPrefixes = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string> prefixes(double centre, double reach) {
  double low = std::abs(centre) - reach, high = std::abs(centre) + reach;
  if (low < 0) low = 0;
  std::vector<std::string> out;
  for (int decimals = 2; decimals >= 0; --decimals) {
    const double scale = std::pow(10, decimals);
    const auto first = static_cast<long>(std::floor(low * scale)), last = static_cast<long>(std::floor(high * scale));
    if (decimals > 0 && static_cast<std::size_t>(last - first) >= kMostPrefixes) continue;
    for (long step = first; step <= last; ++step) {
      const long unit = std::lround(scale);
      out.push_back(decimals == 0 ? fmt::format("{}.", step)
                                  : fmt::format("{}.{:0{}}", step / unit, step % unit, decimals));
    }
    break;
  }
  return out;
}

double rounding_degrees(int decimals) { return 0.5 * std::pow(10, -decimals); }

// A comma is a decimal one only when it cannot separate two numbers of a list.
bool is_decimal_comma(std::string_view in, std::size_t begin, std::size_t end, int decimals) {
  constexpr int kLeastCommaDecimals = 4;
  const auto listed = [](char c) { return c == ',' || c == '[' || c == ']' || c == '(' || c == ')'; };
  while (begin > 0 && (in[begin - 1] == ' ' || in[begin - 1] == '-' || in[begin - 1] == '\n')) --begin;
  while (end < in.size() && (in[end] == ' ' || in[end] == '\n')) ++end;
  return decimals >= kLeastCommaDecimals && (begin == 0 || !listed(in[begin - 1])) &&
         (end >= in.size() || !listed(in[end]));
}

// `33.85S`, `33.85 S`, `33.85° S` and `S 33.85`, `S33.85`: whether the letter of the southern or western half goes with
// the number at [begin, end).
bool hemisphere(std::string_view in, std::size_t begin, std::size_t end) {
  constexpr std::string_view kDegree = "\xc2\xb0";
  const auto alone = [&](std::size_t at) {
    const auto letter = [&](std::size_t i) {
      return i < in.size() && std::isalnum(static_cast<unsigned char>(in[i])) != 0;
    };
    return at < in.size() && (in[at] == 'S' || in[at] == 'W') && !letter(at + 1) &&
           (at == end || at == 0 || !letter(at - 1));
  };
  std::size_t after = end;
  if (in.substr(std::min(after, in.size())).starts_with(kDegree)) after += kDegree.size();
  if (after < in.size() && in[after] == ' ') ++after;
  if (alone(after)) return true;
  std::size_t before = begin;
  const bool apart = before > 0 && in[before - 1] == ' ';
  if (apart) --before;
  if (before == 0) return false;
  --before;
  const bool word = before > 0 && std::isalnum(static_cast<unsigned char>(in[before - 1])) != 0;
  // `10 S 24.9`: the letter is the number's before it.
  const bool of_another = apart && before > 1 && in[before - 1] == ' ' && is_digit(in[before - 2]);
  return (in[before] == 'S' || in[before] == 'W') && !word && !of_another;
}

// ISO 6709 writes `+60.16952+024.93545/` and `-22.95191-043.21049/`: every number with its sign.
bool follows_signed_number(std::string_view in, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 24 && (is_digit(in[begin - 1]) || in[begin - 1] == '.')) --begin;
  return begin < at && begin > 0 && (in[begin - 1] == '+' || in[begin - 1] == '-') &&
         (begin == 1 || !std::isalnum(static_cast<unsigned char>(in[begin - 2])));
}

std::string keys_near(std::string_view in, const Degrees& latitude, const Degrees& longitude) {
  const std::size_t begin = std::min(latitude.begin, longitude.begin);
  const std::size_t end = std::max(latitude.end, longitude.end);
  const std::size_t from = begin > 48 ? begin - 48 : 0;
  std::string around;
  for (char c : in.substr(from, end - from)) around += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (std::string_view word : {"lat", "lon", "lng", "loc", "geo", "position", "coord", "gps"}) {
    if (around.find(word) != std::string::npos) return fmt::format("key with '{}'", word);
  }
  // `60.16952,24.93545` and the like: nothing but one separator between them.
  const std::size_t gap_begin = std::min(latitude.end, longitude.end);
  const std::size_t gap_end = std::max(latitude.begin, longitude.begin);
  const std::string_view gap = in.substr(gap_begin, gap_end > gap_begin ? gap_end - gap_begin : 0);
  if (gap.size() <= 2 && gap.find_first_not_of(",; |/") == std::string_view::npos) return "adjacent pair";
  return {};
}

}  // namespace

std::optional<Degrees> parse_degrees(std::string_view in, std::size_t at) {
  Degrees out;
  out.begin = at;
  while (out.begin > 0 && in[out.begin - 1] == '0' && at - out.begin < 3) --out.begin;
  if (out.begin > 0) {
    const char before = in[out.begin - 1];
    if (is_digit(before)) return std::nullopt;
    if (std::isalpha(static_cast<unsigned char>(before)) != 0) {
      const bool hemispheres = std::string_view("NSEW").find(before) != std::string_view::npos;
      if (!hemispheres || (out.begin > 1 && std::isalnum(static_cast<unsigned char>(in[out.begin - 2])) != 0)) {
        return std::nullopt;
      }
    }
    if (before == '.') return std::nullopt;
  }
  std::size_t end = at;
  std::string number;
  while (end < in.size() && is_digit(in[end]) && end - at < 4) number += in[end++];
  if (number.empty() || end - at > 3 || end >= in.size() || (in[end] != '.' && in[end] != ',')) return std::nullopt;
  number += '.';
  const std::size_t fraction = ++end;
  while (end < in.size() && is_digit(in[end])) {
    if (number.size() < 24) number += in[end];
    ++end;
  }
  out.decimals = static_cast<int>(std::min<std::size_t>(end - fraction, 15));
  if (out.decimals < kLeastDecimals || end - fraction > 20) return std::nullopt;
  if (end < in.size()) {
    const char after = in[end];
    if (std::isalpha(static_cast<unsigned char>(after)) != 0 && after != 'N' && after != 'S' && after != 'E' &&
        after != 'W') {
      return std::nullopt;
    }
    if (after == 'E' && end + 1 < in.size() && (is_digit(in[end + 1]) || in[end + 1] == '-' || in[end + 1] == '+')) {
      return std::nullopt;
    }
    if (after == '.' && end + 1 < in.size() && is_digit(in[end + 1])) return std::nullopt;
  }
  const bool opposite = hemisphere(in, out.begin, end);
  if (in[fraction - 1] == ',' && !is_decimal_comma(in, out.begin, end, out.decimals)) return std::nullopt;
  std::from_chars(number.data(), number.data() + number.size(), out.value);
  if (out.begin > 0 && in[out.begin - 1] == '-') {
    // A hyphen after a digit joins two numbers, as in a range; it is no sign.
    if (out.begin > 1 && (is_digit(in[out.begin - 2]) || in[out.begin - 2] == '.') &&
        !follows_signed_number(in, out.begin - 1)) {
      return std::nullopt;
    }
    --out.begin;
    out.value = -out.value;
  } else if (opposite) {
    out.value = -out.value;
  }
  out.end = end;
  return out;
}

std::vector<std::string> latitude_prefixes(const Entry::Place& place) {
  return prefixes(place.latitude, place.radius_m / kMetresPerDegree * 1.02 + rounding_degrees(kLeastDecimals));
}

std::vector<std::string> longitude_prefixes(const Entry::Place& place) {
  const double shrink = std::max(0.01, std::cos(place.latitude * std::numbers::pi / 180));
  return prefixes(place.longitude, std::min(180.0, place.radius_m / kMetresPerDegree / shrink * 1.02 +
                                                       rounding_degrees(kLeastDecimals)));
}

bool within(const Entry::Place& place, const Degrees& latitude, const Degrees& longitude) {
  if (std::abs(latitude.value) > 90 || std::abs(longitude.value) > 180) return false;
  double metres = 0;
  GeographicLib::Geodesic::WGS84().Inverse(place.latitude, place.longitude, latitude.value, longitude.value, metres);
  const double north = rounding_degrees(latitude.decimals) * kMetresPerDegree;
  const double east =
      rounding_degrees(longitude.decimals) * kMetresPerDegree * std::cos(place.latitude * std::numbers::pi / 180);
  return metres <= place.radius_m + std::hypot(north, east);
}

std::vector<PlacePair> pair_up(std::string_view in, const std::vector<Degrees>& latitudes,
                               const std::vector<Degrees>& longitudes, const Entry::Place& place) {
  std::vector<PlacePair> pairs;
  std::vector<bool> used(longitudes.size());
  std::size_t first = 0;
  for (const Degrees& latitude : latitudes) {
    while (first < longitudes.size() && longitudes[first].end + kPairDistance < latitude.begin) ++first;
    std::size_t best = longitudes.size(), least = kPairDistance + 1;
    for (std::size_t i = first; i < longitudes.size() && longitudes[i].begin <= latitude.end + kPairDistance; ++i) {
      const Degrees& longitude = longitudes[i];
      if (used[i] || (longitude.begin < latitude.end && latitude.begin < longitude.end)) continue;
      const bool after = longitude.begin >= latitude.end;
      const std::size_t distance = after ? longitude.begin - latitude.end : latitude.begin - longitude.end;
      if (distance < least && within(place, latitude, longitude)) {
        least = distance;
        best = i;
      }
    }
    if (best == longitudes.size()) continue;
    used[best] = true;
    pairs.push_back({latitude, longitudes[best], keys_near(in, latitude, longitudes[best])});
  }
  return pairs;
}

double log2_probability(const Entry::Place& place) {
  const double area = std::numbers::pi * place.radius_m * place.radius_m;
  return std::log2(area / kEarthSquareMetres) - std::log2(14.0);
}

}  // namespace tattle
