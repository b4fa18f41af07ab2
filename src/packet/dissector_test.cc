#include "packet/dissector.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;
using Lines = std::vector<std::string>;

constexpr const char *kPhone = "192.0.2.17", *kServer = "198.51.100.1", *kPhone6 = "2001:db8::17",
                     *kServer6 = "2001:db8:1::1";

struct Recorder : SegmentSink {
  Lines lines;
  std::uint64_t last_order = 0;
  std::vector<PacketRuns> fragments;

  void on_flow(const FlowInfo& flow) override {
    const char* sides[] = {"", " phone=client", " phone=server"};
    lines.push_back(
        "flow " + std::to_string(flow.id) + " " + std::string(to_string(flow.transport)) + " " +
        to_string(flow.client.address) + ":" + std::to_string(flow.client.port) + " " + to_string(flow.server.address) +
        ":" + std::to_string(flow.server.port) + (flow.opening_seen ? "" : " guessed") +
        sides[static_cast<int>(flow.device)] +
        (flow.device != DeviceSide::none && flow.subject > 0 ? " subject" + std::to_string(flow.subject) : ""));
  }
  void on_segment(const Segment& segment) override {
    EXPECT_EQ(segment.order, ++last_order);
    lines.push_back(
        std::to_string(segment.packet.number) + " f" + std::to_string(segment.flow) +
        (segment.direction == Direction::to_server ? " > " : " < ") + std::string(as_text(segment.payload)) +
        (segment.wire_payload > segment.payload.size() ? " of " + std::to_string(segment.wire_payload) : ""));
    if (!segment.fragments.empty()) fragments.emplace_back(segment.fragments.begin(), segment.fragments.end());
  }
  void on_flow_end(FlowId flow, FlowEndReason reason, std::uint64_t order) override {
    EXPECT_EQ(order, ++last_order);
    const char* reasons[] = {"closed", "reset", "idle", "evicted", "capture-end"};
    lines.push_back("end " + std::to_string(flow) + " " + reasons[static_cast<int>(reason)]);
  }
  void on_unread(Unread why, PacketId packet, std::uint64_t bytes) override {
    const char* reasons[] = {"not-ip",           "unknown-link",  "malformed", "no-transport",
                             "encrypted-tunnel", "fragment-lost", "duplicate"};
    lines.push_back("unread " + std::to_string(packet.number) + " " + reasons[static_cast<int>(why)] + " " +
                    std::to_string(bytes));
  }
};

struct Dissection {
  Limits limits;
  std::vector<DeviceAddresses> devices;
  bool several_sources = false;
  Anomalies anomalies;
  Recorder recorder;

  Lines operator()(const std::vector<CapturedPacket>& packets) {
    Dissector dissector(devices, several_sources, limits, anomalies, recorder);
    for (const CapturedPacket& packet : packets) dissector.on_packet(packet);
    dissector.finish();
    return recorder.lines;
  }
};

std::string out(const Tcp& tcp) { return ipv4(kPhone, kServer, 6, tcp.bytes()); }
std::string in(Tcp tcp) {
  std::swap(tcp.from, tcp.to);
  return ipv4(kServer, kPhone, 6, tcp.bytes());
}
std::string out_udp(std::string_view payload) { return ipv4(kPhone, kServer, 17, udp(40000, 53, payload)); }

const std::string kTcpFlow = "flow 1 tcp 192.0.2.17:40000 198.51.100.1:443";

TEST(Dissector, FollowsAConversation) {
  EXPECT_EQ(
      Dissection{}({captured(1, 0, out({.sequence = 9, .flags = "S"})),
                    captured(2, 0, in({.sequence = 99, .acknowledgment = 10, .flags = "SA"})),
                    captured(3, 0, out({.sequence = 10, .acknowledgment = 100, .flags = "A", .payload = "hello"})),
                    captured(4, 0, in({.sequence = 100, .acknowledgment = 15, .flags = "A", .payload = "hi"})),
                    captured(5, 0, out_udp("query"))}),
      (Lines{kTcpFlow, "1 f1 > ", "2 f1 < ", "3 f1 > hello", "4 f1 < hi", "flow 2 udp 192.0.2.17:40000 198.51.100.1:53",
             "5 f2 > query", "end 1 capture-end", "end 2 capture-end"}));
}

