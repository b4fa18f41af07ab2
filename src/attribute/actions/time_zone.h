#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace tattle {

/// A time of RFC 3339 with or without its zone.
struct LocalTime {
  Time time;          // as if in UTC when there is no zone
  bool zone = false;  // it has one
};

/// Nothing: it is no date with a time of day (`2012-11-26T18:21:40.5+02:00`; a blank may stand for the T).
std::optional<LocalTime> parse_local_time(std::string_view text);

/// Where the tester's clock stood: `+02:00`, `Z` or a name of the IANA database such as `Europe/Helsinki`.
bool is_time_zone(std::string_view text);

/// @param time  As if in UTC.
/// @return      Nothing when clocks were put forward or back then, so that it was never or twice that time.
/// @pre         is_time_zone(zone)
std::optional<Time> from_zone(Time time, std::string_view zone);

}  // namespace tattle
