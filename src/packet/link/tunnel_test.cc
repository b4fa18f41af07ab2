// Tunnels: what is inside becomes conversations, what is no tunnel stays a datagram.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "packet/device/device_inference.h"
#include "packet/dissector.h"
#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;
using Lines = std::vector<std::string>;

constexpr const char *kNear = "198.51.100.1", *kFar = "203.0.113.1", *kPhone = "192.0.2.17", *kServer = "192.0.2.99",
                     *kPhone6 = "2001:db8::17", *kServer6 = "2001:db8:1::1";

/// Flows, payloads and what was unread, a line each.
struct Recorder : SegmentSink {
  Lines lines;
  std::vector<PacketRuns> fragments;
  void on_flow(const FlowInfo& flow) override {
    const char* sides[] = {"", " phone=client", " phone=server"};
    lines.push_back("flow " + to_string(flow.client.address) + ":" + std::to_string(flow.client.port) + " " +
                    to_string(flow.server.address) + ":" + std::to_string(flow.server.port) +
                    sides[static_cast<int>(flow.device)]);
  }
  void on_segment(const Segment& segment) override {
    const char* tunnels[] = {" ", " wireguard ", " esp "};
    lines.push_back(std::to_string(segment.packet.number) + tunnels[static_cast<int>(segment.tunnel)] +
                    std::string(as_text(segment.payload)));
    if (!segment.fragments.empty()) fragments.emplace_back(segment.fragments.begin(), segment.fragments.end());
  }
  void on_flow_end(FlowId, FlowEndReason, std::uint64_t) override {}
  void on_unread(Unread why, PacketId packet, std::uint64_t bytes) override {
    lines.push_back("unread " + std::to_string(packet.number) + " " + std::to_string(static_cast<int>(why)) + " " +
                    std::to_string(bytes));
  }
};

struct Dissection {
  std::vector<DeviceAddresses> devices;
  Limits limits;
  Anomalies anomalies;
  Recorder recorder;
  Lines operator()(const std::vector<CapturedPacket>& packets) {
    Dissector dissector(devices, false, limits, anomalies, recorder);
    for (const CapturedPacket& packet : packets) dissector.on_packet(packet);
    dissector.finish();
    return recorder.lines;
  }
};

const std::string kUdp = udp(40000, 53, "inside"), kIp4 = ipv4(kPhone, kServer, 17, kUdp),
                  kIp6 = ipv6(kPhone6, kServer6, 17, kUdp), kFrame = ethernet("020000000001", "020000000002", kIp4);
const Lines kInside4{"flow 192.0.2.17:40000 192.0.2.99:53", "1 inside"},
    kInside6{"flow 2001:db8::17:40000 2001:db8:1::1:53", "1 inside"};

std::string outside(int protocol, const std::string& payload) { return ipv4(kNear, kFar, protocol, payload); }
std::string outside_udp(std::uint16_t from, std::uint16_t to, const std::string& payload) {
  return outside(17, udp(from, to, payload));
}

struct TunnelCase {
  const char* name;
  std::string packet;
  Lines found;
};

class Tunnel : public testing::TestWithParam<TunnelCase> {};

TEST_P(Tunnel, IsOpened) { EXPECT_EQ(Dissection{}({captured(1, 0, GetParam().packet)}), GetParam().found); }

const std::string kTeredo4 = "2001:0:c633:6401:8000:63bf:3fff:fdee";  // RFC 4380 section 4
std::string teredo(const std::string& payload = kUdp) { return ipv6(kTeredo4, kServer6, 17, payload); }
const Lines kInsideTeredo{"flow " + kTeredo4 + ":40000 2001:db8:1::1:53", "1 inside"};
std::string gtp(std::string_view flags, const std::string& rest, std::string_view type = "ff") {
  return hex(flags) + hex(type) + be(rest.size(), 2) + be(7, 4) + rest;
}

