#pragma once

#include <compare>
#include <span>
#include <vector>

#include "base/time.h"

namespace tattle {

/// A stretch of time, `end` not included.
struct Interval {
  Time begin, end;
  auto operator<=>(const Interval&) const = default;
};

/// The clock has an end: no more than it can hold.
Time length_of(const Interval& interval);
/// Sorted, without overlaps and empty ones.
std::vector<Interval> merge_intervals(std::vector<Interval> intervals);
/// The seconds in merged intervals.
double seconds_in(std::span<const Interval> merged);
/// What lies in both; what lies in `merged` and in none of the `holes`. All merged.
std::vector<Interval> common_intervals(std::span<const Interval> a, std::span<const Interval> b);
std::vector<Interval> without_intervals(std::span<const Interval> merged, std::span<const Interval> holes);
bool lies_in(std::span<const Interval> merged, Time time);
}  // namespace tattle
