#include "detect/search/long_literals.h"

#include <algorithm>
#include <bit>

namespace tattle {

void LongLiterals::add(std::string text, std::uint32_t id) { texts_.push_back({std::move(text), id}); }

void LongLiterals::build() {
  if (texts_.empty()) return;
  const std::size_t count = texts_.size() * kStep;
  const std::size_t buckets = std::bit_ceil(count * 2);
  buckets_.assign(buckets, 0);
  filter_.reset(count);
  bucket_shift_ = 64 - std::countr_zero(buckets);
  windows_.reserve(count);
  // Backwards, so that within a bucket the text added first is met first.
  for (std::size_t text = texts_.size(); text-- > 0;) {
    for (std::uint32_t offset = 0; offset < kStep; ++offset) {
      const std::uint64_t key = key_at(texts_[text].text.data() + offset);
      filter_.add(key);
      std::uint32_t& bucket = buckets_[key >> bucket_shift_];
      windows_.push_back({static_cast<std::uint32_t>(text), offset, bucket, static_cast<std::uint32_t>(key)});
      bucket = static_cast<std::uint32_t>(windows_.size());
    }
  }
}

std::size_t LongLiterals::next_possible(std::string_view in, std::size_t at) const {
  return filter_.with_test([=](auto may_hold) mutable {
    const auto allows = [&](std::size_t place) { return may_hold(key_at(in.data() + place)); };
    for (; at + 4 * kStep <= in.size(); at += 4 * kStep) {
      if (allows(at) | allows(at + kStep) | allows(at + 2 * kStep) | allows(at + 3 * kStep)) break;
    }
    while (at + kStep <= in.size() && !allows(at)) at += kStep;
    return at;
  });
}

bool LongLiterals::holds(std::string_view in, std::size_t at, const Text& wanted) const {
  if (in.size() - at < wanted.text.size()) return false;
  return std::equal(wanted.text.begin(), wanted.text.end(), in.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

}  // namespace tattle
