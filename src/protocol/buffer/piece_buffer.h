#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/packet_ref.h"
#include "base/time.h"
#include "protocol/message.h"

namespace tattle {

/// Collects bytes into windows that overlap, so that a value across a border is whole in one of them. A window is given
/// away only when more comes, so that its owner knows which is the last.
class PieceBuffer {
 public:
  PieceBuffer(std::uint64_t window, std::uint64_t overlap)
      : window_(std::max<std::uint64_t>(window, 2)), overlap_wanted_(overlap) {}

  /// Appends; calls `emit()` whenever the window is full and bytes are left. After it the tail stays as overlap.
  template <class Emit>
  void add(Bytes data, PacketRunsView packets, Time seen, Emit&& emit) {
    while (!data.empty()) {
      if (bytes_.size() >= window_) {
        emit();
        slide();
      }
      const std::size_t count = std::min<std::size_t>(data.size(), window_ - bytes_.size());
      if (bytes_.size() == overlap_) first_ = seen;
      bytes_.insert(bytes_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(count));
      pieces_.add(count, packets);
      last_ = seen;
      data = data.subspan(count);
    }
  }

  Bytes bytes() const { return bytes_; }
  PieceMap& pieces() { return pieces_; }
  std::uint64_t offset() const { return offset_; }    // of the first byte, in the whole body or stream
  std::uint64_t overlap() const { return overlap_; }  // first bytes that the window before held already
  std::uint64_t end() const { return offset_ + bytes_.size(); }
  bool has_new() const { return bytes_.size() > overlap_; }
  bool started() const { return offset_ > 0 || !bytes_.empty(); }
  Time first() const { return first_; }
  Time last() const { return last_; }
  /// For what follows; a window that is already larger is full.
  void set_window(std::uint64_t window) { window_ = std::max<std::uint64_t>(window, 2); }
  void reserve(std::uint64_t size) { bytes_.reserve(std::min(size, window_)); }

  /// Empties the window; the next byte is at `offset`.
  void restart(std::uint64_t offset) {
    bytes_.clear();
    pieces_.clear();
    offset_ = offset;
    overlap_ = 0;
  }

  /// What is held was given away: the tail stays as overlap. Room that will not be needed again is given back.
  void slide() {
    const std::size_t keep =
        std::min<std::uint64_t>(overlap_wanted_, std::min<std::uint64_t>(bytes_.size(), window_) / 2);
    const std::size_t gone = bytes_.size() - keep;
    if (bytes_.capacity() > 2 * window_) {
      bytes_ = ByteVector(bytes_.end() - static_cast<std::ptrdiff_t>(keep), bytes_.end());
    } else {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    pieces_.drop_front(gone);
    offset_ += gone;
    overlap_ = keep;
  }

  /// Gives back room in which nothing is.
  void release() { bytes_.shrink_to_fit(); }

 private:
  std::uint64_t window_, overlap_wanted_;
  ByteVector bytes_;
  PieceMap pieces_;
  std::uint64_t offset_ = 0;
  std::uint64_t overlap_ = 0;
  Time first_, last_;
};

}  // namespace tattle
