// Whose the datagrams of DHCP clients without an address are (RFC 2131).
#include <gtest/gtest.h>

#include "packet/dissector.h"
#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;
using Lines = std::vector<std::string>;

constexpr const char *kNone = "0.0.0.0", *kAll = "255.255.255.255", *kServer = "192.0.2.1";
const std::string kPhoneMac = "020000000017", kOtherMac = "020000000018";
enum Type { kDiscover = 1, kOffer, kRequest, kDecline, kAck, kNak };

std::string dhcp(Type type, const std::string& mac, const char* yiaddr = kNone, const char* ciaddr = kNone) {
  const bool reply = type == kOffer || type == kAck || type == kNak;
  return be(reply ? 2 : 1, 1) + hex("01 06 00 00003d1d 0000 8000") + raw(ciaddr) + raw(yiaddr) + raw(kNone) +
         raw(kNone) + hex(mac) + std::string(10 + 192, '\0') + hex("63825363 35 01") + be(type, 1) + hex("ff");
}
CapturedPacket asks(std::uint64_t number, Type type, const std::string& mac, double at = 0) {
  return captured(number, at, ipv4(kNone, kAll, 17, udp(68, 67, dhcp(type, mac))));
}
CapturedPacket answers(std::uint64_t number, Type type, const std::string& mac, const char* yiaddr,
                       const char* to = kAll, double at = 0) {
  return captured(number, at, ipv4(kServer, to, 17, udp(67, 68, dhcp(type, mac, yiaddr))));
}

struct Recorder : SegmentSink {
  Lines lines;
  void on_flow(const FlowInfo& flow) override {
    const char* sides[] = {"nobody", "client", "server"};
    lines.push_back("flow " + std::to_string(flow.id) + " " + sides[static_cast<int>(flow.device)]);
  }
  void on_segment(const Segment& segment) override {
    lines.push_back(std::to_string(segment.packet.number) + " f" + std::to_string(segment.flow));
  }
  void on_flow_end(FlowId, FlowEndReason, std::uint64_t) override {}
  void on_unread(Unread, PacketId, std::uint64_t) override {}
};

Lines run(const std::vector<CapturedPacket>& packets, DeviceAddresses device = {{}, {*Prefix::parse("192.0.2.17")}}) {
  Limits limits;
  Anomalies anomalies;
  Recorder recorder;
  Dissector dissector({std::move(device)}, false, limits, anomalies, recorder);
  for (const CapturedPacket& packet : packets) dissector.on_packet(packet);
  dissector.finish();
  return recorder.lines;
}

TEST(DhcpLease, NamesThePhoneThatAsked) {
  EXPECT_EQ(
      run({asks(1, kDiscover, kPhoneMac), answers(2, kOffer, kPhoneMac, "192.0.2.17"), asks(3, kRequest, kPhoneMac),
           answers(4, kAck, kPhoneMac, "192.0.2.17"), asks(5, kDiscover, kPhoneMac)}),
      (Lines{"flow 1 client", "1 f1", "flow 2 server", "2 f2", "3 f1", "4 f2", "5 f1"}));
  // An answer straight to the new address says it as well.
  EXPECT_EQ(run({asks(1, kRequest, kPhoneMac), answers(2, kAck, kPhoneMac, "192.0.2.17", "192.0.2.17")}),
            (Lines{"flow 1 client", "1 f1", "flow 2 server", "2 f2"}));
}

TEST(DhcpLease, OfAnotherIsNoneOfThePhones) {
  // Both use the same addresses and ports.
  EXPECT_EQ(
      run({asks(1, kDiscover, kOtherMac), asks(2, kRequest, kPhoneMac), answers(3, kAck, kPhoneMac, "192.0.2.17"),
           answers(4, kAck, kOtherMac, "192.0.2.18")}),
      (Lines{"flow 1 client", "2 f1", "flow 2 server", "3 f2", "flow 3 nobody", "1 f3", "flow 4 nobody", "4 f4"}));
  // A wish is not a lease, nor is an offer.
  EXPECT_EQ(run({asks(1, kRequest, kPhoneMac), answers(2, kOffer, kPhoneMac, "192.0.2.17"),
                 answers(3, kNak, kPhoneMac, kNone)}),
            (Lines{"flow 1 nobody", "1 f1", "flow 2 nobody", "2 f2", "3 f2"}));
}

TEST(DhcpLease, IsWaitedForInBounds) {
  EXPECT_EQ(run({asks(1, kRequest, kPhoneMac), answers(2, kAck, kPhoneMac, "192.0.2.17", kAll, 61)}),
            (Lines{"flow 1 nobody", "1 f1", "flow 2 server", "2 f2"}));
  std::vector<CapturedPacket> many;
  for (std::uint64_t i = 1; i <= 257; ++i)
    many.push_back(asks(i, kDiscover, "02000000" + std::string(i < 2 ? "aaaa" : "bbbb")));
  EXPECT_EQ(run(many)[1], "1 f1");
  // Whoever is known by hardware address needs no answer.
  EXPECT_EQ(run({asks(1, kDiscover, kOtherMac), asks(2, kDiscover, kPhoneMac)}, {{*MacAddress::parse(kPhoneMac)}, {}}),
            (Lines{"flow 1 nobody", "1 f1", "flow 2 client", "2 f2"}));
}

}  // namespace
}  // namespace tattle
