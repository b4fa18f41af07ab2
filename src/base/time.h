#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tattle {

/// A packet's time: nanoseconds since 1970-01-01T00:00:00Z. Tattle never asks the wall clock about traffic.
struct Time {
  std::int64_t ns = 0;
  auto operator<=>(const Time&) const = default;
  double seconds() const { return static_cast<double>(ns) / 1e9; }
};

/// RFC 3339, UTC, microseconds: `2012-11-05T18:03:21.000125Z`.
std::string to_rfc3339(Time time);

/// Reads `2012-11-05T18:03:21.5+02:00`. Fraction, seconds and zone may be absent (then UTC), as may the time of day; a
/// blank may stand for the T. Years 1678 to 2261, which fit.
std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace tattle