TEST(Dissector, SnapLengthLeavesTheRestMissing) {
  const std::string whole = out({.flags = "A", .payload = "hello, world"});
  CapturedPacket packet = captured(1, 0, whole);
  packet.data = packet.data.first(packet.data.size() - 7);
  EXPECT_EQ(Dissection{}({packet})[1], "1 f1 > hello of 12");
}

struct ClientCase {
  const char* name;
  std::string packet;
  std::string flow;
};
class Client : public testing::TestWithParam<ClientCase> {};
TEST_P(Client, IsWhoOpenedOrWhoHasTheLesserPort) {
  EXPECT_EQ(Dissection{}({captured(1, 0, GetParam().packet)}).front(), GetParam().flow);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Client,
    testing::Values(ClientCase{"Syn", ipv4(kPhone, kServer, 6, Tcp{443, 40000, 1, 0, "S"}.bytes()),
                               "flow 1 tcp 192.0.2.17:443 198.51.100.1:40000"},
                    ClientCase{"SynAck", ipv4(kServer, kPhone, 6, Tcp{50000, 80, 1, 2, "SA"}.bytes()),
                               "flow 1 tcp 192.0.2.17:80 198.51.100.1:50000"},
                    ClientCase{"Midstream", ipv4(kServer, kPhone, 6, Tcp{443, 40000, 1, 2, "A"}.bytes()),
                               kTcpFlow + " guessed"},
                    ClientCase{"MidstreamKnownService", ipv4(kServer, kPhone, 6, Tcp{8443, 2000, 1, 2, "A"}.bytes()),
                               "flow 1 tcp 192.0.2.17:2000 198.51.100.1:8443 guessed"},
                    ClientCase{"Udp", ipv4(kPhone, kServer, 17, udp(40000, 50000, "x")),
                               "flow 1 udp 192.0.2.17:40000 198.51.100.1:50000"},
                    ClientCase{"UdpAnswer", ipv4(kServer, kPhone, 17, udp(53, 40000, "x")),
                               "flow 1 udp 192.0.2.17:40000 198.51.100.1:53 guessed"},
                    ClientCase{"Ipv6", ipv6(kPhone6, kServer6, 17, udp(40000, 443, "x")),
                               "flow 1 udp 2001:db8::17:40000 2001:db8:1::1:443"}),
    [](const auto& info) { return info.param.name; });

struct ReuseCase {
  const char* name;
  std::vector<std::string> packets;
  int flows;
};
class Reuse : public testing::TestWithParam<ReuseCase> {};
TEST_P(Reuse, OfA5Tuple) {
  std::vector<CapturedPacket> packets;
  for (const std::string& bytes : GetParam().packets) packets.push_back(captured(packets.size() + 1, 0, bytes));
  int flows = 0;
  for (const std::string& line : Dissection{}(packets)) flows += line.starts_with("flow");
  EXPECT_EQ(flows, GetParam().flows);
}
const std::string kSyn = out({.sequence = 1000, .flags = "S"}),
                  kSynAck = in({.sequence = 5000, .acknowledgment = 1001, .flags = "SA"}),
                  kData = out({.sequence = 1001, .acknowledgment = 5001, .flags = "A", .payload = "data"}),
                  kFin = out({.sequence = 1005, .acknowledgment = 5001, .flags = "FA"}),
                  kReset = in({.sequence = 5001, .flags = "R"}), kNearSyn = out({.sequence = 1010, .flags = "S"}),
                  kFarSyn = out({.sequence = 3000000000, .flags = "S"});
