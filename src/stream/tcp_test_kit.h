#pragma once

#include <string>
#include <vector>

#include "stream/tcp_reassembly.h"

namespace tattle {

inline FlowInfo tcp_test_flow(std::uint16_t port = 80) {
  FlowInfo flow;
  flow.id = 1;
  flow.client = {*Address::parse("192.0.2.17"), 50000};
  flow.server = {*Address::parse("198.51.100.5"), port};
  flow.opening_seen = true;
  return flow;
}

/// Writes down what a stream was told: per direction its bytes with `<gap n>` and `<end>`, and the order of calls.
class StreamRecorder : public StreamSink {
 public:
  void on_data(const Chunk& chunk) override {
    text[index(chunk.direction)] += as_text(chunk.data);
    order += chunk.direction == Direction::to_server ? '>' : '<';
    contiguous &= chunk.offset == offset[index(chunk.direction)];
    offset[index(chunk.direction)] += chunk.data.size();
    for (const PacketRun& run : chunk.packets) packets[index(chunk.direction)].push_back(run.first);
  }
  void on_gap(const Chunk& where, std::uint64_t missing) override {
    text[index(where.direction)] += "<gap " + std::to_string(missing) + ">";
    offset[index(where.direction)] += missing;
    order += where.direction == Direction::to_server ? ')' : '(';
  }
  void on_end(const Chunk& where) override {
    text[index(where.direction)] += "<end>";
    contiguous &= where.offset == offset[index(where.direction)];
  }
  std::string text[2];
  std::string order;
  std::uint64_t offset[2] = {0, 0};
  std::vector<std::uint64_t> packets[2];
  bool contiguous = true;
};

/// Makes the segments of one connection; packets are numbered as they are made.
struct SegmentMaker {
  std::uint32_t first[2] = {1000, 5000};  // sequence numbers of the SYNs
  std::uint64_t packet = 0;

  Segment syn(Direction direction) {
    Segment segment = data(direction, 0, {}, 0);
    segment.tcp.sequence = first[index(direction)];
    segment.tcp.syn = true;
    segment.tcp.ack = direction == Direction::to_client;
    return segment;
  }
  /// `at` and `acked` are positions in the streams. The bytes are borrowed.
  Segment data(Direction direction, std::uint64_t at, std::string_view text, std::uint64_t acked = 0) {
    Segment segment;
    segment.order = segment.packet.number = ++packet;
    segment.time.ns = static_cast<std::int64_t>(packet) * 1000000;
    segment.flow = 1;
    segment.direction = direction;
    segment.tcp.sequence = first[index(direction)] + 1 + static_cast<std::uint32_t>(at);
    segment.tcp.acknowledgment = first[index(opposite(direction))] + 1 + static_cast<std::uint32_t>(acked);
    segment.tcp.ack = true;
    segment.payload = as_bytes(text);
    segment.wire_payload = static_cast<std::uint32_t>(text.size());
    return segment;
  }
  Segment fin(Direction direction, std::uint64_t at, std::uint64_t acked = 0) {
    Segment segment = data(direction, at, {}, acked);
    segment.tcp.fin = true;
    return segment;
  }
};

}  // namespace tattle
