#include "capture/block_window.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

namespace tattle {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::size_t kSpareBlocks = 16;

}  // namespace

/// Spare blocks; any thread may let go of the last packet of a block.
struct BlockWindow::Pool {
  std::mutex guard;
  std::vector<std::unique_ptr<std::uint8_t[]>> spare;

  std::unique_ptr<std::uint8_t[]> take() {
    std::lock_guard lock(guard);
    if (spare.empty()) return std::unique_ptr<std::uint8_t[]>(new std::uint8_t[kBlockBytes]);
    auto taken = std::move(spare.back());
    spare.pop_back();
    return taken;
  }
  void give(std::uint8_t* block) {
    std::unique_ptr<std::uint8_t[]> owned(block);
    std::lock_guard lock(guard);
    if (spare.size() < kSpareBlocks) spare.push_back(std::move(owned));
  }
};

BlockWindow::BlockWindow(ByteSource& source) : source_(source), pool_(std::make_shared<Pool>()) {
  pool_->spare.reserve(kSpareBlocks);
  next_block(0);
}

BlockWindow::~BlockWindow() = default;

void BlockWindow::next_block(std::size_t wanted) {
  const std::size_t left = end_ - position_;
  std::shared_ptr<std::uint8_t[]> fresh;
  if (wanted > kBlockBytes) {
    capacity_ = wanted;
    fresh.reset(new std::uint8_t[capacity_]);
  } else {
    capacity_ = kBlockBytes;
    fresh.reset(pool_->take().release(), [pool = pool_](std::uint8_t* block) { pool->give(block); });
  }
  if (left > 0) std::memcpy(fresh.get(), block_.get() + position_, left);
  block_ = std::move(fresh);
  base_ += position_;
  position_ = 0;
  end_ = left;
}

void BlockWindow::load(std::size_t wanted) {
  // Loading starts a new block rather than overwrite this one: packets handed out may still point into it.
  if (!ended_ && capacity_ - position_ < wanted) next_block(wanted);
  while (end_ - position_ < wanted && !ended_) {
    const std::size_t got = source_.read(block_.get() + end_, capacity_ - end_);
    end_ += got;
    ended_ = got == 0;
  }
}

bool BlockWindow::skip_far(std::uint64_t count) {
  while (count > 0) {
    const Bytes here = peek(1);
    if (here.empty()) return false;
    const std::size_t step = static_cast<std::size_t>(std::min<std::uint64_t>(count, here.size()));
    skip(step);
    count -= step;
  }
  return true;
}

}  // namespace tattle
