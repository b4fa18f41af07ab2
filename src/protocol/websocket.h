#pragma once

#include <cstdint>
#include <memory>
#include <string>

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

/// Reads a WebSocket's frames, both directions, and hands down its messages, protocol `websocket`.
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