INSTANTIATE_TEST_SUITE_P(
    Cases, Reuse,
    testing::Values(ReuseCase{"SynSentAgain", {kSyn, kSyn, kSynAck, kSynAck, kData, kSyn}, 1},
                    ReuseCase{"DataAfterFin", {kSyn, kSynAck, kFin, kData, kFin}, 1},
                    ReuseCase{"NewSynAfterFin", {kSyn, kSynAck, kData, kFin, kNearSyn}, 2},
                    ReuseCase{"NewSynAfterReset", {kSyn, kReset, kNearSyn}, 2},
                    ReuseCase{"SameSynAfterReset", {kSyn, kReset, kSyn}, 1},
                    ReuseCase{"FarSynWithoutAnEnd", {kSyn, kSynAck, kData, kFarSyn}, 2},
                    ReuseCase{"SynInWindow", {kSyn, kSynAck, kData, kNearSyn}, 1},
                    ReuseCase{"SynAckWithAnotherNumberForTheSameSyn",
                              {kSyn, kSynAck, in({.sequence = 4000000000, .acknowledgment = 1001, .flags = "SA"})},
                              1},
                    ReuseCase{"SynCapturedAfterItsAnswer", {kSynAck, kSyn, kData}, 1},
                    ReuseCase{"SynCapturedAfterItsData", {kData, kSyn}, 1},
                    ReuseCase{"SynAfterMidstream", {kData, kFarSyn}, 2},
                    ReuseCase{"BothSidesOpen", {kSyn, in({.sequence = 77, .flags = "S"})}, 1}),
    [](const auto& info) { return info.param.name; });

TEST(Flows, EndWhenSilent) {
  EXPECT_EQ(Dissection{}({captured(1, 0, out_udp("a")), captured(2, 200, kSyn), captured(3, 299, out_udp("b")),
                          captured(4, 600, out_udp("c")), captured(5, 3801, out_udp("d"))}),
            (Lines{"flow 1 udp 192.0.2.17:40000 198.51.100.1:53", "1 f1 > a",
                   kTcpFlow.substr(0, 5) + "2" + kTcpFlow.substr(6), "2 f2 > ", "3 f1 > b", "end 1 idle",
                   "flow 3 udp 192.0.2.17:40000 198.51.100.1:53", "4 f3 > c", "end 3 idle", "end 2 idle",
                   "flow 4 udp 192.0.2.17:40000 198.51.100.1:53", "5 f4 > d", "end 4 capture-end"}));
}

TEST(Flows, EndSoonerOnceClosed) {
  const Lines lines = Dissection{}({captured(1, 0, kSyn), captured(2, 1, kSynAck), captured(3, 2, kFin),
                                    captured(4, 3, in({.sequence = 5001, .acknowledgment = 1006, .flags = "FA"})),
                                    captured(5, 304, out_udp("later"))});
  EXPECT_EQ(lines[5], "end 1 closed");
}

TEST(Flows, AreOfTheirOwnTimeWhenItRunsBackwards) {
  const Lines lines = Dissection{}(
      {captured(1, 1000000, out_udp("future")), captured(2, 1, kSyn), captured(3, 2, kSynAck), captured(4, 1, kData)});
  EXPECT_EQ(lines.back(), "end 2 capture-end");
  EXPECT_EQ(lines.size(), 8u);
}

TEST(Flows, OutliveASingleWrongTime) {
  const Lines lines =
      Dissection{}({captured(1, 100000, kSyn), captured(2, 900000, out_udp("wrong")), captured(3, 100001, kSynAck),
                    captured(4, 1, out_udp("wrong too")), captured(5, 100002, kData)});
  EXPECT_EQ(lines.back(), "end 2 capture-end");
  EXPECT_EQ(lines.size(), 9u);
}

TEST(Flows, AreOpenedByASynInTheWindowAfterAMinuteOfSilence) {
  const auto flows = [](double silence, const std::string& last) {
    const Lines lines = Dissection{}(
        {captured(1, 0, kSyn), captured(2, 0, kSynAck), captured(3, 1, kData), captured(4, 1 + silence, last)});
    return std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.starts_with("flow"); });
  };
  EXPECT_EQ(flows(1, kNearSyn), 1);
  EXPECT_EQ(flows(59, kNearSyn), 1);
  EXPECT_EQ(flows(61, kNearSyn), 2);
  EXPECT_EQ(flows(61, kSyn), 1);     // sent again
  EXPECT_EQ(flows(61, kSynAck), 1);  // likewise
  EXPECT_EQ(flows(61, kData), 1);
}

