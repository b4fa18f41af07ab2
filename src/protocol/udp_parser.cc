#include <array>
#include <string>

#include "protocol/counting_parser.h"
#include "protocol/datagram_parser.h"
#include "protocol/raw.h"

namespace tattle {
namespace {

// Protocols that one pair of ports may carry beside each other, such as STUN and DTLS (RFC 7983).
constexpr std::size_t kMostReaders = 4;

class UdpParser : public CountingParser {
 public:
  using CountingParser::CountingParser;

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
    switch (read(chunk, cut > 0)) {
      case DatagramFate::parsed:
        summary_.parsed_bytes += chunk.data.size();
        break;
      case DatagramFate::opaque:
        summary_.opaque_bytes += chunk.data.size();
        break;
      case DatagramFate::counted:
        break;
      case DatagramFate::unknown:
        emit_raw_datagram(chunk, cut > 0, context_, parser_);
        break;
    }
  }

  FlowSummary finish() override {
    for (Reader& reader : readers_) {
      if (reader.parser) reader.parser->finish(summary_);
    }
    summary_.raw_bytes += counters_.raw_bytes;
    if (summary_.protocol.empty()) summary_.protocol = readers_[0].parser ? readers_[0].name : "unknown";
    return summary_;
  }

 private:
  struct Reader {
    std::string_view name;
    std::unique_ptr<DatagramParser> parser;
  };

  DatagramFate read(const Chunk& chunk, bool cut) {
    Reader* free = nullptr;
    for (Reader& reader : readers_) {
      if (!reader.parser) {
        free = &reader;
        break;
      }
      const DatagramFate fate = reader.parser->on_datagram(chunk, cut);
      if (fate != DatagramFate::unknown) return fate;
    }
    if (!free) return DatagramFate::unknown;
    for (const DatagramProtocol& protocol : datagram_protocols()) {
      if (has_reader(protocol.name) || !protocol.fits(chunk)) continue;
      *free = {protocol.name, protocol.make(flow_, context_, parser_)};
      return free->parser->on_datagram(chunk, cut);
    }
    return DatagramFate::unknown;
  }
  bool has_reader(std::string_view name) const {
    for (const Reader& reader : readers_) {
      if (reader.parser && reader.name == name) return true;
    }
    return false;
  }

  std::array<Reader, kMostReaders> readers_;  // in the order in which they were recognised
  std::uint64_t offset_[2] = {0, 0};
};

}  // namespace

std::unique_ptr<FlowParser> make_udp_parser(const FlowInfo& flow, ParserContext& context) {
  return std::make_unique<UdpParser>(flow, context);
}

}  // namespace tattle