INSTANTIATE_TEST_SUITE_P(
    OverIp, Tunnel,
    testing::Values(
        TunnelCase{"IpInIp", outside(4, kIp4), kInside4}, TunnelCase{"SixInFour", outside(41, kIp6), kInside6},
        TunnelCase{"FourInSix", ipv6(kPhone6, kServer6, 4, kIp4), kInside4},
        TunnelCase{"Nested", outside(4, outside(41, kIp6)), kInside6},
        TunnelCase{"Gre", outside(47, hex("0000 0800") + kIp4), kInside4},
        TunnelCase{"GreAllFields", outside(47, hex("b000 86dd 12340000 00000001 00000002") + kIp6), kInside6},
        TunnelCase{"GreEthernet", outside(47, hex("2000 6558 00000001") + kFrame), kInside4},
        TunnelCase{"GrePpp",
                   outside(47, hex("3001 880b") + be(kIp4.size() + 4, 2) + hex("0001 00000005 ff03 0021") + kIp4),
                   kInside4},
        TunnelCase{"GrePppAcknowledged",
                   outside(47, hex("3081 880b") + be(kIp4.size() + 1, 2) + hex("0001 00000005 00000004 21") + kIp4),
                   kInside4},
        TunnelCase{"GreErspan1", outside(47, hex("0000 88be") + kFrame), kInside4},
        TunnelCase{"GreErspan2", outside(47, hex("1000 88be 00000001 10010001 00000000") + kFrame), kInside4},
        TunnelCase{"GreErspan3", outside(47, hex("1000 22eb 00000001 20010001 00000000 00000000") + kFrame), kInside4},
        TunnelCase{"GreMpls", outside(47, hex("0000 8847 00010140") + kIp4), kInside4},
        TunnelCase{"EtherIp", outside(97, hex("3000") + kFrame), kInside4},
        TunnelCase{"MplsInIp", outside(137, hex("00010140") + kIp4), kInside4},
        TunnelCase{"PseudowireInIp", outside(137, hex("00010140 00000000") + kFrame), kInside4},
        TunnelCase{"Authentication",
                   outside(51, hex("11 01 0000 00000001 00000001") + kUdp),
                   {"flow 198.51.100.1:40000 203.0.113.1:53", "1 inside"}}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    OverUdp, Tunnel,
    testing::Values(
        TunnelCase{"Vxlan", outside_udp(50000, 4789, hex("08000000 00002a00") + kFrame), kInside4},
        TunnelCase{"VxlanLinux", outside_udp(50000, 8472, hex("08000000 00002a00") + kFrame), kInside4},
        TunnelCase{"Geneve", outside_udp(50000, 6081, hex("0000 6558 00002a00") + kFrame), kInside4},
        TunnelCase{"GeneveOptions", outside_udp(50000, 6081, hex("0100 0800 00002a00 00000000") + kIp4), kInside4},
        TunnelCase{"Gtp", outside_udp(2152, 2152, gtp("30", kIp4)), kInside4},
        TunnelCase{"GtpSequence", outside_udp(2152, 2152, gtp("32", hex("0001 00 00") + kIp4)), kInside4},
        TunnelCase{"GtpExtensions", outside_udp(2152, 2152, gtp("34", hex("0000 00 85 01 1005 85 01 1005 00") + kIp6)),
                   kInside6},
        TunnelCase{"Teredo", outside_udp(3797, 3544, teredo()), kInsideTeredo},
        TunnelCase{"TeredoOrigin", outside_udp(3544, 3797, hex("0000 f12a b9c8a9b1") + teredo()), kInsideTeredo},
        TunnelCase{"TeredoAuthentication", outside_udp(3797, 3544, hex("0001 0000 1122334455667788 00") + teredo()),
                   kInsideTeredo},
        TunnelCase{"TeredoRelay", outside_udp(3797, 32900, teredo()), kInsideTeredo},
        TunnelCase{"L2tp",
                   outside_udp(1701, 1701, hex("4002") + be(kIp4.size() + 12, 2) + hex("0001 0002 ff03 0021") + kIp4),
                   kInside4},
        TunnelCase{"L2tpBare", outside_udp(1701, 1701, hex("0002 0001 0002 0021") + kIp4), kInside4}),
    [](const auto& info) { return info.param.name; });

Lines datagram(std::uint16_t from, std::uint16_t to, const std::string& payload) {
  return {"flow 198.51.100.1:" + std::to_string(from) + " 203.0.113.1:" + std::to_string(to), "1 " + payload};
}

struct DatagramCase {
  const char* name;
  std::uint16_t from, to;
  std::string payload;
};

class Datagram : public testing::TestWithParam<DatagramCase> {};

TEST_P(Datagram, IsNoTunnel) {
  const DatagramCase& given = GetParam();
  const Lines found = Dissection{}({captured(1, 0, outside_udp(given.from, given.to, given.payload))});
  EXPECT_EQ(found, datagram(given.from, given.to, given.payload));
}

const std::string kQuic = hex("c0 00000001") + std::string(1195, 'q');

INSTANTIATE_TEST_SUITE_P(
    Cases, Datagram,
    testing::Values(
        DatagramCase{"VxlanReservedBits", 50000, 4789, hex("08000001 00002a00") + kFrame},
        DatagramCase{"VxlanInnerContradicts", 50000, 4789,
                     hex("08000000 00002a00") + ethernet("020000000001", "020000000002", kIp4.substr(0, 30))},
        DatagramCase{"GtpEcho", 2152, 2152, gtp("32", hex("0001 0000"), "01")},
        DatagramCase{"GtpLength", 2152, 2152, gtp("30", kIp4) + "x"},
        DatagramCase{"GtpExtensionOfNoLength", 2152, 2152, gtp("34", hex("0000 00 85 00 0000 00") + kIp4)},
        DatagramCase{"GtpExtensionBeyond", 2152, 2152, gtp("34", hex("0000 00 85 ff 0000 00") + kIp4)},
        DatagramCase{"TeredoLonger", 3797, 3544, teredo() + "x"}, DatagramCase{"SixByChance", 40001, 40002, kIp6},
        DatagramCase{"L2tpControl", 1701, 1701, hex("c802 000c 0000 0000 0000 0000")},
        DatagramCase{"Ike", 4500, 4500, hex("00000000") + std::string(40, 'i')},
        DatagramCase{"NatKeepalive", 4500, 4500, hex("ff")},
        DatagramCase{"StunOnIpsecPort", 40000, 4500, hex("0001 0008 2112a442") + std::string(20, 's')},
        DatagramCase{"DtlsOnIpsecPort", 40000, 4500, hex("16fefd 0000 000000000001 0020") + std::string(32, 'd')},
        DatagramCase{"QuicToIpsecPort", 443, 4500, kQuic},
        DatagramCase{"StunResponse", 40000, 3478, hex("0101 0050 2112a442") + std::string(84, 's')},
        DatagramCase{"QuicOfWireguardsSize", 40000, 443, hex("40000000") + std::string(144, 'q')},
        DatagramCase{"DataWithoutHandshake", 40001, 40002, hex("04000000") + std::string(60, 'w')},
        DatagramCase{"ZerosAreNoHandshake", 40001, 40002, hex("01000000") + std::string(144, '\0')}),
    [](const auto& info) { return info.param.name; });

constexpr int kNotIp = 0, kMalformed = 2, kNoTransport = 3, kEncrypted = 4;
static_assert(static_cast<int>(Unread::encrypted_tunnel) == kEncrypted);

Lines unread(int why, const std::string& packet) {
  return {"unread 1 " + std::to_string(why) + " " + std::to_string(packet.size())};
}

struct UnreadCase {
  const char* name;
  std::string packet;
  int why;
};

class UnreadTunnel : public testing::TestWithParam<UnreadCase> {};

TEST_P(UnreadTunnel, IsCounted) {
  EXPECT_EQ(Dissection{}({captured(1, 0, GetParam().packet)}), unread(GetParam().why, GetParam().packet));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, UnreadTunnel,
    testing::Values(
        UnreadCase{"Mppe", outside(47, hex("3001 880b 0006 0001 00000005 00fd 90001122")), kEncrypted},
        UnreadCase{"GrePppControl", outside(47, hex("3001 880b 0006 0001 00000005 c021 01010004")), kNotIp},
        UnreadCase{"GreAcknowledgment", outside(47, hex("2081 880b 0000 0001 00000005")), kNotIp},
        UnreadCase{"VxlanArp", outside_udp(50000, 4789, hex("08000000 00002a00 ffffffffffff 020000000001 0806 0001")),
                   kNotIp},
        UnreadCase{"GreCut", outside(47, hex("b000 0800 0000")), kMalformed},
        UnreadCase{"GreVersion", outside(47, hex("0007 0800") + kIp4), kMalformed},
        UnreadCase{"IpInIpOfNothing", outside(4, ""), kMalformed},
        UnreadCase{"InnerHeaderCut", outside(4, kIp4.substr(0, 12)), kMalformed},
        UnreadCase{"Icmp", outside(4, ipv4(kPhone, kServer, 1, "ping")), kNoTransport},
        UnreadCase{"TeredoBubble", outside_udp(3797, 3544, ipv6(kTeredo4, kServer6, 59, "")), kNoTransport}),
    [](const auto& info) { return info.param.name; });

const std::string kEsp = hex("c0ffee00 00000001") + std::string(40, 'e');
struct EspCase {
  const char* name;
  std::string packet;
  std::string flow;
};
class Esp : public testing::TestWithParam<EspCase> {};
TEST_P(Esp, IsAFlowOfClosedBytes) {
  EXPECT_EQ(Dissection{}({captured(1, 0, GetParam().packet)}), (Lines{"flow " + GetParam().flow, "1 esp " + kEsp}));
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Esp,
    testing::Values(EspCase{"Bare", outside(50, kEsp), "198.51.100.1:0 203.0.113.1:0"},
                    EspCase{"InUdp", outside_udp(4500, 4500, kEsp), "198.51.100.1:4500 203.0.113.1:4500"},
                    EspCase{"BehindNat", outside_udp(61234, 4500, kEsp), "198.51.100.1:61234 203.0.113.1:4500"},
                    EspCase{"InGre", outside(47, hex("0000 0800") + ipv4(kPhone, kServer, 50, kEsp)),
                            "192.0.2.17:0 192.0.2.99:0"}),
    [](const auto& info) { return info.param.name; });

TEST(Tunnels, DepthHasALimit) {
  Dissection dissection;
  dissection.limits.tunnel_depth = 2;
  const std::string packet = outside(4, outside(4, outside(4, kIp4)));
  EXPECT_EQ(dissection({captured(1, 0, packet)}), unread(kNoTransport, packet));
  EXPECT_EQ(dissection.anomalies.count("tunnel.depth-limit"), 1u);
  Dissection datagrams;
  datagrams.limits.tunnel_depth = 1;
  const Lines found = datagrams({captured(1, 0, outside(4, outside_udp(2152, 2152, gtp("30", kIp4))))});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], "flow 198.51.100.1:2152 203.0.113.1:2152");
}

