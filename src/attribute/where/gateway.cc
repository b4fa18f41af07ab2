#include "attribute/where/gateway.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/result.h"

namespace tattle {
namespace {

/// From the middle of a cell of one degree to its corner, at most: half the diagonal of a square whose side is the
/// longest degree there is (111.7 km) is 79 km.
constexpr double kCellSpreadKm = 80;

std::optional<double> degrees(std::string_view text, double most) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  if (value < -most || value > most) return std::nullopt;
  return value;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

}  // namespace

std::shared_ptr<const Gateway> Gateway::parse(std::string_view text, std::shared_ptr<const CountryAreas> areas) {
  const std::shared_ptr<Gateway> gateway(new Gateway);
  gateway->areas_ = std::move(areas);
  if (const std::size_t comma = text.find(','); comma != text.npos) {
    const auto latitude = degrees(text.substr(0, comma), 90), longitude = degrees(text.substr(comma + 1), 180);
    if (latitude && longitude) {
      gateway->points_.push_back({*latitude, *longitude});
      return gateway;
    }
  } else if (text.size() == 2) {
    gateway->country_ = {upper(text[0]), upper(text[1])};
    if (const std::vector<GeoBox>* boxes = gateway->areas_->find(gateway->country_)) {
      for (const GeoBox& box : *boxes) {
        for (double west = box.west; west < box.east; ++west) {
          gateway->points_.push_back({box.south + 0.5, west + 0.5});
        }
      }
      gateway->spread_km_ = kCellSpreadKm;
      return gateway;
    }
  }
  if (gateway->country_ == "UK") throw UserError("--gateway UK: the United Kingdom's code is GB (ISO 3166-1)");
  throw UserError(
      fmt::format("--gateway {}: neither latitude and longitude in degrees (60.17,24.94) nor a country (FI)", text));
}

std::optional<double> Gateway::least_km_to(std::string_view country) const {
  const std::vector<GeoBox>* boxes = areas_->find(country);
  if (boxes == nullptr || boxes->empty()) return std::nullopt;
  if (country == country_) return 0;
  if (const auto known = known_.find(country); known != known_.end()) return known->second;
  double least = std::numeric_limits<double>::infinity();
  for (const GeoPoint& point : points_) {
    for (const GeoBox& box : *boxes) least = std::min(least, least_km(point, box));
  }
  least = std::max(0.0, least - spread_km_);
  known_.emplace(country, least);
  return least;
}

}  // namespace tattle
