#pragma once

#include <cstdint>
#include <optional>

#include "base/limits.h"
#include "stream/stream.h"

namespace tattle {

// RFC 9114 section 7.2; RFC 9218 section 7.2; draft-ietf-webtrans-http3.
enum Http3FrameType : std::uint64_t {
  kHttp3Data = 0x0,
  kHttp3Headers = 0x1,
  kHttp3CancelPush = 0x3,
  kHttp3Settings = 0x4,
  kHttp3PushPromise = 0x5,
  kHttp3Goaway = 0x7,
  kHttp3MaxPushId = 0xd,
  kHttp3WebTransport = 0x41,  // no length: the rest of the stream is a WebTransport stream's
  kHttp3PriorityRequest = 0xf0700,
  kHttp3PriorityPush = 0xf0701,
};

/// Types that mean nothing and keep receivers honest (sections 6.2.3 and 7.2.8), of frames and of streams.
inline bool is_reserved_http3(std::uint64_t type) { return type >= 0x21 && (type - 0x21) % 0x1f == 0; }

/// An integer of 1, 2, 4 or 8 bytes (RFC 9000 section 16). Takes it off the front of `in`; nothing when `in` ends
/// too early.
std::optional<std::uint64_t> take_varint(Bytes& in);

/// What Http3FrameReader found next.
struct Http3Step {
  enum class Kind : std::uint8_t {
    need_more,  // the input is used up
    frame,      // a frame of a known type, whole
    piece,      // the next bytes of a frame that is not held: DATA, or a type that nobody here knows
    rest,       // a frame without a length began: all that follows belongs to it
  };
  Kind kind = Kind::need_more;
  std::uint64_t type = 0;
  Bytes bytes;              // valid until the next call
  PacketRunsView packets;   // of a frame
  Time began;               // when its first byte was seen
  bool last = false;        // of a piece: the frame ends with it
  bool cut = false;         // of a frame: bytes behind `bytes` are left out, lost or over the limit http-head-bytes
  bool over_limit = false;  // of a frame
};

/// Cuts one direction of an HTTP/3 stream into frames (RFC 9114 section 7.1).
class Http3FrameReader {
 public:
  explicit Http3FrameReader(const Limits& limits) : most_(limits.http_head_bytes) {}

  /// Takes bytes off the front of `input`, which stands in `chunk`.
  Http3Step next(Bytes& input, const Chunk& chunk);

  /// `missing` bytes were lost. False: where the next frame starts is not known any more.
  /// A DATA frame is gone through as far as it is known to reach; a frame that was held comes out cut, from finish().
  bool skip(std::uint64_t missing);
  /// The front of a frame whose rest is lost; nothing when there is none.
  std::optional<Http3Step> take_cut();

  bool between_frames() const { return !in_frame_ && header_.empty(); }
  bool in_data() const { return in_frame_ && type_ == kHttp3Data; }
  std::uint64_t left() const { return left_; }

 private:
  bool read_header(Bytes& input, const Chunk& chunk);
  static bool held(std::uint64_t type);

  const std::uint64_t most_;
  ByteVector header_, payload_;
  PacketRuns packets_;
  std::uint64_t type_ = 0, left_ = 0;
  Time began_;
  bool in_frame_ = false, cut_ = false, over_ = false, done_ = false;
};

}  // namespace tattle