// The same numbers outside and inside, interleaved: a datagram of each comes out.
TEST(Tunnels, FragmentsOutsideAndInsideAreApart) {
  const std::string inner_udp = udp(40000, 53, std::string(24, 'i')), outer_udp = udp(40000, 53, std::string(24, 'o'));
  const auto outer = [&](unsigned flags, std::size_t from, std::size_t size) {
    return ipv4(kNear, kFar, 17, outer_udp.substr(from, size), flags, 7);
  };
  const auto inner = [&](unsigned flags, std::size_t from, std::size_t size) {
    return outside(4, ipv4(kNear, kFar, 17, inner_udp.substr(from, size), flags, 7));
  };
  Dissection dissection;
  EXPECT_EQ(
      dissection({captured(1, 0, inner(0x2000, 0, 16)), captured(2, 0, outer(0x2000, 0, 16)),
                  captured(3, 0, inner(2, 16, 16)), captured(4, 0, outer(2, 16, 16))}),
      (Lines{"flow 198.51.100.1:40000 203.0.113.1:53", "3 " + std::string(24, 'i'), "4 " + std::string(24, 'o')}));
  EXPECT_EQ(dissection.recorder.fragments, (std::vector<PacketRuns>{{{0, 1, 1}, {0, 3, 3}}, {{0, 2, 2}, {0, 4, 4}}}));
}

