#include "decrypt/quic/ranges.h"

#include <algorithm>

namespace tattle {

void NumberRanges::add(std::uint64_t first, std::uint64_t last) {
  if (!ranges_.empty() && first > ranges_.back().first) {  // most often at the end
    if (first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, last);
      return;
    }
    ranges_.push_back({first, last});
  } else {
    auto begin = std::lower_bound(ranges_.begin(), ranges_.end(), first,
                                  [](const Range& range, std::uint64_t value) { return range.last + 1 < value; });
    auto end = begin;
    for (; end != ranges_.end() && end->first <= last + 1; ++end) {
      first = std::min(first, end->first);
      last = std::max(last, end->last);
    }
    begin = ranges_.erase(begin, end);
    ranges_.insert(begin, {first, last});
  }
  if (ranges_.size() > most_) {
    floor_ = ranges_.front().last + 1;
    ranges_.erase(ranges_.begin());
  }
}

bool NumberRanges::contains(std::uint64_t number) const {
  auto found = std::lower_bound(ranges_.begin(), ranges_.end(), number,
                                [](const Range& range, std::uint64_t value) { return range.last < value; });
  return found != ranges_.end() && found->first <= number;
}

}  // namespace tattle
