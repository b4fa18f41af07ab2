#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace tattle {

/// Values of which many keep the same few: each is there once, and whoever keeps it has its number, from 1. A value
/// goes when nobody keeps it any more, so that this takes room for what is kept at the moment alone.
template <class T, class Less = std::less<T>>
class SharedValues {
 public:
  /// @param most  So many different ones; of further ones nobody gets a number.
  explicit SharedValues(std::size_t most = std::numeric_limits<std::uint32_t>::max() - 1) : most_(most) {}
  SharedValues(const SharedValues&) = delete;
  SharedValues& operator=(const SharedValues&) = delete;

  /// Its number, to be released; 0: there are too many others.
  std::uint32_t keep(const T& value) {
    auto found = numbers_.lower_bound(value);
    if (found == numbers_.end() || Less()(value, found->first)) {
      if (numbers_.size() >= most_) return 0;
      found = numbers_.emplace_hint(found, value, free_number());
      entries_[found->second - 1] = {found, 0};
    }
    ++entries_[found->second - 1].users;
    return found->second;
  }
  /// Of a number that is kept.
  const T& operator[](std::uint32_t number) const { return entries_[number - 1].at->first; }
  void release(std::uint32_t number) {
    Entry& entry = entries_[number - 1];
    if (--entry.users > 0) return;
    numbers_.erase(entry.at);
    free_.push_back(number);
  }
  std::size_t size() const { return numbers_.size(); }

 private:
  using Numbers = std::map<T, std::uint32_t, Less>;
  struct Entry {
    typename Numbers::iterator at;
    std::size_t users = 0;
  };
  std::uint32_t free_number() {
    if (free_.empty()) {
      entries_.emplace_back();
      return static_cast<std::uint32_t>(entries_.size());
    }
    const std::uint32_t number = free_.back();
    free_.pop_back();
    return number;
  }

  const std::size_t most_;
  Numbers numbers_;
  std::vector<Entry> entries_;       // by number
  std::vector<std::uint32_t> free_;  // numbers that nobody has
};

}  // namespace tattle
