#pragma once

#include <memory>
#include <string>

#include "protocol/flow_parser.h"
#include "protocol/idle.h"
#include "protocol/stream_context.h"

namespace tattle {

/// Finds out from a stream's first bytes which parser reads it, and hands it everything: TLS (with a further mux for
/// what is inside), HTTP/2, HTTP/1, DNS over TCP; else the bytes are handed down as they are, and the start of a later
/// chunk may still be recognised (STARTTLS, a request behind a gap or behind a SOCKS greeting).
class Mux : public StreamSink, public Idler {
 public:
  /// `alpn`: what the TLS handshake above agreed on, when that is known; read at the first bytes.
  Mux(const FlowInfo& flow, const StreamContext& context, ParserContext& parser, const std::string* alpn = nullptr);
  ~Mux() override;
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;

  void on_idle() override;
  bool at_rest() const override;
  void pass(StateArchive& archive) override;
  bool awaits_answers() const override;
  /// Protocols found, outermost first: `tls/http/2`, `unknown` for bytes that no parser knew; empty while undecided.
  std::string protocol() const;
  /// Of the TLS connection that this stream is; nullptr when it is none.
  const TlsFacts* tls() const;
  /// What runs inside it: the plaintext of TLS, or a CONNECT tunnel; nullptr when there is neither.
  const Mux* inner() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
