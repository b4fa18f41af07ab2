// Packets and conversations of captures that others made, against what Wireshark sees in them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "packet/dissector.h"

namespace tattle {
namespace {

struct Tally : SegmentSink {
  std::uint64_t flows[2] = {0, 0};
  std::uint64_t open = 0, segments = 0;
  std::map<Unread, std::uint64_t> unread;
  void on_flow(const FlowInfo& flow) override {
    ++flows[flow.transport == Transport::udp];
    ++open;
  }
  void on_segment(const Segment&) override { ++segments; }
  void on_flow_end(FlowId, FlowEndReason, std::uint64_t) override { --open; }
  void on_unread(Unread why, PacketId, std::uint64_t) override { ++unread[why]; }
};

// Where the truth counts what is not read yet, or not a conversation on this wire.
const std::map<std::string, const char*> kOther{
    {"linktypes/80211http.pcap", "802.11 is not read yet"},
    {"linktypes/wlanmon.pcap", "802.11 is not read yet"},
    {"malformed/fuzz-2006-06-26-2594.pcap", "tshark -z conv,udp lists 221, the truth 219"},
    {"phone-app/http_origin_different_than_host.pcap", "GTP is not read yet"},
    {"snaplen-cut/reasm_segv_anon.pcapng", "GTP is not read yet"},
    {"tcp-reassembly/tcp-reassembly.pcap", "the truth counts packets quoted inside sFlow"},
    {"tunnels/6-4-gre-ppp-udp-4-dns.pcap", "GRE is not read yet"},
    {"tunnels/6in4tunnel.pcap", "6in4 is not read yet"},
    {"tunnels/gre-sample.pcap", "GRE is not read yet"},
    {"tunnels/gtp1_gn_normal_incl_fragmentation.pcap", "GTP is not read yet"},
    {"tunnels/vxlan-encapsulated-http.pcap", "VXLAN is not read yet"},
};

TEST(SharedCaptures, AgreeWithWireshark) {
  const std::filesystem::path folder = std::filesystem::path(TATTLE_SOURCE_DIR) / "../shared/captures";
  std::ifstream file(folder / "truth-shared.json");
  if (!file) return;
  const auto truth = nlohmann::json::parse(file);
  for (const auto& [name, seen] : truth.items()) {
    if (seen["kind"] != "capture") continue;
    SCOPED_TRACE(name);
    Anomalies anomalies;
    Tally tally;
    Limits limits;
    limits.flow_idle_seconds = 1 << 28;  // Wireshark keeps silent conversations
    limits.fragment_seconds = 1 << 28;
    Dissector dissector({}, false, limits, anomalies, tally);
    auto reader = CaptureReader::open((folder / name).string(), 0, limits, anomalies);
    std::uint64_t last = 0;
    while (true) {
      const CaptureEvent event = reader->next();
      if (std::holds_alternative<CaptureEnd>(event)) break;
      if (const auto* packet = std::get_if<CapturedPacket>(&event)) {
        last = packet->id.number;
        dissector.on_packet(*packet);
      }
    }
    dissector.finish();
    EXPECT_EQ(tally.open, 0u);
    EXPECT_EQ(last, seen["packets"]);
    if (kOther.contains(name)) continue;
    EXPECT_EQ(tally.flows[0], seen["tcp_conversations"]) << "TCP";
    EXPECT_EQ(tally.flows[1], seen["udp_conversations"]) << "UDP";
  }
}

}  // namespace
}  // namespace tattle
