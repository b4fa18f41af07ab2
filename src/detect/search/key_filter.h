#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tattle {

/// Says of a key that it was surely never added, or may have been: a Bloom filter that looks at one word of memory for
/// each key. Keys are hashes whose upper half is well mixed.
class KeyFilter {
 public:
  /// @param keys  How many will be added. Where they are few, the filter is as sparse as fits the first cache, since
  ///              each false alarm costs a mispredicted branch, and looks at one bit: of others it lets 1 in 16 through
  ///              at most, mostly 1 in 256. Where they are many, it looks at three bits and lets 1 in 100 through: each
  ///              false alarm would be looked up in tables that fit no cache.
  void reset(std::size_t keys) {
    constexpr std::size_t kCachedBits = 1 << 17;  // 16 KiB
    sparse_ = keys * 16 <= kCachedBits;
    std::size_t bits = std::max<std::size_t>(1 << 12, std::bit_ceil(keys * (sparse_ ? 16 : 12)));
    while (sparse_ && bits < kCachedBits && bits < keys * 256) bits *= 2;
    words_.assign(bits / 64, 0);
    shift_ = 64 - std::countr_zero(bits / 64);
  }
  void add(std::uint64_t key) {
    std::uint64_t& word = words_[key >> shift_];
    word |= std::uint64_t{1} << (key >> 38 & 63);
    if (!sparse_) word |= std::uint64_t{1} << (key >> 32 & 63) | std::uint64_t{1} << (key >> 26 & 63);
  }

  /// Calls search(may_hold), where may_hold(key) tells of a key: so that the search is compiled for either case.
  template <class Search>
  auto with_test(Search&& search) const {
    const std::uint64_t* const words = words_.data();
    const int shift = shift_;
    if (sparse_) return search([=](std::uint64_t key) { return (words[key >> shift] >> (key >> 38 & 63) & 1) != 0; });
    return search([=](std::uint64_t key) {
      const std::uint64_t word = words[key >> shift];
      return (word >> (key >> 38 & 63) & word >> (key >> 32 & 63) & word >> (key >> 26 & 63) & 1) != 0;
    });
  }

 private:
  std::vector<std::uint64_t> words_;
  int shift_ = 63;
  bool sparse_ = true;
};

}  // namespace tattle
