#include "assess/cause/period.h"

#include <algorithm>
#include <cmath>

#include "assess/cause/median.h"

namespace tattle {
namespace {

constexpr std::size_t kIntervals = 4;  // the fewest
constexpr double kJitterShare = 0.1, kWithinShare = 0.2;
constexpr double kBursts[] = {0, 1, 10};  // seconds
constexpr double kBurstsApart = 5;

/// Seconds between events: messages further than `burst` seconds from the one before begin a new one.
std::vector<double> intervals_of(const std::vector<OccurrenceTimes::Row>& rows, double burst) {
  std::vector<double> intervals;
  const auto seconds = [](Time from, Time to) { return static_cast<double>(to.ns - from.ns) / 1e9; };
  Time event = rows.front().time, before = event;
  for (const OccurrenceTimes::Row& row : rows) {
    if (seconds(before, row.time) > burst) {
      intervals.push_back(seconds(event, row.time));
      event = row.time;
    }
    before = row.time;
  }
  return intervals;
}

std::optional<PeriodReport> regular(const std::vector<double>& intervals, double burst) {
  if (intervals.size() < kIntervals) return std::nullopt;
  const double median = median_of(intervals);
  if (median < burst * kBurstsApart) return std::nullopt;
  std::vector<double> distances(intervals.size());
  std::transform(intervals.begin(), intervals.end(), distances.begin(),
                 [&](double each) { return std::abs(each - median); });
  const auto near = static_cast<std::size_t>(
      std::count_if(distances.begin(), distances.end(), [&](double each) { return each <= kWithinShare * median; }));
  const double jitter = median_of(distances);
  if (near * 6 < intervals.size() * 5 || jitter > kJitterShare * median) return std::nullopt;
  return PeriodReport{median, jitter, intervals.size() + 1, burst};
}

}  // namespace

std::optional<PeriodReport> period_of(const std::vector<OccurrenceTimes::Row>& rows) {
  if (rows.size() <= kIntervals) return std::nullopt;
  for (const double burst : kBursts) {
    if (auto found = regular(intervals_of(rows, burst), burst)) return found;
  }
  return std::nullopt;
}

}  // namespace tattle
