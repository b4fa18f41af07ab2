#pragma once

#include <memory>
#include <string>

#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"
#include "protocol/websocket/websocket.h"

namespace tattle {

/// What runs in the DATA of a CONNECT's stream (RFC 9113 section 8.5): a stream of its own, read like any other.
class Http2Tunnel {
 public:
  /// @param layers  Of the CONNECT itself, outermost first.
  Http2Tunnel(const FlowInfo& flow, const StreamContext& above, ParserContext& context, std::vector<PathStep> layers,
              const std::string& host, std::uint16_t port);
  /// The same for a WebSocket that an extended CONNECT opened (RFC 8441).
  Http2Tunnel(const FlowInfo& flow, const StreamContext& above, ParserContext& context, std::vector<PathStep> layers,
              WebSocketOpening opening);
  ~Http2Tunnel();

  void on_data(const Chunk& chunk, Bytes data);
  void on_gap(Direction direction, std::uint64_t missing);
  void on_end(Direction direction);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
