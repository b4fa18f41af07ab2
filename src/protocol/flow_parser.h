#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decrypt/quic/registry.h"
#include "decrypt/tls/tls.h"
#include "protocol/idle.h"
#include "protocol/message.h"
#include "protocol/server_speech.h"
#include "stream/stream.h"
#include "stream/tcp_reassembly.h"

namespace tattle {

/// What became of one flow's bytes, and what is known of it at its end. Bytes are transport payload as captured.
struct FlowSummary {
  FlowInfo flow;
  Time last;
  std::uint64_t packets = 0;
  std::uint64_t payload_bytes[2] = {0, 0};     // by Direction
  std::uint64_t parsed_bytes = 0;              // read by a protocol's parser
  std::uint64_t raw_bytes = 0;                 // searched as they are: no parser knew them
  std::uint64_t opaque_bytes = 0;              // encrypted, no key
  std::uint64_t missing_bytes = 0;             // lost before the capture, or cut by its snap length
  std::string protocol;                        // outermost first: `tls/http/2`, `dns`, `quic`, `unknown`
  std::string opaque_reason;                   // `no-key`, `key-mismatch`, `handshake-unseen`, `unsupported`, `quic`,
                                               // `encrypted-tunnel`, `media`; or empty
  std::optional<std::uint32_t> handshake_rtt;  // microseconds from the client's first packet to the server's answer, as
                                               // they passed the capture; absent: not seen, or not to be told
  std::string http2_fingerprint;               // of the client, as Akamai writes it; empty: none
  bool has_tls = false;
  TlsFacts tls;
  std::vector<ServerSpoke> server_spoke;  // of a phone's flow, in order; limits.server_messages at most
};

/// The word for why a connection stayed closed; empty when it did not.
std::string_view reason_of(TlsOutcome outcome);

class BodyLedger;

struct ParserContext {
  TlsContext* tls = nullptr;
  const Limits* limits = nullptr;
  Anomalies* anomalies = nullptr;
  MessageSink* sink = nullptr;
  QuicRegistry* quic = nullptr;  // null: a flow's connections end with it
  BodyLedger* bodies = nullptr;  // null: nobody bounds what all flows hold together
};

/// Everything between a flow's segments and its messages: reassembly, TLS, protocol parsers.
class FlowParser : public Idler {
 public:
  static std::unique_ptr<FlowParser> make(const FlowInfo& flow, ParserContext& context);
  virtual const FlowInfo& flow() const = 0;
  virtual void on_segment(const Segment& segment) = 0;
  /// Ends both directions; messages cut short are handed down as damaged.
  virtual FlowSummary finish() = 0;
};

}  // namespace tattle
