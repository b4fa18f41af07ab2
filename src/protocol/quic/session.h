#pragma once

#include <memory>
#include <vector>

#include "base/packet_ref.h"
#include "decrypt/quic/registry.h"
#include "protocol/quic/application.h"

namespace tattle {

/// One QUIC connection with whoever reads its streams, which the application protocol decides (ALPN): HTTP/3, DNS over
/// QUIC, else each stream on its own.
class QuicFlowSession : public QuicSession, private QuicSink {
 public:
  /// `flow`, `above` and `context` outlive it.
  QuicFlowSession(const FlowInfo& flow, const StreamContext& above, ParserContext& context);

  QuicConnection& connection() override { return connection_; }
  void finish() override;

  FlowId flow() const { return flow_.id; }
  const QuicFacts& facts() const { return connection_.facts(); }
  /// As in FlowSummary::protocol; empty when nothing was read.
  std::string_view application() const { return application_ ? application_->name() : std::string_view(); }
  /// Of what was read: handed down as it is; closed within (TLS in a tunnel). Plaintext bytes.
  std::uint64_t raw_bytes() const { return counters_.raw_bytes; }
  std::uint64_t opaque_bytes() const { return counters_.opaque_bytes; }

 private:
  enum class Kind : std::uint8_t { undecided, http3, doq, unknown };
  enum class What : std::uint8_t { data, gap, end, datagram };
  struct Held {
    What what;
    std::uint64_t stream, number;
    Direction direction;
    std::uint64_t offset;
    Time seen;
    PacketRuns packets;
    ByteVector data;
  };

  void on_stream_data(std::uint64_t stream, const Chunk& chunk) override;
  void on_stream_gap(std::uint64_t stream, const Chunk& where, std::uint64_t missing) override;
  void on_stream_end(std::uint64_t stream, const Chunk& where, bool reset) override;
  void on_quic_datagram(const Chunk& chunk) override;

  static Kind kind_of(std::string_view alpn);
  Kind judge(std::uint64_t stream, const Chunk& chunk) const;
  QuicSink* reader_for(std::uint64_t stream, const Chunk& chunk);
  void hold(What what, std::uint64_t stream, const Chunk& chunk, std::uint64_t number);
  void become(Kind kind);
  void learn();

  const FlowInfo& flow_;
  ParserContext& parser_;
  FlowCounters counters_;
  StreamContext context_;
  std::unique_ptr<QuicApplication> application_;
  std::vector<Held> held_;  // until it is known who reads
  std::uint64_t held_bytes_ = 0;
  bool learnt_ = false;
  QuicConnection connection_;
};

}  // namespace tattle
