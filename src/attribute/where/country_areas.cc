#include "attribute/where/country_areas.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <sstream>

#include "attribute/facts/fact_file.h"
#include "base/result.h"

namespace tattle {
namespace {

constexpr double kLeastRadiusKm = 6335.4;

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

/// The angle between two points of a sphere, in radians; haversines, which stay exact for small ones.
double angle(double latitude_a, double latitude_b, double longitudes_apart) {
  const double up = std::sin((latitude_b - latitude_a) / 2), along = std::sin(longitudes_apart / 2);
  const double h = up * up + std::cos(latitude_a) * std::cos(latitude_b) * along * along;
  return 2 * std::asin(std::min(1.0, std::sqrt(h)));
}

/// Between a point and a piece of a meridian: at the foot of the perpendicular, where the piece has it, else at an end.
double angle_to_meridian(double latitude, double longitudes_apart, double south, double north) {
  double least = std::min(angle(latitude, south, longitudes_apart), angle(latitude, north, longitudes_apart));
  if (std::cos(longitudes_apart) > 0) {
    const double foot = std::atan(std::tan(latitude) / std::cos(longitudes_apart));
    if (foot > south && foot < north) least = std::min(least, angle(latitude, foot, longitudes_apart));
  }
  return least;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// `SOUTH/WEST/EAST`.
std::optional<GeoBox> row_of(std::string_view text) {
  const std::size_t first = text.find('/'), second = text.find('/', first == text.npos ? first : first + 1);
  if (second == text.npos) return std::nullopt;
  const auto south = whole_number(text.substr(0, first)),
             west = whole_number(text.substr(first + 1, second - first - 1)),
             east = whole_number(text.substr(second + 1));
  if (!south || !west || !east || *south < -90 || *south > 89 || *west < -180 || *east > 180 || *west >= *east) {
    return std::nullopt;
  }
  return GeoBox{double(*south), double(*west), double(*south + 1), double(*east)};
}

}  // namespace

double least_km(GeoPoint point, const GeoBox& box) {
  const double latitude = radians(point.latitude), south = radians(box.south), north = radians(box.north);
  if (point.longitude >= box.west && point.longitude <= box.east) {
    return kLeastRadiusKm * std::max({0.0, south - latitude, latitude - north});
  }
  // Along a parallel, what is further east or west is further away, so that one of the two meridians is nearest.
  const double west = angle_to_meridian(latitude, radians(box.west - point.longitude), south, north);
  const double east = angle_to_meridian(latitude, radians(box.east - point.longitude), south, north);
  return kLeastRadiusKm * std::min(west, east);
}

std::shared_ptr<const CountryAreas> CountryAreas::load(const std::string& path) {
  auto areas = std::make_shared<CountryAreas>();
  if (path.empty()) return areas;
  const FactText facts(path);
  std::istringstream file{std::string(facts.text())};
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    const auto damaged = [&] {
      return UserError(fmt::format("{}:{}: is damaged; install the program's data again", path, number));
    };
    if (line.size() < 4 || line[2] != '\t') throw damaged();
    std::vector<GeoBox>& boxes = areas->areas_[line.substr(0, 2)];
    std::string_view rest = std::string_view(line).substr(3);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      const std::optional<GeoBox> row = row_of(rest.substr(0, end));
      if (!row) throw damaged();
      boxes.push_back(*row);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return areas;
}

const std::vector<GeoBox>* CountryAreas::find(std::string_view country) const {
  const auto found = areas_.find(country);
  return found == areas_.end() ? nullptr : &found->second;
}

}  // namespace tattle
