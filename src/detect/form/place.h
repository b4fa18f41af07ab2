#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/subject/subject.h"

namespace tattle {

/// A number in decimal degrees, as met in text.
struct Degrees {
  std::size_t begin = 0, end = 0;  // with its sign
  double value = 0;
  int decimals = 0;
};

/// The number whose digits (without sign) begin at `at`, with `.` or `,` before its decimals. Nothing when it is a part
/// of something longer, has an exponent or fewer than 3 decimals.
std::optional<Degrees> parse_degrees(std::string_view in, std::size_t at);

/// Beginnings, such as `60.16`, of all numbers within the place's radius (and the rounding of 3 decimals), without
/// sign, with a point.
std::vector<std::string> latitude_prefixes(const Entry::Place& place);
std::vector<std::string> longitude_prefixes(const Entry::Place& place);

/// Whether the point lies within the radius, widened by what its decimals leave open. WGS 84 geodesic.
bool within(const Entry::Place& place, const Degrees& latitude, const Degrees& longitude);

/// A pair of numbers that says a place.
struct PlacePair {
  Degrees latitude, longitude;
  std::string context;  // why they are coordinates; empty when nothing but their nearness says so
};

/// Pairs each latitude with the nearest longitude within 200 bytes; each number is used once.
std::vector<PlacePair> pair_up(std::string_view in, const std::vector<Degrees>& latitudes,
                               const std::vector<Degrees>& longitudes, const Entry::Place& place);

/// Logarithm, base 2, of the chance that a pair of numbers anywhere on Earth is in the radius; a pair takes 14 bytes or
/// more, so that fewer places than bytes can match.
double log2_probability(const Entry::Place& place);

}  // namespace tattle
