#include "protocol/flow_parser.h"

#include <algorithm>

#include "protocol/dns.h"
#include "protocol/mux.h"
#include "protocol/raw.h"
#include "protocol/sniff.h"
#include "protocol/stream_context.h"

namespace tattle {
namespace {

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

// What both transports count alike.
class CountingParser : public FlowParser {
 public:
  CountingParser(const FlowInfo& flow, ParserContext& parser) : flow_(flow), parser_(parser) {
    context_.counters = &counters_;
    summary_.flow = flow;
    summary_.last = flow.start;
  }

 protected:
  void count(const Segment& segment) {
    ++summary_.packets;
    summary_.last = std::max(summary_.last, segment.time);
    summary_.payload_bytes[index(segment.direction)] += segment.payload.size();
  }

  const FlowInfo flow_;
  ParserContext& parser_;
  FlowCounters counters_;
  StreamContext context_;
  FlowSummary summary_;
};

class TcpParser : public CountingParser {
 public:
  TcpParser(const FlowInfo& flow, ParserContext& parser)
      : CountingParser(flow, parser),
        mux_(flow_, context_, parser),
        reassembly_(flow_, *parser.limits, *parser.anomalies, mux_) {}

  void on_segment(const Segment& segment) override {
    count(segment);
    reassembly_.on_segment(segment);
  }

  FlowSummary finish() override {
    reassembly_.finish();
    const ReassemblyCounts& counts = reassembly_.counts();
    summary_.missing_bytes = counts.missing;
    summary_.protocol = mux_.protocol();
    if (summary_.protocol.empty()) summary_.protocol = "unknown";
    for (const Mux* mux = &mux_; mux != nullptr; mux = mux->inner()) {
      const TlsFacts* facts = mux->tls();
      if (facts == nullptr) continue;
      if (!summary_.has_tls) summary_.tls = *facts;
      summary_.has_tls = true;
      summary_.opaque_bytes += facts->opaque_bytes;
      if (summary_.opaque_reason.empty()) summary_.opaque_reason = reason_of(facts->outcome);
    }
    summary_.opaque_bytes += counters_.opaque_bytes;
    // Each delivered byte is one of three; what TLS adds around its plaintext counts as read.
    summary_.opaque_bytes = std::min(summary_.opaque_bytes, counts.delivered);
    summary_.raw_bytes = std::min(counters_.raw_bytes, counts.delivered - summary_.opaque_bytes);
    summary_.parsed_bytes = counts.delivered - summary_.opaque_bytes - summary_.raw_bytes;
    return summary_;
  }

 private:
  Mux mux_;
  TcpReassembly reassembly_;
};

class UdpParser : public CountingParser {
 public:
  UdpParser(const FlowInfo& flow, ParserContext& parser) : CountingParser(flow, parser) {
    for (const std::uint16_t port : {flow.server.port, flow.client.port}) {
      if (port == 53) word_ = "dns";
      if (port == 5353) word_ = "mdns";
      if (port == 5355) word_ = "llmnr";
      if (!word_.empty()) break;
    }
    context_.protocol = word_;
  }

  void on_segment(const Segment& segment) override {
    count(segment);
    const std::uint64_t cut =
        segment.wire_payload > segment.payload.size() ? segment.wire_payload - segment.payload.size() : 0;
    summary_.missing_bytes += cut;
    if (segment.payload.empty()) return;
    const PacketRun packet{segment.packet.capture, segment.packet.number, segment.packet.number};
    const std::size_t side = index(segment.direction);
    const PacketRunsView packets = segment.fragments.empty() ? PacketRunsView(&packet, 1) : segment.fragments;
    const Chunk chunk{flow_, segment.direction, offset_[side], segment.time, packets, segment.payload};
    offset_[side] += segment.payload.size() + cut;
    if (!word_.empty() && has_dns_header(segment.payload)) {
      summary_.parsed_bytes += segment.payload.size();
      named_ = true;
      parse_dns_datagram(chunk, context_, parser_);
      return;
    }
    const bool web = flow_.server.port == 443 || flow_.client.port == 443;
    quic_ = quic_ || (web && looks_like_quic(segment.payload));
    if (quic_) {
      summary_.opaque_bytes += segment.payload.size();
      return;
    }
    emit_raw_datagram(chunk, cut > 0, context_, parser_);
  }

  FlowSummary finish() override {
    summary_.raw_bytes = counters_.raw_bytes;
    summary_.protocol = quic_ ? "quic" : named_ ? std::string(word_) : "unknown";
    if (quic_) summary_.opaque_reason = "quic";
    return summary_;
  }

 private:
  std::string_view word_;  // of the port; empty when it has none
  bool named_ = false;
  bool quic_ = false;
  std::uint64_t offset_[2] = {0, 0};
};

}  // namespace

std::unique_ptr<FlowParser> FlowParser::make(const FlowInfo& flow, ParserContext& context) {
  if (flow.transport == Transport::udp) return std::make_unique<UdpParser>(flow, context);
  return std::make_unique<TcpParser>(flow, context);
}

}  // namespace tattle
