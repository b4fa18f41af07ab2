#include "decode/token_bytes.h"

#include <algorithm>

namespace tattle {

void MarkedText::build(Bytes text) {
  const std::size_t words = (text.size() + 63) / 64;
  marks_.resize(words + 1);
  for (std::size_t number = 0; number < words; ++number) {
    marks_[number] = mark_bytes(text.data() + number * 64, std::min<std::size_t>(64, text.size() - number * 64));
  }
  marks_[words] = {};
}

std::size_t MarkedText::next_mark(std::size_t from) const {
  const std::size_t words = marks_.size() - 1;
  std::uint64_t wanted = ~std::uint64_t{0} << (from % 64);
  for (std::size_t number = from / 64; number < words; ++number, wanted = ~std::uint64_t{0}) {
    const std::uint64_t runs = token_runs(marks_[number].token & wanted, marks_[number + 1].token);
    const std::uint64_t found = runs | (marks_[number].sign & wanted);
    if (found != 0) return number * 64 + static_cast<std::size_t>(std::countr_zero(found));
  }
  return ~std::size_t{0};
}

}  // namespace tattle
