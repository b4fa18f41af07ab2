// A run of packets: link type, interface and seconds since the last (a byte each), length (two), bytes.
#include <algorithm>
#include <memory>

#include "base/byte_reader.h"
#include "packet/device/device_inference.h"
#include "packet/dissector.h"
#include "packet/link/link.h"

namespace {

struct Sink : tattle::SegmentSink {
  std::uint64_t sum = 0, open = 0, order = 0;
  void on_flow(const tattle::FlowInfo&) override { ++open; }
  void on_segment(const tattle::Segment& segment) override {
    if (segment.order != ++order || open == 0) __builtin_trap();
    for (std::uint8_t byte : segment.payload) sum += byte;
  }
  void on_flow_end(tattle::FlowId, tattle::FlowEndReason, std::uint64_t at) override {
    if (at != ++order || open-- == 0) __builtin_trap();
  }
  void on_unread(tattle::Unread, tattle::PacketId, std::uint64_t) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tattle::Limits limits;
  limits.flows = 5;
  limits.fragments = 4;
  limits.duplicates = 8;
  limits.tunnels = 2;
  tattle::Anomalies anomalies;
  Sink sink;
  tattle::Dissector dissector({{{}, {*tattle::Prefix::parse("192.0.2.0/24")}}}, true, limits, anomalies, sink);
  tattle::DeviceInference inference;
  tattle::ByteReader in(tattle::Bytes(data, size));
  tattle::CapturedPacket packet;
  while (!in.done()) {
    const auto links = tattle::link_table();
    packet.link_type = links[in.u8("link") % links.size()].link_type;
    packet.interface = in.u8("interface") % 2;
    packet.time.ns += std::int64_t{static_cast<std::int8_t>(in.u8("seconds"))} * 10000000000;
    const std::size_t length = in.u16("length");
    const tattle::Bytes bytes = in.take(std::min(length, in.remaining()), "bytes");
    // A copy of its own, so that reading past its end is seen.
    auto owner = std::make_shared<tattle::ByteVector>(bytes.begin(), bytes.end());
    packet.data = *owner;
    packet.owner = owner;
    packet.wire_length = static_cast<std::uint32_t>(std::max(length, bytes.size()));
    ++packet.id.number;
    dissector.on_packet(packet);
    inference.on_packet(packet);
  }
  dissector.finish();
  if (sink.open != 0) __builtin_trap();
  inference.answer();
  return 0;
}
