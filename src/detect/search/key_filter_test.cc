#include "detect/search/key_filter.h"

#include <gtest/gtest.h>

#include <random>

namespace tattle {
namespace {

// What was added is always let through; of the rest no more than the header promises.
TEST(KeyFilter, LetsThroughWhatWasAddedAndHardlyAnythingElse) {
  struct Case {
    std::size_t keys;
    double most;  // share of others
  };
  for (const auto& [count, most] : {Case{1, 0.001}, {300, 0.006}, {8000, 0.08}, {9000, 0.015}, {80000, 0.015}}) {
    std::mt19937_64 random(count);
    std::vector<std::uint64_t> keys(count);
    for (std::uint64_t& key : keys) key = random();
    KeyFilter filter;
    filter.reset(count);
    for (std::uint64_t key : keys) filter.add(key);
    const auto [missed, through] = filter.with_test([&](auto may_hold) {
      std::size_t absent = 0, other = 0;
      for (std::uint64_t key : keys) absent += !may_hold(key);
      for (int i = 0; i < 100000; ++i) other += may_hold(random());
      return std::pair(absent, other);
    });
    EXPECT_EQ(missed, 0u) << count;
    EXPECT_LE(static_cast<double>(through) / 100000, most) << count;
  }
}

}  // namespace
}  // namespace tattle
