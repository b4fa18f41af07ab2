#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tattle {

/// A day of the calendar, as facts of law and ownership are dated.
using Day = std::chrono::sys_days;

/// Reads `2014-04-25`; nothing else, and no day that the calendar lacks.
std::optional<Day> parse_day(std::string_view text);
/// The day of a packet, in UTC.
Day day_of(Time time);
/// `2014-04-25`.
std::string to_string(Day day);

/// From one day to another, both included; an absent end is open.
struct Period {
  std::optional<Day> from, until;
  bool holds(Day day) const { return (!from || *from <= day) && (!until || day <= *until); }
  bool operator==(const Period&) const = default;
};

}  // namespace tattle
