// PCAPdroid's trailer, built after its documentation: magic, user id, name of 20 bytes, checksum.
#include "packet/device/apps.h"

#include <gtest/gtest.h>

#include "packet/dissector.h"
#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;

const std::string kNoMacs(12, '\0'), kIp = ipv4("192.0.2.17", "198.51.100.1", 17, udp(40000, 53, "q"));

std::string name_field(std::string name) {
  name.resize(20);
  return name;
}

std::string frame(std::string_view macs, const std::string& ip, std::size_t padding, std::uint32_t uid,
                  const std::string& name) {
  return std::string(macs) + hex((ip[0] & 0xf0) == 0x60 ? "86dd" : "0800") + ip + std::string(padding, '\0') +
         hex("01072021") + be(uid, 4) + name_field(name) + hex("00000000");
}

struct TrailerCase {
  const char* name;
  std::string frame;
  std::string found;  // user id and name; empty: none
};

class Trailer : public testing::TestWithParam<TrailerCase> {};

TEST_P(Trailer, IsRead) {
  const auto app = parse_pcapdroid_trailer(as_bytes(GetParam().frame));
  EXPECT_EQ(app ? std::to_string(app->uid) + " " + app->name : "", GetParam().found);
}

const std::string kIp6 = ipv6("2001:db8::17", "2001:db8:1::1", 17, udp(40000, 53, "qqq"));

INSTANTIATE_TEST_SUITE_P(
    Cases, Trailer,
    testing::Values(
        TrailerCase{"Ipv4", frame(kNoMacs, kIp, 1, 10123, "Weather"), "10123 Weather"},
        TrailerCase{"Ipv6", frame(kNoMacs, kIp6, 3, 10124, "Maps"), "10124 Maps"},
        TrailerCase{"UnknownId", frame(kNoMacs, kIp, 1, 0xffffffff, "Netd"), "-1 Netd"},
        TrailerCase{"NothingKnown", frame(kNoMacs, kIp, 1, 0xffffffff, ""), ""},
        TrailerCase{"NameOf19", frame(kNoMacs, kIp, 1, 1, "abcdefghijklmnopqrs"), "1 abcdefghijklmnopqrs"},
        TrailerCase{"CutWithinACharacter", frame(kNoMacs, kIp, 1, 1, "abcdefghijklmnopqr\xc3"), "1 abcdefghijklmnopqr"},
        TrailerCase{"CutWithinAnEmoji", frame(kNoMacs, kIp, 1, 1, "abcdefghijklmnop\xf0\x9f\x98"),
                    "1 abcdefghijklmnop"},
        TrailerCase{"WholeLastCharacter", frame(kNoMacs, kIp, 1, 1, "abcdefghijklmnopq\xc3\xa4"),
                    "1 abcdefghijklmnopq\xc3\xa4"},
        TrailerCase{"MacAddresses", frame(std::string(12, '\2'), kIp, 1, 10123, "Weather"), ""},
        TrailerCase{"TooFarBehindThePacket", frame(kNoMacs, kIp, 4, 10123, "Weather"), ""},
        TrailerCase{"WithinThePacket",
                    frame(kNoMacs, ipv4("192.0.2.1", "192.0.2.2", 17, "", 0, 1, "", 60), 0, 10123, "Weather"), ""},
        TrailerCase{"NoTrailer", kNoMacs + hex("0800") + kIp, ""}, TrailerCase{"Short", "x", ""}),
    [](const auto& info) { return info.param.name; });

struct Sink : SegmentSink {
  std::vector<FlowInfo> flows;
  std::string payload;
  void on_flow(const FlowInfo& flow) override { flows.push_back(flow); }
  void on_segment(const Segment& segment) override { payload += as_text(segment.payload); }
  void on_flow_end(FlowId, FlowEndReason, std::uint64_t) override {}
  void on_unread(Unread, PacketId, std::uint64_t) override {}
};

TEST(Apps, AFlowKnowsItsApp) {
  Sink sink;
  Anomalies anomalies;
  const Limits limits;
  Dissector dissector({}, false, limits, anomalies, sink);
  dissector.on_packet(captured(1, 0, frame(kNoMacs, kIp, 1, 10123, "Weather"), 1));
  dissector.on_packet(captured(2, 0, frame(kNoMacs, kIp6, 3, 10123, "Weather"), 1));
  CapturedPacket named = captured(3, 0, ipv4("192.0.2.17", "198.51.100.2", 17, udp(40000, 53, "z")));
  named.app = std::make_shared<AppInfo>(AppInfo{10200, "Mail", "com.example.mail", "ground"});
  dissector.on_packet(named);
  dissector.finish();
  ASSERT_EQ(sink.flows.size(), 3u);
  ASSERT_TRUE(sink.flows[0].app && sink.flows[2].app);
  EXPECT_EQ(sink.flows[0].app->name, "Weather");
  EXPECT_EQ(sink.flows[0].app, sink.flows[1].app);
  EXPECT_EQ(sink.flows[2].app->package, "com.example.mail");
  EXPECT_EQ(sink.payload, "qqqqz");
}

}  // namespace
}  // namespace tattle
