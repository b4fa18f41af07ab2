#include "protocol/websocket/frame.h"

#include "base/byte_reader.h"
#include "protocol/buffer/utf8_check.h"

namespace tattle {
namespace {

constexpr std::uint64_t kLongestSearched = 1 << 20;  // a frame longer than this proves nothing

// A whole text is UTF-8; of others nothing is known.
bool may_be_payload(const WebSocketFrame& frame, Bytes payload) {
  const bool whole_text = frame.opcode == kWsText && frame.fin && frame.reserved == 0;
  if (!whole_text || payload.size() < frame.length) return true;
  ByteVector text(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(frame.length));
  if (frame.masked) websocket_unmask(text, frame.mask, 0);
  return well_formed_utf8(text);
}

}  // namespace

std::string_view websocket_opcode_name(std::uint8_t opcode) {
  switch (opcode) {
    case kWsContinuation:
      return "continuation";
    case kWsText:
      return "text";
    case kWsBinary:
      return "binary";
    case kWsClose:
      return "close";
    case kWsPing:
      return "ping";
    case kWsPong:
      return "pong";
    default:
      return "reserved";
  }
}

HeaderRead read_websocket_header(Bytes start, WebSocketFrame& frame) {
  ByteReader in(start);
  const std::uint8_t first = in.u8("frame.opcode"), second = in.u8("frame.length");
  frame = WebSocketFrame{};
  frame.fin = (first & 0x80) != 0;
  frame.reserved = first >> 4 & 7;
  frame.opcode = first & 0x0f;
  frame.masked = (second & 0x80) != 0;
  frame.length = second & 0x7f;
  if (frame.length == 126) {
    frame.length = in.u16("frame.length");
    frame.shortest = frame.length > 125;
  } else if (frame.length == 127) {
    frame.length = in.u64("frame.length");
    frame.shortest = frame.length > 65535;
  }
  if (frame.masked) {
    for (std::uint8_t& byte : frame.mask) byte = in.u8("frame.mask");
  }
  if (start.size() >= 2) {
    const bool defined = frame.opcode <= kWsBinary || (frame.opcode >= kWsClose && frame.opcode <= kWsPong);
    if (!defined || (frame.control() && (!frame.fin || (second & 0x7f) > 125))) return HeaderRead::bad;
  }
  if (in.error()) return HeaderRead::need_more;
  frame.header_bytes = in.offset();
  return frame.length >> 63 != 0 ? HeaderRead::bad : HeaderRead::good;
}

void websocket_unmask(std::span<std::uint8_t> data, const std::array<std::uint8_t, 4>& mask, std::uint64_t phase) {
  std::array<std::uint8_t, 4> turned{};
  for (std::size_t i = 0; i < 4; ++i) turned[i] = mask[(i + phase) & 3];
  for (std::size_t i = 0; i < data.size(); ++i) data[i] ^= turned[i & 3];
}

bool surely_websocket_frames(Bytes bytes, bool masked, bool deflate) {
  std::size_t at = 0;
  bool open = false;  // a fragmented message is under way
  for (int count = 1;; ++count) {
    WebSocketFrame frame;
    if (read_websocket_header(bytes.subspan(at), frame) != HeaderRead::good) return false;
    const bool data = !frame.control();
    const bool continues = frame.opcode == kWsContinuation;
    const std::uint8_t allowed = deflate && data && !continues ? 4 : 0;
    if ((frame.reserved & ~allowed) != 0 || frame.masked != masked || !frame.shortest) return false;
    // Whether the first frame may continue a message is not known; rows of zero bytes would look like that.
    if (data && continues != open) return false;
    if (data) open = !frame.fin;
    at += frame.header_bytes;
    if (frame.length > kLongestSearched || !may_be_payload(frame, bytes.subspan(at))) return false;
    const std::size_t left = bytes.size() - at;
    if (count >= 3) return true;
    if (frame.length >= left) return frame.length == left && count >= 2;
    at += static_cast<std::size_t>(frame.length);
  }
}

}  // namespace tattle
