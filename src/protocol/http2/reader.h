#pragma once

#include <cstdint>

#include "base/limits.h"
#include "protocol/http2/frame.h"
#include "stream/stream.h"

namespace tattle {

/// One step of reading a stream's frames.
struct FrameStep {
  enum class Kind : std::uint8_t {
    need_more,  // the input is used up
    data,       // a part of a DATA frame's payload, without padding; may be empty when `last`
    frame,      // any other frame, whole
  };
  Kind kind = Kind::need_more;
  FrameHeader frame;
  Bytes bytes;        // of a frame: the payload, padding included; empty for types that need no reading
  bool last = false;  // data: the frame is complete
  bool cut = false;   // frame: its payload's rest was lost or is too long to keep
  bool bad_padding = false;
  PacketRunsView packets;  // that carried it
  Time began;
};

/// Cuts one direction's bytes into frames, wherever the chunks are split. Must start at a frame's border.
/// Everything returned lives until the next call.
class Http2FrameReader {
 public:
  explicit Http2FrameReader(const Limits& limits) : most_payload_(limits.http_head_bytes) {}

  /// Takes from the front of `input`, a part of `chunk.data`. Call until it needs more.
  FrameStep next(Bytes& input, const Chunk& chunk);

  /// `missing` bytes are lost here. True when they all belong to the frame being read: its rest may follow, and a DATA
  /// frame goes on. False: the next frame's border is lost with them; restart() before the next byte.
  bool skip(std::uint64_t missing);
  void restart();

  bool in_frame() const { return in_frame_; }
  /// Bytes of the DATA frame being read that are still to come, without padding.
  std::uint32_t data_left() const { return in_frame_ && frame_.type == kData ? left_ - padding_ : 0; }
  bool between_frames() const { return !in_frame_ && header_have_ == 0; }
  const FrameHeader& frame() const { return frame_; }

 private:
  bool read_header(Bytes& input, const Chunk& chunk);
  FrameStep read_data(Bytes& input, const Chunk& chunk);
  FrameStep read_whole(Bytes& input, const Chunk& chunk);

  std::uint64_t most_payload_;
  std::uint8_t header_[kFrameHeaderBytes] = {};
  std::size_t header_have_ = 0;
  bool in_frame_ = false;
  FrameHeader frame_;
  std::uint32_t left_ = 0;     // of the payload, padding included
  std::uint32_t padding_ = 0;  // of a DATA frame
  bool padding_next_ = false;  // the next byte is the pad length
  bool cut_ = false;
  ByteVector payload_;
  PacketRuns packets_;
  Time began_;
};

}  // namespace tattle