// Fragments of a tunnel's datagram that holds a fragment of the packet inside: all four packets are named.
TEST(Tunnels, FragmentsWithinFragments) {
  const std::string inner_udp = udp(40000, 53, std::string(24, 'i'));
  std::vector<CapturedPacket> packets;
  for (std::uint64_t half = 0; half < 2; ++half) {
    const std::string inner = ipv4(kPhone, kServer, 17, inner_udp.substr(half * 16, 16), half == 0 ? 0x2000 : 2, 9);
    const std::string tunnel = udp(2152, 2152, gtp("30", inner));
    const unsigned id = 100 + static_cast<unsigned>(half);
    packets.push_back(captured(packets.size() + 1, 0, ipv4(kNear, kFar, 17, tunnel.substr(0, 24), 0x2000, id)));
    packets.push_back(captured(packets.size() + 1, 0, ipv4(kNear, kFar, 17, tunnel.substr(24), 3, id)));
  }
  Dissection dissection;
  EXPECT_EQ(dissection(packets), (Lines{kInside4[0], "4 " + std::string(24, 'i')}));
  EXPECT_EQ(dissection.recorder.fragments, (std::vector<PacketRuns>{{{0, 1, 4}}}));
}

TEST(Tunnels, ALostFragmentIsCountedWithAllItsBytes) {
  const std::string inner = ipv4(kPhone, kServer, 6, std::string(16, 't'), 0x2000, 9);
  const std::string packet = outside(4, inner);
  EXPECT_EQ(Dissection{}({captured(1, 0, packet)}), unread(5, packet));
}

