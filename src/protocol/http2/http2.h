#pragma once

#include <memory>
#include <string_view>

#include "protocol/flow_parser.h"
#include "protocol/http2/frame.h"
#include "protocol/stream_context.h"

namespace tattle {

/// Reads one HTTP/2 connection, both directions, and hands down its requests and responses.
/// Bytes that no frame can be made of go down as they are, protocol `tcp`.
/// A body over limits.body_bytes goes down in pieces, and so does one around lost bytes.
/// Sources: RFC 9113, 7541, 8441; RFC 7540 section 3.2 for the upgrade.
class Http2Connection : public StreamSink {
 public:
  /// `flow` and `above` outlive the connection; `above` is read again for each message.
  Http2Connection(const FlowInfo& flow, const StreamContext& above, ParserContext& context);
  ~Http2Connection() override;

  /// The connection goes on from an HTTP/1.1 upgrade whose request becomes stream 1, already handed down.
  /// @param settings  Value of its HTTP2-Settings field: base64url of a SETTINGS payload.
  void start_upgraded(const Message& request, std::string_view settings);

  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
