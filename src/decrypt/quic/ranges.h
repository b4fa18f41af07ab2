#pragma once

#include <cstdint>
#include <vector>

namespace tattle {

/// A set of numbers kept as ranges, at most `most` of them. When there are too many the lowest are forgotten: below
/// floor() nothing is known.
class NumberRanges {
 public:
  struct Range {
    std::uint64_t first, last;
  };
  explicit NumberRanges(std::size_t most) : most_(most) {}

  void add(std::uint64_t first, std::uint64_t last);
  bool contains(std::uint64_t number) const;
  bool empty() const { return ranges_.empty(); }
  std::uint64_t highest() const { return ranges_.empty() ? 0 : ranges_.back().last; }
  std::uint64_t floor() const { return floor_; }
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::size_t most_;
  std::uint64_t floor_ = 0;
  std::vector<Range> ranges_;  // sorted, apart
};

}  // namespace tattle
