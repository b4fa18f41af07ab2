#pragma once

#include <memory>

#include "base/bytes.h"
#include "capture/byte_source.h"

namespace tattle {

/// A moving view on a source's bytes, held in large shared blocks: who keeps `owner()` may keep spans of the last
/// peek, without a copy. Blocks are used again once nobody holds them, so memory stays flat.
class BlockWindow {
 public:
  explicit BlockWindow(ByteSource& source);
  ~BlockWindow();

  /// At least `wanted` contiguous bytes from the current position, or all that are left; more when they are there.
  Bytes peek(std::size_t wanted) {
    if (end_ - position_ < wanted) load(wanted);
    return {block_.get() + position_, end_ - position_};
  }
  /// Goes past bytes that were peeked.
  void skip(std::size_t count) { position_ += count; }
  /// Goes past bytes that need not fit in memory. False when the input ended before.
  bool skip_far(std::uint64_t count);

  /// Keeps the bytes of the last peek alive.
  const std::shared_ptr<std::uint8_t[]>& owner() const { return block_; }
  /// Bytes passed since the start.
  std::uint64_t offset() const { return base_ + position_; }

 private:
  struct Pool;
  void load(std::size_t wanted);
  void next_block(std::size_t wanted);

  ByteSource& source_;
  std::shared_ptr<Pool> pool_;
  std::shared_ptr<std::uint8_t[]> block_;
  std::size_t capacity_ = 0;
  std::size_t position_ = 0;
  std::size_t end_ = 0;
  std::uint64_t base_ = 0;
  bool ended_ = false;
};

}  // namespace tattle
