#pragma once

#include <memory>

#include "protocol/quic/application.h"

namespace tattle {

/// Reads one HTTP/3 connection, both directions, and hands down its requests and responses, protocol `http/3`.
/// A field section that needs table entries which are still on their way waits for them, and with it its stream; what
/// depends on entries that were lost is unknown. Bytes that no frame can be made of go down as they are, and so do
/// HTTP Datagrams, WebTransport's streams and streams and frames of types that nobody here knows.
/// Sources: RFC 9114, 9204, 9218, 9220, 9297.
class Http3Connection : public QuicApplication {
 public:
  /// `flow` and `above` outlive the connection; `above` is read again for each message.
  Http3Connection(const FlowInfo& flow, const StreamContext& above, ParserContext& context);
  ~Http3Connection() override;

  void on_stream_data(std::uint64_t stream, const Chunk& chunk) override;
  void on_stream_gap(std::uint64_t stream, const Chunk& where, std::uint64_t missing) override;
  void on_stream_end(std::uint64_t stream, const Chunk& where, bool reset) override;
  void on_quic_datagram(const Chunk& chunk) override;
  void finish() override;
  std::string_view name() const override { return "http/3"; }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
