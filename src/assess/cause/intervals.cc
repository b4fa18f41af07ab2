#include "assess/cause/intervals.h"

#include <algorithm>
#include <limits>

namespace tattle {

Time length_of(const Interval& interval) {
  std::int64_t length = 0;
  if (__builtin_sub_overflow(interval.end.ns, interval.begin.ns, &length))
    length = std::numeric_limits<std::int64_t>::max();
  return {length};
}

std::vector<Interval> merge_intervals(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end());
  std::vector<Interval> merged;
  for (const Interval& each : intervals) {
    if (each.end <= each.begin) continue;
    if (!merged.empty() && each.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, each.end);
    } else {
      merged.push_back(each);
    }
  }
  return merged;
}

std::vector<Interval> common_intervals(std::span<const Interval> a, std::span<const Interval> b) {
  std::vector<Interval> both;
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    const Interval cut{std::max(a[i].begin, b[k].begin), std::min(a[i].end, b[k].end)};
    if (cut.begin < cut.end) both.push_back(cut);
    a[i].end < b[k].end ? ++i : ++k;
  }
  return both;
}

std::vector<Interval> without_intervals(std::span<const Interval> merged, std::span<const Interval> holes) {
  std::vector<Interval> rest;
  std::size_t next = 0;
  for (Interval each : merged) {
    while (next < holes.size() && holes[next].end <= each.begin) ++next;
    // A hole may reach into the interval that follows: it stays next.
    for (std::size_t i = next; i < holes.size() && holes[i].begin < each.end; ++i) {
      if (each.begin < holes[i].begin) rest.push_back({each.begin, holes[i].begin});
      each.begin = holes[i].end;
    }
    if (each.begin < each.end) rest.push_back(each);
  }
  return rest;
}

bool lies_in(std::span<const Interval> merged, Time time) {
  const auto after = std::upper_bound(merged.begin(), merged.end(), time,
                                      [](Time value, const Interval& interval) { return value < interval.begin; });
  return after != merged.begin() && time < std::prev(after)->end;
}

double seconds_in(std::span<const Interval> merged) {
  double seconds = 0;
  for (const Interval& each : merged) seconds += length_of(each).seconds();
  return seconds;
}

}  // namespace tattle
