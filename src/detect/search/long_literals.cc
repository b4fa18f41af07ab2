#include "detect/search/long_literals.h"

#include <algorithm>
#include <bit>

namespace tattle {

void LongLiterals::add(std::string text, std::uint32_t id) { texts_.push_back({std::move(text), id}); }

void LongLiterals::build() {
  if (texts_.empty()) return;
  const std::size_t count = texts_.size() * kStep;
  const std::size_t buckets = std::bit_ceil(count * 2), bits = std::bit_ceil(count * 16);
  buckets_.assign(buckets, 0);
  filter_.assign(std::max<std::size_t>(1, bits / 64), 0);
  bucket_shift_ = 64 - std::countr_zero(buckets);
  filter_shift_ = 64 - std::countr_zero(bits);
  windows_.reserve(count);
  // Backwards, so that within a bucket the text added first is met first.
  for (std::size_t text = texts_.size(); text-- > 0;) {
    for (std::uint32_t offset = 0; offset < kStep; ++offset) {
      const std::uint64_t key = key_at(texts_[text].text.data() + offset);
      const std::uint64_t bit = key >> filter_shift_;
      filter_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
      std::uint32_t& bucket = buckets_[key >> bucket_shift_];
      windows_.push_back({static_cast<std::uint32_t>(text), offset, bucket});
      bucket = static_cast<std::uint32_t>(windows_.size());
    }
  }
}

bool LongLiterals::holds(std::string_view in, std::size_t at, const Text& wanted) const {
  if (in.size() - at < wanted.text.size()) return false;
  return std::equal(wanted.text.begin(), wanted.text.end(), in.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

}  // namespace tattle