// By the addresses inside; by those of the tunnel only when nothing inside is known.
TEST(Tunnels, ThePhoneIsFoundInside) {
  Dissection inside{{{{}, {*Prefix::parse(kServer)}}, {{}, {*Prefix::parse(kNear)}}}, {}, {}, {}};
  EXPECT_EQ(inside({captured(1, 0, outside(4, kIp4))})[0], kInside4[0] + " phone=server");
  Dissection around{{{{}, {*Prefix::parse(kNear)}}}, {}, {}, {}};
  EXPECT_EQ(around({captured(1, 0, outside(4, kIp4))})[0], kInside4[0] + " phone=client");
  Dissection by_mac{{{{*MacAddress::parse("020000000009")}, {}}}, {}, {}, {}};
  const std::string framed = ethernet("020000000009", "020000000008", outside(4, kIp4));
  EXPECT_EQ(by_mac({captured(1, 0, framed, 1)})[0], kInside4[0] + " phone=client");
}

TEST(Tunnels, AHostThatOnlyCarriesOthersIsNoPhone) {
  DeviceInference inference;
  const std::string syn = ipv4("10.0.0.5", kServer, 6, Tcp{.flags = "S"}.bytes());
  inference.on_packet(captured(1, 0, outside_udp(2152, 2152, gtp("30", syn))));
  const DeviceInference::Answer answer = inference.answer();
  ASSERT_EQ(answer.addresses.prefixes.size(), 1u);
  EXPECT_EQ(to_string(answer.addresses.prefixes[0].address), "10.0.0.5");
}

// A gateway takes a packet out of one tunnel and sends it on through the next.
TEST(Tunnels, APacketSeenInTwoTunnelsIsOne) {
  const std::string second = ipv4(kFar, "203.0.113.200", 4, kIp4);
  EXPECT_EQ(Dissection{}({captured(1, 0, outside(4, kIp4)), captured(2, 0.1, second)}),
            (Lines{kInside4[0], "1 inside", "unread 2 6 " + std::to_string(second.size())}));
  // The same packet twice in one tunnel is two packets.
  EXPECT_EQ(Dissection{}({captured(1, 0, outside(4, kIp4)), captured(2, 0.1, outside(4, kIp4))}),
            (Lines{kInside4[0], "1 inside", "2 inside"}));
}

std::string random_bytes(std::size_t count) {
  std::string out;
  std::uint32_t state = 12345;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    out += static_cast<char>(state >> 24 | 1);
  }
  return out;
}

