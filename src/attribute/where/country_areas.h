#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tattle {

struct GeoPoint {
  double latitude = 0, longitude = 0;  // degrees, north and east positive
};

/// All points between two parallels and two meridians, in degrees; `west` < `east`, both within -180 … 180.
struct GeoBox {
  double south = 0, west = 0, north = 0, east = 0;
};

/// A bound below the distance over the ground, in kilometres, between a point and any point of the box; 0 inside it.
/// It is the distance on a sphere whose radius is the least radius of curvature that the Earth's ellipsoid has anywhere
/// (6335.4 km, at the equator along the meridian, WGS 84), so that nothing on the ellipsoid is nearer.
double least_km(GeoPoint point, const GeoBox& box);

/// Where countries have land, drawn too large rather than too small: it says where a country surely is not.
class CountryAreas {
 public:
  /// Reads `country_areas.tsv`; an empty path gives an empty table.
  /// @throws UserError  The file is damaged: line.
  static std::shared_ptr<const CountryAreas> load(const std::string& path);

  /// Null: the country (ISO 3166-1 alpha-2) is not in the table, and nothing can be said of it.
  const std::vector<GeoBox>* find(std::string_view country) const;
  std::size_t size() const { return areas_.size(); }

 private:
  std::map<std::string, std::vector<GeoBox>, std::less<>> areas_;
};

}  // namespace tattle
