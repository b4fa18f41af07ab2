#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/flow.h"

namespace tattle {

/// Frame types of RFC 9113 section 6, and the extensions that phones and servers use.
enum FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
  kAltsvc = 10,          // RFC 7838
  kOrigin = 12,          // RFC 8336
  kPriorityUpdate = 16,  // RFC 9218
};

constexpr std::uint8_t kEndStream = 0x1, kAck = 0x1, kEndHeaders = 0x4, kPadded = 0x8, kPriorityFlag = 0x20;
constexpr std::size_t kFrameHeaderBytes = 9;
constexpr std::uint32_t kUsualMaxFrameBytes = 16384;  // RFC 9113 section 6.5.2: SETTINGS_MAX_FRAME_SIZE at first
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  bool reserved = false;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// Reads nine bytes; `at` must hold them. Source: RFC 9113 section 4.1.
FrameHeader read_frame_header(const std::uint8_t* at);

/// Whether a frame of this length and stream is what its type allows (RFC 9113 section 6). Unknown types: yes.
bool frame_is_lawful(const FrameHeader& frame);

/// Stricter, to find frames in the middle of a stream: a known type, its flags and nothing else set, a stream that is
/// at most `highest_stream`.
bool frame_is_plausible(const FrameHeader& frame, std::uint32_t max_length, std::uint32_t highest_stream);

/// Whether a stream starts like HTTP/2: the client's preface or, from a server, a SETTINGS frame that could be its
/// first. Says yes when fewer bytes are there and they fit so far.
bool looks_like_http2(Bytes start, Direction direction);

}  // namespace tattle