TEST(Tunnels, WireguardIsTakenForEncryptedBehindItsHandshake) {
  const std::string initiation = hex("01000000") + random_bytes(128) + std::string(16, '\0');
  const std::string response = hex("02000000") + random_bytes(72) + std::string(16, '\0');
  const std::string data = hex("04000000") + random_bytes(44);
  const std::vector<CapturedPacket> packets{captured(1, 0, outside_udp(40001, 40002, data)),
                                            captured(2, 0, outside_udp(40001, 40002, initiation)),
                                            captured(3, 0, ipv4(kFar, kNear, 17, udp(40002, 40001, response))),
                                            captured(4, 0, outside_udp(40001, 40002, data)),
                                            captured(5, 0, outside_udp(40001, 40002, "something else")),
                                            captured(6, 0, outside_udp(40001, 51820, data))};
  EXPECT_EQ(Dissection{}(packets),
            (Lines{datagram(40001, 40002, data)[0], "1 " + data, "2 wireguard " + initiation, "3 wireguard " + response,
                   "4 wireguard " + data, "5 something else", datagram(40001, 51820, data)[0], "6 wireguard " + data}));
}

// On the `any` interface: received at one interface, sent on at another. Twice at one place it is two packets.
TEST(Tunnels, ACookedCaptureSeesAPacketAtEachInterface) {
  const auto cooked2 = [](std::uint32_t interface, int type) {
    return hex("0800 0000") + be(interface, 4) + hex("0001") + be(type, 1) + hex("06 0200000000010000") + kIp4;
  };
  const auto cooked = [](int type) { return be(type, 2) + hex("0001 0006 0200000000010000 0800") + kIp4; };
  const Lines once{kInside4[0], "1 inside", "unread 2 6 " + std::to_string(kIp4.size() + 20)};
  EXPECT_EQ(Dissection{}({captured(1, 0, cooked2(2, 0), 276), captured(2, 0.1, cooked2(3, 0), 276)}), once);
  EXPECT_EQ(Dissection{}({captured(1, 0, cooked2(2, 0), 276), captured(2, 0.1, cooked2(2, 0), 276)}),
            (Lines{kInside4[0], "1 inside", "2 inside"}));
  EXPECT_EQ(Dissection{}({captured(1, 0, cooked(0), 113), captured(2, 0.1, cooked(4), 113)}),
            (Lines{kInside4[0], "1 inside", "unread 2 6 " + std::to_string(kIp4.size() + 16)}));
  EXPECT_EQ(Dissection{}({captured(1, 0, cooked(0), 113), captured(2, 0.1, cooked(0), 113)}),
            (Lines{kInside4[0], "1 inside", "2 inside"}));
}

// An access point repeats what it got; a retry repeats a frame.
TEST(Tunnels, AFrameOnTheAirIsCountedOnce) {
  const auto frame = [](std::string_view control) {
    return hex(control) + hex("0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800") + kIp4;
  };
  EXPECT_EQ(Dissection{}({captured(1, 0, frame("0801"), 105), captured(2, 0.1, frame("0802"), 105),
                          captured(3, 0.2, frame("0809"), 105), captured(4, 0.3, frame("0809"), 105)}),
            (Lines{kInside4[0], "1 inside", "unread 2 6 66", "unread 3 6 66", "unread 4 6 66"}));
}

// Bytes of an aggregate are counted by subframe, never twice.
TEST(Tunnels, AnAggregateHoldsSeveralPackets) {
  const std::string arp = hex("aaaa03 000000 0806 0001"), ip = hex("aaaa03 000000 0800") + kIp4;
  const auto subframe = [](const std::string& body) {
    const std::string whole = hex("020000000001 020000000002") + be(body.size(), 2) + body;
    return whole + std::string((4 - whole.size() % 4) % 4, '\0');
  };
  const std::string head = hex("8801 0000 020000000001 020000000002 020000000003 1000 8000");
  const std::string packet = head + subframe(arp) + subframe(ip) + subframe(arp);
  const std::string first = std::to_string(head.size() + subframe(arp).size());
  EXPECT_EQ(Dissection{}({captured(1, 0, packet, 105)}), (Lines{"unread 1 0 " + first, kInside4[0], "1 inside",
                                                                "unread 1 0 " + std::to_string(subframe(arp).size())}));
}

}  // namespace
}  // namespace tattle
