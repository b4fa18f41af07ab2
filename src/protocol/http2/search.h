#pragma once

#include <cstdint>
#include <utility>

#include "protocol/buffer/held_bytes.h"
#include "protocol/http2/frame.h"

namespace tattle {

/// Keeps bytes whose frame borders are not known until a run of frame headers shows one.
class Http2FrameSearch {
 public:
  void add(const Chunk& chunk) { held_.add(chunk); }

  /// Looks for the first place from which at least three frame headers follow one another, or, when no more bytes come
  /// (`at_end`), fewer that fit. What it decides does not depend on how the bytes were split into chunks.
  /// Bounded: a candidate is settled by the next two frames, none longer than 64 KiB.
  /// @return true when found: the bytes behind rejected() start with a frame.
  bool find(std::uint32_t highest_stream, bool at_end);

  std::size_t rejected() const { return rejected_; }  // bytes at the front that start no frame
  std::size_t size() const { return held_.size(); }
  Bytes bytes() const { return held_.bytes(); }

  /// As HeldBytes::replay.
  template <class Use>
  void replay(const FlowInfo& flow, Direction direction, std::size_t begin, std::size_t end, Use&& use) const {
    held_.replay(flow, direction, begin, end, std::forward<Use>(use));
  }
  void drop_front(std::size_t count);
  void clear() {
    held_ = {};
    rejected_ = 0;
  }

 private:
  enum class Verdict : std::uint8_t { no, yes, later };
  Verdict judge(std::size_t begin, std::uint32_t highest_stream, bool at_end) const;

  HeldBytes held_;
  std::size_t rejected_ = 0;
};

/// What a stream whose beginning nobody saw shows, when read as frames from its first byte on.
struct Http2Run {
  std::size_t whole = 0;  // frames, kMost at most
  bool broken = false;    // a header among them is none
  bool heads = false;     // there is a HEADERS frame
  bool exact = false;     // the bytes end where a frame ends
  static constexpr std::size_t kMost = 8;
};
Http2Run run_of_http2_frames(Bytes bytes);

}  // namespace tattle
