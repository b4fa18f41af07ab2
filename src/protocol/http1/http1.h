#pragma once

#include <memory>
#include <string>

#include "protocol/flow_parser.h"
#include "protocol/idle.h"
#include "protocol/stream_context.h"

namespace tattle {

class Mux;

/// HTTP/1.0 and 1.1, both directions of one connection. Which side sends requests is read from the first lines, not
/// from the flow. A CONNECT tunnel or an upgrade hands the rest of both directions to another parser. Lost bytes:
/// inside a body of known place the message goes on, damaged, at the right offset; elsewhere the half looks for the
/// next start line, and what it passes over is handed down as raw bytes.
/// @anomaly http1.not-http, http1.head-limit, http1.bad-chunk, http1.pending-limit, http1.cut-head, and those of
///          http1_head.h
/// Sources: RFC 9112, RFC 9110; RFC 7540 section 3.2 for `Upgrade: h2c`.
class Http1Connection : public StreamSink, public Idler {
 public:
  /// `joined`: the stream did not begin with a start line, so that bytes before the first one surprise nobody.
  Http1Connection(const FlowInfo& flow, const StreamContext& context, ParserContext& parser, bool joined);
  ~Http1Connection() override;
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;

  void on_idle() override;
  bool at_rest() const override;
  void pass(StateArchive& archive) override;
  bool awaits_answers() const override;
  /// What runs inside the tunnel or after the upgrade; empty and nullptr when there is none.
  std::string inner_protocol() const;
  const Mux* tunnel() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
