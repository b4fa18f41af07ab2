// Packets and conversations of captures that others made, against what Wireshark sees in them.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "capture/real_captures.h"
#include "packet/dissector.h"

namespace tattle {
namespace {

struct Tally : SegmentSink {
  std::uint64_t flows[3] = {0, 0};
  std::uint64_t open = 0, segments = 0;
  std::map<Unread, std::uint64_t> unread;
  void on_flow(const FlowInfo& flow) override {
    ++flows[static_cast<int>(flow.transport)];
    ++open;
  }
  void on_segment(const Segment&) override { ++segments; }
  void on_flow_end(FlowId, FlowEndReason, std::uint64_t) override { --open; }
  void on_unread(Unread why, PacketId, std::uint64_t) override { ++unread[why]; }
};

struct Expected {
  std::uint64_t tcp, udp;
  const char* why;
};

// Where the truth counts what is not a conversation on this wire, and what `tshark -z conv` shows to be one.
const std::map<std::string, Expected> kOther{
    {"malformed/fuzz-2006-06-26-2594.pcap", {23, 221, "tshark -z conv,udp lists 221, the truth 219"}},
    {"os-telemetry/iphone.pcap", {15, 32, "two DHCP clients ask from the same address and port"}},
    {"phone-app/1kxun.pcap", {98, 109, "eleven DHCP clients ask from the same address and port"}},
    {"phone-app/http_origin_different_than_host.pcap", {1, 0, "the truth counts the GTP tunnel itself"}},
    {"snaplen-cut/reasm_segv_anon.pcapng", {1, 0, "the truth counts the GTP tunnel itself"}},
    {"tcp-reassembly/tcp-reassembly.pcap", {1, 1, "the truth counts packets quoted inside sFlow"}},
    {"tunnels/6in4tunnel.pcap", {5, 2, "the truth counts a packet quoted inside ICMPv6"}},
    {"tunnels/gtp1_gn_normal_incl_fragmentation.pcap", {1, 0, "the truth counts the GTP tunnel itself"}},
    {"tunnels/Teredo.pcap", {5, 4, "the truth counts three Teredo tunnels and not the HTTP through one of them"}},
    {"tunnels/vxlan-encapsulated-http.pcap", {1, 0, "the truth counts the VXLAN tunnel itself"}},
};

TEST(SharedCaptures, AgreeWithWireshark) {
  const nlohmann::json truth = real_captures::truth();
  for (const auto& [name, seen] : truth.items()) {
    if (seen["kind"] != "capture") continue;
    SCOPED_TRACE(name);
    Anomalies anomalies;
    Tally tally;
    Limits limits;
    limits.flow_idle_seconds = 1 << 28;  // Wireshark keeps silent conversations
    limits.fragment_seconds = 1 << 28;
    Dissector dissector({}, false, limits, anomalies, tally);
    std::uint64_t last = 0;
    real_captures::each_event(name, [&](const CaptureEvent& event) {
      if (const auto* packet = std::get_if<CapturedPacket>(&event)) {
        last = packet->id.number;
        dissector.on_packet(*packet);
      }
    });
    dissector.finish();
    EXPECT_EQ(tally.open, 0u);
    EXPECT_EQ(last, seen["packets"]);
    const auto other = kOther.find(name);
    const bool differs = other != kOther.end();
    EXPECT_EQ(tally.flows[0], differs ? other->second.tcp : seen["tcp_conversations"].get<std::uint64_t>()) << "TCP";
    EXPECT_EQ(tally.flows[1], differs ? other->second.udp : seen["udp_conversations"].get<std::uint64_t>()) << "UDP";
  }
}

}  // namespace
}  // namespace tattle