TEST(Flows, BeginAnewAfterALongSilence) {
  const Lines lines = Dissection{}({captured(1, 0, out_udp("a")), captured(2, 9000, kSyn), captured(3, 9000, kSynAck),
                                    captured(4, 9000, out_udp("b"))});
  EXPECT_EQ(lines, (Lines{"flow 1 udp 192.0.2.17:40000 198.51.100.1:53", "1 f1 > a",
                          "flow 2 tcp 192.0.2.17:40000 198.51.100.1:443", "2 f2 > ", "end 1 idle", "3 f2 < ",
                          "flow 3 udp 192.0.2.17:40000 198.51.100.1:53", "4 f3 > b", "end 2 capture-end",
                          "end 3 capture-end"}));
}

TEST(Flows, LeastRecentlyActiveMakesRoom) {
  Dissection run;
  run.limits.flows = 2;
  const auto from = [](std::uint16_t port) { return ipv4(kPhone, kServer, 17, udp(port, 53, "x")); };
  const Lines lines = run({captured(1, 0, from(40001)), captured(2, 0, from(40002)), captured(3, 0, from(40001)),
                           captured(4, 0, from(40003))});
  EXPECT_EQ(lines[5], "end 2 evicted");
  EXPECT_EQ(run.anomalies.count("packet.flows-limit"), 1u);
}

TEST(Flows, ManyAreToldApart) {
  Dissection run;
  std::vector<CapturedPacket> packets;
  for (int round = 0; round < 2; ++round) {
    for (std::uint16_t port = 20000; port < 40000; ++port) {
      packets.push_back(captured(packets.size() + 1, round, ipv4(kPhone, kServer, 17, udp(port, 53, "x"))));
    }
  }
  int flows = 0, ends = 0;
  for (const std::string& line : run(packets)) {
    flows += line.starts_with("flow");
    ends += line.starts_with("end");
  }
  EXPECT_EQ(flows, 20000);
  EXPECT_EQ(ends, 20000);
}

TEST(Flows, AreFoundWhileOthersComeAndGo) {
  Dissection run;
  run.limits.flows = 1500;
  std::vector<CapturedPacket> packets;
  const auto send = [&](std::uint16_t port) {
    packets.push_back(captured(packets.size() + 1, 0, ipv4(kPhone, kServer, 17, udp(port, 53, "x"))));
  };
  for (std::uint16_t passing = 20000; passing < 30000; ++passing) {
    send(passing);
    if (passing % 20 != 0 || passing < 21200) continue;  // so that the table is crowded when they begin
    for (std::uint16_t lasting = 40000; lasting < 40200; ++lasting) send(lasting);
  }
  int flows = 0;
  for (const std::string& line : run(packets)) flows += line.starts_with("flow");
  EXPECT_EQ(flows, 10000 + 200);
}

TEST(Device, IsKnownByAddressOrMac) {
  Dissection run;
  run.devices = {{{}, {*Prefix::parse("203.0.113.0/24")}}, {{*MacAddress::parse("02:00:00:00:00:17")}, {}}};
  const std::string phone = "020000000017", router = "020000000001";
  const Lines lines =
      run({captured(1, 0, ethernet(phone, router, out_udp("x")), 1),
           captured(2, 0, ethernet(router, phone, ipv4(kServer, kPhone, 6, Tcp{1, 2, 3, 0, "S"}.bytes())), 1),
           captured(3, 0, ipv4("203.0.113.9", kServer, 17, udp(40000, 53, "x"))),
           captured(4, 0, ipv4(kPhone, kServer, 17, udp(40001, 53, "x")))});
  EXPECT_EQ(lines[0], "flow 1 udp 192.0.2.17:40000 198.51.100.1:53 phone=client subject1");
  EXPECT_EQ(lines[2], "flow 2 tcp 198.51.100.1:1 192.0.2.17:2 phone=server subject1");
  EXPECT_EQ(lines[4], "flow 3 udp 203.0.113.9:40000 198.51.100.1:53 phone=client");
  EXPECT_EQ(lines[6], "flow 4 udp 192.0.2.17:40001 198.51.100.1:53");
}

