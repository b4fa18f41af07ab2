#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attribute/where/country_areas.h"

namespace tattle {

/// Where the capture was made, as the user says: a point, or somewhere in a country.
class Gateway {
 public:
  /// @param text  `60.17,24.94` (latitude, longitude in degrees), or a country, `FI`.
  /// @throws UserError  Neither of them, or a country that the table does not have.
  static std::shared_ptr<const Gateway> parse(std::string_view text, std::shared_ptr<const CountryAreas> areas);

  /// The country that was given; empty: a point was.
  const std::string& country() const { return country_; }
  /// A bound below the distance, in kilometres, from here to any land of the country (ISO 3166-1 alpha-2): from
  /// everywhere that here may be. Absent: nothing is known of that country.
  std::optional<double> least_km_to(std::string_view country) const;

 private:
  Gateway() = default;

  std::shared_ptr<const CountryAreas> areas_;
  std::string country_;
  std::vector<GeoPoint> points_;
  double spread_km_ = 0;  // it is nowhere further than this from the nearest of the points
  mutable std::map<std::string, double, std::less<>> known_;  // of countries that were asked for; one thread asks
};

}  // namespace tattle
