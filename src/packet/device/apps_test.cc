// PCAPdroid's trailer, built after its documentation: magic, user id, name of 20 bytes, checksum; and PKTAP's header.
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

std::string le(std::uint32_t value, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> 8 * i);
  return out;
}

// As Wireshark reads it: pktap.pid, .cmdname, .epid and .ecmdname.
std::string pktap(std::uint32_t pid, std::string comm, std::uint32_t epid, std::string ecomm, std::uint32_t link = 1) {
  comm.resize(20);
  ecomm.resize(20);
  return le(108, 4) + le(1, 4) + le(link, 4) + std::string(24, 'i') + le(2, 4) + le(2, 4) + le(14, 4) + le(0, 4) +
         le(pid, 4) + comm + le(0, 4) + le(6, 2) + le(0, 2) + le(epid, 4) + ecomm;
}

struct ProcessCase {
  const char* name;
  std::string frame;
  std::string found;  // the name, and `for` when another sent it; empty: none
};

class Process : public testing::TestWithParam<ProcessCase> {};

TEST_P(Process, IsRead) {
  const auto app = parse_pktap_process(as_bytes(GetParam().frame));
  const bool other = app && app->ground.ends_with("another sent the packets for");
  EXPECT_EQ(app ? app->name + (other ? " for" : "") : "", GetParam().found);
  EXPECT_TRUE(!app || app->uid == -2);
}

constexpr std::uint32_t kNone = 0xffffffff;

INSTANTIATE_TEST_SUITE_P(
    Cases, Process,
    testing::Values(ProcessCase{"Own", pktap(1234, "Weather", kNone, ""), "Weather"},
                    ProcessCase{"ForAnother", pktap(99, "nsurlsessiond", 4321, "Maps"), "Maps for"},
                    ProcessCase{"ForItself", pktap(99, "mDNSResponder", 99, "mDNSResponder"), "mDNSResponder"},
                    ProcessCase{"OnlyTheOther", pktap(kNone, "", 4321, "Maps"), "Maps for"},
                    ProcessCase{"NoneKnown", pktap(kNone, "", kNone, ""), ""},
                    ProcessCase{"NameWithoutProcess", pktap(kNone, "left over", kNone, "left over"), ""},
                    ProcessCase{"CutWithinACharacter", pktap(1, "abcdefghijklmno\xc3", kNone, ""), "abcdefghijklmno"},
                    ProcessCase{"HeaderCut", pktap(1, "Weather", kNone, "").substr(0, 107), ""},
                    ProcessCase{"ShorterHeader", le(100, 4) + pktap(1, "Weather", kNone, "").substr(4), ""},
                    ProcessCase{"NoPacketFollows", le(108, 4) + le(2, 4) + pktap(1, "Weather", kNone, "").substr(8),
                                ""}),
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
  dissector.on_packet(captured(
      4, 0, pktap(1234, "Tides", kNone, "", 12) + ipv4("192.0.2.17", "198.51.100.3", 17, udp(40000, 53, "y")), 258));
  named.app = std::make_shared<AppInfo>(AppInfo{10200, "Mail", "com.example.mail", "ground"});
  dissector.on_packet(named);
  dissector.finish();
  ASSERT_EQ(sink.flows.size(), 4u);
  ASSERT_TRUE(sink.flows[0].app && sink.flows[2].app && sink.flows[3].app);
  EXPECT_EQ(sink.flows[0].app->name, "Weather");
  EXPECT_EQ(sink.flows[0].app, sink.flows[1].app);
  EXPECT_EQ(sink.flows[2].app->name, "Tides");
  EXPECT_EQ(sink.flows[3].app->package, "com.example.mail");
  EXPECT_EQ(sink.payload, "qqqqyz");
}

}  // namespace
}  // namespace tattle