TEST(Unreadable, IsCountedWithItsReason) {
  EXPECT_EQ(
      Dissection{}({captured(1, 0, hex("020000000001 020000000002 0806 0001"), 1), captured(2, 0, "whatever", 999),
                    captured(3, 0, "short", 1), captured(4, 0, ipv4(kPhone, kServer, 1, "ping")),
                    captured(6, 0, ipv4(kPhone, kServer, 6, "tcp"))}),
      (Lines{"unread 1 not-ip 16", "unread 2 unknown-link 8", "unread 3 malformed 5", "unread 4 no-transport 24",
             "unread 6 malformed 23"}));
}

// Both security associations between two addresses; who opened it is not in these packets.
TEST(Dissector, AnEspTunnelIsAFlow) {
  EXPECT_EQ(Dissection{}({captured(1, 0, ipv4(kPhone, kServer, 50, "secret")),
                          captured(2, 0, ipv4(kServer, kPhone, 50, "closed")),
                          captured(3, 0, ipv4(kPhone, "198.51.100.2", 50, "secret"))}),
            (Lines{"flow 1 esp 192.0.2.17:0 198.51.100.1:0 guessed", "1 f1 > secret", "2 f1 < closed",
                   "flow 2 esp 192.0.2.17:0 198.51.100.2:0 guessed", "3 f2 > secret", "end 1 capture-end",
                   "end 2 capture-end"}));
}

/// A UDP datagram in IPv4 fragments of 16, 16 and the rest.
const std::string kDatagram = udp(40000, 53, "The quick brown fox jumps over the lazy dog");
std::string part(std::size_t from, std::size_t length, bool more, unsigned id = 7) {
  return ipv4(kPhone, kServer, 17, kDatagram.substr(from, length),
              static_cast<unsigned>(from / 8) | (more ? 0x2000u : 0u), id);
}
std::string part6(std::size_t from, std::size_t length, bool more) {
  return ipv6(kPhone6, kServer6, 44,
              fragment6(17, static_cast<std::uint32_t>(from), more, 7, kDatagram.substr(from, length)));
}
const std::string kWhole = " f1 > The quick brown fox jumps over the lazy dog";

TEST(Fragments, InAnyOrderMakeTheDatagram) {
  Dissection run;
  EXPECT_EQ(run({captured(4, 0, part(32, 99, false)), captured(5, 0, part(0, 16, true)),
                 captured(6, 0, part(0, 16, true)), captured(9, 0, part(16, 16, true))})[1],
            "9" + kWhole);
  EXPECT_EQ(run.recorder.fragments, (std::vector<PacketRuns>{{{0, 4, 6}, {0, 9, 9}}}));
  EXPECT_TRUE(run.anomalies.entries().empty());
  EXPECT_EQ(Dissection{}({captured(1, 0, part6(16, 16, true)), captured(2, 0, part6(0, 16, true)),
                          captured(3, 0, part6(32, 99, false))})[1],
            "3" + kWhole);
}

// The datagram's first 16 bytes hold the UDP header, which says 43 bytes of payload, and 8 of these.
const std::string kBeginning = "flow 1 udp 192.0.2.17:40000 198.51.100.1:53";
const std::string kFirstEight = "1 f1 > The quic of 43";

TEST(Fragments, OfOtherDatagramsStayApart) {
  const Lines lines = Dissection{}({captured(1, 0, part(0, 16, true, 7)), captured(2, 0, part(16, 99, false, 8))});
  EXPECT_EQ(lines, (Lines{kBeginning, kFirstEight, "unread 2 fragment-lost 55", "end 1 capture-end"}));
  std::string tcp = part(16, 99, false);
  tcp[9] = 6;
  EXPECT_EQ(Dissection{}({captured(1, 0, part(0, 16, true)), captured(2, 0, tcp)}), lines);
}

TEST(Fragments, OverlapKeepsTheFirstBytesInIpv4) {
  Dissection run;
  std::string other = part(8, 16, true);
  other[25] = '#';  // of the second 8 bytes, which packet 1 brought already
  EXPECT_EQ(run({captured(1, 0, part(0, 16, true)), captured(2, 0, other), captured(3, 0, part(24, 99, false))})[1],
            "3" + kWhole);
  EXPECT_EQ(run.anomalies.count("ip.fragment-overlap"), 1u);
  EXPECT_EQ(run.anomalies.count("ip.fragment-conflict"), 1u);
}

