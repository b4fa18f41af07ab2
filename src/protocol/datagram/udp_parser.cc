#include "protocol/datagram/datagram_readers.h"
#include "protocol/raw/counting_parser.h"
#include "protocol/raw/raw.h"

namespace tattle {
namespace {

class UdpParser : public CountingParser {
 public:
  using CountingParser::CountingParser;

  void on_segment(const Segment& segment) override {
    count(segment);
    round_trip_.on_quic(segment);
    const std::uint64_t cut =
        segment.wire_payload > segment.payload.size() ? segment.wire_payload - segment.payload.size() : 0;
    missing_bytes_ += cut;
    if (segment.payload.empty()) return;
    if (segment.tunnel != Tunnel::none) {
      tunnel_ = segment.tunnel;
      opaque_bytes_ += segment.payload.size();
      return;
    }
    const PacketRun packet{segment.packet.capture, segment.packet.number, segment.packet.number};
    const std::size_t side = index(segment.direction);
    const PacketRunsView packets = segment.fragments.empty() ? PacketRunsView(&packet, 1) : segment.fragments;
    const Chunk chunk{flow_, segment.direction, offset_[side], segment.time, packets, segment.payload};
    offset_[side] += segment.payload.size() + cut;
    switch (readers_.read(chunk, cut > 0)) {
      case DatagramFate::parsed:
        parsed_bytes_ += chunk.data.size();
        break;
      case DatagramFate::opaque:
        opaque_bytes_ += chunk.data.size();
        break;
      case DatagramFate::counted:
        break;
      case DatagramFate::unknown:
        emit_raw_datagram(chunk, cut > 0, context_, parser_);
        break;
    }
  }

  FlowSummary finish() override {
    FlowSummary summary = this->summary();
    summary.missing_bytes = missing_bytes_;
    summary.parsed_bytes = parsed_bytes_;
    summary.opaque_bytes = opaque_bytes_;
    readers_.finish(summary);
    summary.raw_bytes += counters_.raw_bytes;
    // Of an agreement and a tunnel on the same ports, it is the tunnel that holds what is closed.
    if (tunnel_ != Tunnel::none) {
      summary.protocol = tunnel_ == Tunnel::esp ? "esp" : "wireguard";
      summary.opaque_reason = "encrypted-tunnel";
    }
    if (summary.protocol.empty()) summary.protocol = readers_.name().empty() ? "unknown" : readers_.name();
    return summary;
  }

  bool at_rest() const override { return readers_.at_rest(); }
  void pass(StateArchive& archive) override {
    pass_counts(archive);
    archive(offset_[0], offset_[1], tunnel_, missing_bytes_, parsed_bytes_, opaque_bytes_);
    readers_.pass(archive);
  }

 private:
  DatagramReaders readers_{flow_, context_, parser_};
  std::uint64_t offset_[2] = {0, 0};
  Tunnel tunnel_ = Tunnel::none;
  std::uint64_t missing_bytes_ = 0, parsed_bytes_ = 0, opaque_bytes_ = 0;
};

}  // namespace

std::unique_ptr<FlowParser> make_udp_parser(const FlowInfo& flow, ParserContext& context) {
  return std::make_unique<UdpParser>(flow, context);
}

}  // namespace tattle
