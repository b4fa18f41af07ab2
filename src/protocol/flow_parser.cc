#include "protocol/flow_parser.h"

#include <algorithm>

#include "protocol/datagram/datagram_parser.h"
#include "protocol/mux.h"
#include "protocol/raw/counting_parser.h"

namespace tattle {
namespace {

class TcpParser : public CountingParser {
 public:
  TcpParser(const FlowInfo& flow, ParserContext& parser)
      : CountingParser(flow, parser),
        mux_(flow_, context_, parser),
        reassembly_(flow_, *parser.limits, *parser.anomalies, mux_) {}

  void on_segment(const Segment& segment) override {
    const bool spoke = count(segment);
    round_trip_.on_tcp(segment);
    if (segment.tcp.fin || segment.tcp.rst) speech_.on_close(segment, flow_);
    if (spoke) return on_speech(segment);
    reassembly_.on_segment(segment);
  }

  void on_idle() override { mux_.on_idle(); }
  bool at_rest() const override { return reassembly_.at_rest() && mux_.at_rest(); }
  void pass(StateArchive& archive) override {
    pass_counts(archive);
    reassembly_.pass(archive);
    mux_.pass(archive);
  }
  bool awaits_answers() const override { return mux_.awaits_answers(); }

  FlowSummary finish() override {
    reassembly_.finish();
    const ReassemblyCounts& counts = reassembly_.counts();
    FlowSummary summary = this->summary();
    summary.missing_bytes = counts.missing;
    summary.protocol = mux_.protocol();
    if (summary.protocol.empty()) summary.protocol = "unknown";
    for (const Mux* mux = &mux_; mux != nullptr; mux = mux->inner()) {
      const TlsFacts* facts = mux->tls();
      if (facts == nullptr) continue;
      if (!summary.has_tls) summary.tls = *facts;
      summary.has_tls = true;
      summary.opaque_bytes += facts->opaque_bytes;
      if (summary.opaque_reason.empty()) summary.opaque_reason = reason_of(facts->outcome);
    }
    summary.opaque_bytes += counters_.opaque_bytes;
    // Each delivered byte is one of three; what TLS adds around its plaintext counts as read.
    summary.opaque_bytes = std::min(summary.opaque_bytes, counts.delivered);
    summary.raw_bytes = std::min(counters_.raw_bytes, counts.delivered - summary.opaque_bytes);
    summary.parsed_bytes = counts.delivered - summary.opaque_bytes - summary.raw_bytes;
    return summary;
  }

 private:
  // What is sent again, and a keep-alive's byte (RFC 9293 section 3.8.4), say nothing new.
  void on_speech(const Segment& segment) {
    const std::uint64_t before = reassembly_.counts().retransmitted;
    reassembly_.on_segment(segment);
    if (reassembly_.counts().retransmitted - before >= segment.payload.size()) speech_.take_back();
  }

  Mux mux_;
  TcpReassembly reassembly_;
};

}  // namespace

std::string_view reason_of(TlsOutcome outcome) {
  switch (outcome) {
    case TlsOutcome::no_key:
      return "no-key";
    case TlsOutcome::key_mismatch:
      return "key-mismatch";
    case TlsOutcome::handshake_unseen:
      return "handshake-unseen";
    case TlsOutcome::unsupported:
      return "unsupported";
    case TlsOutcome::none:
    case TlsOutcome::decrypted:
    case TlsOutcome::partly:
      return "";
  }
  return "";
}

std::unique_ptr<FlowParser> FlowParser::make(const FlowInfo& flow, ParserContext& context) {
  if (flow.transport != Transport::tcp) return make_udp_parser(flow, context);
  return std::make_unique<TcpParser>(flow, context);
}

}  // namespace tattle
