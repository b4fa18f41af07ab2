#include "assess/cause/occurrence_times.h"

#include <algorithm>
#include <tuple>

namespace tattle {
namespace {

bool earlier(const OccurrenceTimes::Row& a, const OccurrenceTimes::Row& b) {
  return std::tie(a.time, a.flow) < std::tie(b.time, b.flow);
}

}  // namespace

bool OccurrenceTimes::add(Time time, Time last, FlowId flow, bool room) {
  if (!rows_.empty() && rows_.back().time == time && rows_.back().flow == flow) {
    ++rows_.back().count;
    rows_.back().last = std::max(rows_.back().last, last);
    return false;
  }
  if (!room) {
    end_ = end_ ? std::min(*end_, time) : time;
    return false;
  }
  rows_.push_back({time, last, flow, 1});
  return true;
}

void OccurrenceTimes::merge(const OccurrenceTimes& from) {
  rows_.insert(rows_.end(), from.rows_.begin(), from.rows_.end());
  if (from.end_) end_ = end_ ? std::min(*end_, *from.end_) : *from.end_;
}

std::vector<OccurrenceTimes::Row> OccurrenceTimes::rows() const {
  // Messages arrive by their last packet, so that a long upload may come behind what began after it.
  std::vector<Row> sorted = rows_;
  std::sort(sorted.begin(), sorted.end(), earlier);
  std::vector<Row> result;
  for (const Row& row : sorted) {
    if (end_ && row.time >= *end_) break;
    if (!result.empty() && result.back().time == row.time && result.back().flow == row.flow) {
      result.back().count += row.count;
      result.back().last = std::max(result.back().last, row.last);
    } else {
      result.push_back(row);
    }
  }
  return result;
}

std::uint64_t OccurrenceTimes::listed() const {
  std::uint64_t count = 0;
  for (const Row& row : rows_) {
    if (!end_ || row.time < *end_) count += row.count;
  }
  return count;
}

}  // namespace tattle
