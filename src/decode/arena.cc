#include "decode/arena.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::size_t kBlock = 64 << 10;

}  // namespace

std::uint8_t* Arena::take(std::size_t size) {
  if (current_ < blocks_.size() && blocks_[current_].size - used_ >= size) {
    std::uint8_t* taken = blocks_[current_].bytes.get() + used_;
    used_ += size;
    return taken;
  }
  const std::size_t next = current_ < blocks_.size() ? current_ + 1 : current_;
  if (next >= blocks_.size() || blocks_[next].size < size) {
    // Too small a free block is replaced: everything behind the current one is unused.
    blocks_.resize(next);
    const std::size_t wanted = std::max(size, kBlock);
    blocks_.push_back({std::make_unique_for_overwrite<std::uint8_t[]>(wanted), wanted});
  }
  current_ = next;
  used_ = size;
  return blocks_[current_].bytes.get();
}

void Arena::shrink_last(std::uint8_t* taken, std::size_t used) {
  used_ = static_cast<std::size_t>(taken - blocks_[current_].bytes.get()) + used;
}

void Arena::trim(std::size_t keep) {
  current_ = used_ = 0;
  std::size_t total = 0, count = 0;
  while (count < blocks_.size() && total + blocks_[count].size <= keep) total += blocks_[count++].size;
  blocks_.resize(count);
}

}  // namespace tattle
