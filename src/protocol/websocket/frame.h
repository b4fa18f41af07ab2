#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

enum WebSocketOpcode : std::uint8_t {
  kWsContinuation = 0,
  kWsText = 1,
  kWsBinary = 2,
  kWsClose = 8,
  kWsPing = 9,
  kWsPong = 10
};

/// `text`, `binary`, `close`, `ping`, `pong`, `continuation`.
std::string_view websocket_opcode_name(std::uint8_t opcode);

constexpr std::size_t kWsLongestHeader = 14;

struct WebSocketFrame {
  bool fin = false;
  std::uint8_t reserved = 0;  // RSV1 to RSV3: 4, 2, 1
  std::uint8_t opcode = 0;
  bool masked = false;
  bool shortest = true;  // the length is written in the fewest bytes, as it must be
  std::array<std::uint8_t, 4> mask{};
  std::uint64_t length = 0;  // of the payload
  std::size_t header_bytes = 0;

  bool control() const { return (opcode & 8) != 0; }
};

enum class HeaderRead : std::uint8_t { need_more, good, bad };

/// Reads a frame's header from the front of `start`. `bad`: an opcode that is not defined, a control frame that is
/// fragmented or longer than 125 bytes, a length over 2^63-1: then neither is known where the next frame begins.
/// Source: RFC 6455 section 5.2.
HeaderRead read_websocket_header(Bytes start, WebSocketFrame& frame);

/// Takes the masking off `data`, whose first byte is number `phase` of the payload. RFC 6455 section 5.3.
void websocket_unmask(std::span<std::uint8_t> data, const std::array<std::uint8_t, 4>& mask, std::uint64_t phase);

/// Whether the bytes from the front on are certainly frames: three of them, or two of which the second ends where the
/// bytes end, each as its sender must write it, in an order that can be, a whole text being UTF-8.
/// @param masked   Whether this direction's frames are masked.
/// @param deflate  permessage-deflate was agreed on, so RSV1 may be set.
bool surely_websocket_frames(Bytes bytes, bool masked, bool deflate);

}  // namespace tattle
