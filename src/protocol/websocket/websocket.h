#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/stream_parser.h"

namespace tattle {

/// What the handshake said that opened a WebSocket: an upgraded HTTP/1.1 request (RFC 6455), or an extended CONNECT of
/// HTTP/2 (RFC 8441) or HTTP/3 (RFC 9220).
struct WebSocketOpening {
  Direction client = Direction::to_server;  // the direction in which the client sends (masked frames)
  std::string host, target, url;            // of the request
  std::uint16_t host_port = 0;
  std::string extensions;      // Sec-WebSocket-Extensions of the answer: what was agreed on
  std::string subprotocol;     // Sec-WebSocket-Protocol of the answer
  std::uint64_t exchange = 0;  // of the request
};

/// The values of all fields of that name, as one list; empty when one of them is not known.
std::string joined_values(const std::vector<Field>& fields, std::string_view lower_case_name);

/// Reads a WebSocket's frames, both directions, and hands down its messages, protocol `websocket`, kind `frame`: a
/// message of several fragments as one, control frames only when they carry something; the method is the opcode's name.
/// The binary messages of sub-protocol `mqtt` are read as MQTT instead. After a loss compressed messages whose context
/// is gone count as opaque, and the next frame is looked for where a sender began to write.
/// @anomaly websocket.bad-frame, websocket.mask, websocket.long-length, websocket.reserved-bits, websocket.fragments,
///          websocket.bad-deflate, websocket.limit-ratio, websocket.cut-frame, websocket.resync
/// Sources: RFC 6455; RFC 7692.
class WebSocketConnection : public StreamParser {
 public:
  /// `flow` and `above` outlive the connection.
  WebSocketConnection(const FlowInfo& flow, const StreamContext& above, ParserContext& context,
                      WebSocketOpening opening);
  ~WebSocketConnection() override;
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