TEST(Fragments, OverlapGivesUpAnIpv6Datagram) {
  Dissection run;
  EXPECT_EQ(run({captured(1, 0, part6(0, 16, true)), captured(2, 0, part6(8, 16, true)),
                 captured(3, 0, part6(16, 99, false)), captured(4, 0, part6(0, 16, true))}),
            (Lines{"unread 1 fragment-lost " + std::to_string(3 * 64 + 48 + kDatagram.size() - 16)}));
  EXPECT_EQ(run.anomalies.count("ip.fragment-overlap"), 1u);
}

TEST(Fragments, AreGivenUpAfterAMinuteAndOverTheLimit) {
  Dissection late;
  const Lines lines = late({captured(1, 0, part(0, 16, true)), captured(2, 61, part(16, 99, false))});
  EXPECT_EQ(lines, (Lines{kBeginning, kFirstEight, "unread 2 fragment-lost 55", "end 1 capture-end"}));
  EXPECT_EQ(late.anomalies.count("ip.fragment-lost"), 1u);
  Dissection full;
  full.limits.fragments = 1;
  EXPECT_EQ(full({captured(1, 0, part(0, 16, true, 1)), captured(2, 0, part(0, 16, true, 2))})[1], kFirstEight);
  EXPECT_EQ(full.anomalies.count("ip.fragments-limit"), 1u);
}

TEST(Fragments, CutBySnapLengthEndTheDatagramThere) {
  CapturedPacket second = captured(2, 0, part(16, 16, true));
  second.data = second.data.first(second.data.size() - 8);
  EXPECT_EQ(Dissection{}({captured(1, 0, part(0, 16, true)), second, captured(3, 0, part(32, 99, false))})[1],
            "3 f1 > The quick brown  of 43");
}

TEST(Fragments, ThatCannotBeAreMalformed) {
  Dissection run;
  EXPECT_EQ(run({captured(1, 0, part(0, 15, true)), captured(2, 0, ipv4(kPhone, kServer, 17, "12345678", 0x1fff)),
                 captured(3, 0, ipv4(kPhone, kServer, 17, "", 0x2000))}),
            (Lines{"unread 1 malformed 35", "unread 2 malformed 28", "unread 3 malformed 20"}));
  EXPECT_EQ(run.anomalies.count("ip.fragment-length"), 3u);
}

TEST(Duplicates, CountOnceBetweenInterfacesNeverWithinOne) {
  Dissection run;
  run.several_sources = true;
  const std::string packet = out_udp("same");
  const auto unread = "unread ";
  const Lines lines = run(
      {captured(1, 0.0, packet, 101, 0, 0), captured(2, 0.1, packet, 101, 0, 0), captured(3, 0.2, packet, 101, 0, 1),
       captured(1, 0.3, ethernet("020000000001", "020000000002", packet) + "padding", 1, 1, 0),
       captured(4, 0.4, packet, 101, 0, 1), captured(5, 0.5, packet, 101, 0, 1), captured(6, 2.1, packet, 101, 1, 0)});
  Lines kept;
  for (const std::string& line : lines) {
    if (line.find("f1 >") != std::string::npos || line.starts_with(unread)) kept.push_back(line);
  }
  EXPECT_EQ(kept, (Lines{"1 f1 > same", "2 f1 > same", "unread 3 duplicate 32", "unread 1 duplicate 53",
                         "unread 4 duplicate 32", "5 f1 > same", "6 f1 > same"}));
}

TEST(Duplicates, AreASecondApartAtMostEitherWay) {
  Dissection run;
  run.several_sources = true;
  const Lines lines = run({captured(1, 5, out_udp("same"), 101, 0), captured(1, 3.9, out_udp("same"), 101, 1),
                           captured(2, 4.1, out_udp("same"), 101, 2)});
  EXPECT_EQ(lines[2], "1 f1 > same");
  EXPECT_EQ(lines[3], "unread 2 duplicate 32");
}

TEST(Duplicates, CountInASingleSource) {
  const Lines lines = Dissection{}({captured(1, 0, out_udp("same")), captured(2, 0, out_udp("same"), 101, 0, 1)});
  EXPECT_EQ(lines[2], "2 f1 > same");
}

}  // namespace
}  // namespace tattle
