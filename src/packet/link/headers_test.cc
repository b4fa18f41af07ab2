// Link, IP and transport headers, a case a line.
#include <gtest/gtest.h>

#include "packet/link/ip.h"
#include "packet/link/link.h"
#include "packet/link/transport.h"
#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;

struct LinkCase {
  const char* name;
  std::uint16_t link_type;
  std::string frame;  // hex
  std::string found;  // hex of the IP packet, or why there is none
  std::string source = "";
};

std::string describe(const LinkPayload& link) {
  if (link.why == Unread::malformed) return "malformed";
  if (link.why == Unread::not_ip) return "not-ip";
  if (link.why) return "other";
  std::string out;
  for (std::uint8_t byte : link.ip) out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
  return out;
}

class Link : public testing::TestWithParam<LinkCase> {};

TEST_P(Link, FindsTheIpPacket) {
  const LinkParser parse = link_parser(GetParam().link_type);
  ASSERT_NE(parse, nullptr);
  const std::string frame = hex(GetParam().frame);
  const LinkPayload link = parse(as_bytes(frame));
  EXPECT_EQ(describe(link), GetParam().found);
  EXPECT_EQ(link.has_source ? to_string(link.source) : "", GetParam().source);
}

const std::string kMacs = "020000000002 020000000001 ", kFrom = "02:00:00:00:00:01";

// Length 108 and "a packet follows"; then, behind the link type, 24 bytes of interface name and 72 more.
const std::string kPktap = "6c000000 01000000 ", kPktapRest = " 656e30" + std::string(2 * 93, '0') + " ";

INSTANTIATE_TEST_SUITE_P(
    Types, Link,
    testing::Values(LinkCase{"Ethernet4", 1, kMacs + "0800 45aa", "45aa", kFrom},
                    LinkCase{"Ethernet6", 1, kMacs + "86dd 60aa", "60aa", kFrom},
                    LinkCase{"Arp", 1, kMacs + "0806 0001", "not-ip", kFrom},
                    LinkCase{"Vlan", 1, kMacs + "8100 0064 0800 45", "45", kFrom},
                    LinkCase{"QinQ", 1, kMacs + "88a8 0001 8100 0064 86dd 60", "60", kFrom},
                    LinkCase{"QinQOld", 1, kMacs + "9100 0001 8100 0064 0800 45", "45", kFrom},
                    LinkCase{"VlanCut", 1, kMacs + "8100 0064", "malformed", kFrom},
                    LinkCase{"Snap", 1, kMacs + "0020 aaaa03 000000 0800 45", "45", kFrom},
                    LinkCase{"SpanningTree", 1, kMacs + "0026 424203 0000", "not-ip", kFrom},
                    LinkCase{"Pppoe", 1, kMacs + "8864 1100 0001 0004 0021 4500", "4500", kFrom},
                    LinkCase{"PppoeControl", 1, kMacs + "8864 1100 0001 0004 c021 0101", "not-ip", kFrom},
                    LinkCase{"Mpls", 1, kMacs + "8847 00010040 00020140 60", "60", kFrom},
                    LinkCase{"EthernetCut", 1, "0200 0000", "malformed"}, LinkCase{"Raw4", 101, "4500", "4500"},
                    LinkCase{"Raw6", 12, "60", "60"}, LinkCase{"RawNeither", 101, "10", "not-ip"},
                    LinkCase{"RawEmpty", 101, "", "malformed"}, LinkCase{"OnlyIpv4", 228, "45", "45"},
                    LinkCase{"Cooked", 113, "0004 0001 0006 020000000001 0000 0800 45", "45", kFrom},
                    LinkCase{"CookedVlan", 113, "0004 0001 0006 020000000001 0000 8100 0005 86dd 60", "60", kFrom},
                    LinkCase{"CookedMobile", 113, "0004 0207 0000 000000000000 0000 0800 45", "45"},
                    LinkCase{"CookedCut", 113, "0004 0001 0006 0200", "malformed"},
                    LinkCase{"Cooked2", 276, "0800 0000 00000003 0001 04 06 020000000001 0000 45", "45", kFrom},
                    LinkCase{"Cooked2Arp", 276, "0806 0000 00000003 0001 04 06 020000000001 0000 00", "not-ip", kFrom},
                    LinkCase{"Null4Little", 0, "02000000 45", "45"}, LinkCase{"Null4Big", 0, "00000002 45", "45"},
                    LinkCase{"Null6NetBsd", 0, "18000000 60", "60"}, LinkCase{"Null6FreeBsd", 0, "1c000000 60", "60"},
                    LinkCase{"Null6MacOs", 0, "1e000000 60", "60"}, LinkCase{"Loop6Linux", 108, "0000000a 60", "60"},
                    LinkCase{"NullOther", 0, "07000000 45", "not-ip"}, LinkCase{"NullCut", 0, "0200", "malformed"},
                    LinkCase{"Ppp", 9, "ff03 0021 45", "45"}, LinkCase{"PppCompressed", 9, "57 60", "60"},
                    LinkCase{"PppControl", 50, "ff03 c021 01", "not-ip"},
                    LinkCase{"Nflog", 239, "02 00 0000 0500 0a00 41 000000 0600 0900 4500", "4500"},
                    LinkCase{"CiscoHdlc", 104, "0f00 0800 45", "45"},
                    LinkCase{"CiscoHdlcCut", 104, "0f00 08", "malformed"},
                    LinkCase{"PktapRaw", 258, kPktap + "0c000000" + kPktapRest + "4500", "4500"},
                    LinkCase{"PktapEthernet", 149, kPktap + "01000000" + kPktapRest + kMacs + "0800 45", "45", kFrom},
                    LinkCase{"PktapInItself", 258, kPktap + "02010000" + kPktapRest + kPktap, "malformed"},
                    LinkCase{"PktapUnknownInside", 258, kPktap + "f9000000" + kPktapRest + "45", "other"},
                    LinkCase{"PktapCut", 258, kPktap + "01000000", "malformed"},
                    LinkCase{"NflogCut", 239, "02 00 0000 0500", "malformed"}),
    [](const auto& info) { return info.param.name; });

struct IpCase {
  const char* name;
  std::string packet;
  std::string found;  // "protocol payload wire-length", with fragment, or the field that is wrong
};

std::string describe(const Result<IpPacket>& ip) {
  if (!ip) return std::string(ip.error().field);
  std::string out =
      std::to_string(ip->protocol) + " " + std::string(as_text(ip->payload)) + " " + std::to_string(ip->wire_payload);
  if (ip->fragment) {
    out += " fragment " + std::to_string(ip->identification) + "@" + std::to_string(ip->fragment_offset) +
           (ip->more_fragments ? "+" : "");
  }
  return out;
}

class Ip : public testing::TestWithParam<IpCase> {};

TEST_P(Ip, IsRead) {
  EXPECT_EQ(describe(parse_ip(as_bytes(GetParam().packet), static_cast<std::uint32_t>(GetParam().packet.size()))),
            GetParam().found);
}

constexpr const char *kA = "192.0.2.17", *kB = "198.51.100.1", *kA6 = "2001:db8::17", *kB6 = "2001:db8:1::1";
const std::string kOptions = hex("11 00 01040000 0000");  // next header 17, 8 bytes

INSTANTIATE_TEST_SUITE_P(
    Rfc791, Ip,
    testing::Values(IpCase{"Plain", ipv4(kA, kB, 17, "data"), "17 data 4"},
                    IpCase{"Padding", ipv4(kA, kB, 17, "data") + "padding", "17 data 4"},
                    IpCase{"Options", ipv4(kA, kB, 17, "data", 0, 1, "\1\1\1\1"), "17 data 4"},
                    IpCase{"LengthZero", ipv4(kA, kB, 6, "offloaded", 0, 1, "", 0), "6 offloaded 9"},
                    IpCase{"CutBySnapLength", ipv4(kA, kB, 6, "start", 0, 1, "", 1500), "6 start 1480"},
                    IpCase{"First", ipv4(kA, kB, 17, "8 bytes!", 0x2000, 7), "17 8 bytes! 8 fragment 7@0+"},
                    IpCase{"Last", ipv4(kA, kB, 17, "end", 0x0001, 7), "17 end 3 fragment 7@8"},
                    IpCase{"DoNotFragment", ipv4(kA, kB, 17, "whole", 0x4000, 7), "17 whole 5"},
                    IpCase{"LengthUnderHeader", ipv4(kA, kB, 17, "data", 0, 1, "", 19), "ip.total-length"},
                    IpCase{"HeaderTooShort", "\x44" + std::string(30, '\0'), "ip.header-length"},
                    IpCase{"HeaderCut", std::string("\x45\0\0\x20", 4), "ip.header-length"},
                    IpCase{"OptionsCut", "\x4f" + std::string(30, '\0'), "ip.header-length"},
                    IpCase{"Version", "\x55" + std::string(30, '\0'), "ip.version"},
                    IpCase{"Nothing", "", "ip.version"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rfc8200, Ip,
    testing::Values(
        IpCase{"Plain", ipv6(kA6, kB6, 17, "data") + "padding", "17 data 4"},
        IpCase{"HopByHop", ipv6(kA6, kB6, 0, kOptions + "data"), "17 data 4"},
        IpCase{"RoutingThenDestination", ipv6(kA6, kB6, 43, hex("3c 00 0000 00000000") + kOptions + "data"),
               "17 data 4"},
        IpCase{"LongOptions", ipv6(kA6, kB6, 60, hex("11 01") + std::string(14, '\0') + "data"), "17 data 4"},
        IpCase{"Authentication", ipv6(kA6, kB6, 51, hex("06 04 0000") + std::string(20, 'a') + "data"), "6 data 4"},
        IpCase{"Esp", ipv6(kA6, kB6, 50, "secret"), "50 secret 6"},
        IpCase{"NoNextHeader", ipv6(kA6, kB6, 59, ""), "59  0"},
        IpCase{"LengthZero", ipv6(kA6, kB6, 6, "offloaded", 0), "6 offloaded 9"},
        IpCase{"First", ipv6(kA6, kB6, 44, fragment6(17, 0, true, 9, "8 bytes!")), "17 8 bytes! 8 fragment 9@0+"},
        IpCase{"Last", ipv6(kA6, kB6, 44, fragment6(17, 8, false, 9, "end")), "17 end 3 fragment 9@8"},
        IpCase{"Atomic", ipv6(kA6, kB6, 44, fragment6(17, 0, false, 9, "whole")), "17 whole 5"},
        IpCase{"ExtensionLeavesPacket", ipv6(kA6, kB6, 0, hex("11 05 01040000 0000") + "data"), "ip.extension"},
        IpCase{"ExtensionCut", ipv6(kA6, kB6, 0, "\x11"), "ip.extension"},
        IpCase{"HeaderCut", ipv6(kA6, kB6, 17, "").substr(0, 39), "ip.header-length"}),
    [](const auto& info) { return info.param.name; });

struct TransportCase {
  const char* name;
  bool tcp;
  std::string bytes;
  std::uint32_t wire;
  std::string found;  // "from>to payload wire-payload flags", or the field that is wrong
};

class TransportHeaders : public testing::TestWithParam<TransportCase> {};

TEST_P(TransportHeaders, AreRead) {
  const auto& [name, tcp, bytes, wire, found] = GetParam();
  const auto header = tcp ? parse_tcp(as_bytes(bytes), wire) : parse_udp(as_bytes(bytes), wire);
  std::string said;
  if (!header) {
    said = header.error().field;
  } else {
    said = std::to_string(header->source_port) + ">" + std::to_string(header->destination_port) + " " +
           std::string(as_text(header->payload)) + " " + std::to_string(header->wire_payload);
    if (tcp)
      said += " " + std::to_string(header->tcp.sequence) + "/" + std::to_string(header->tcp.acknowledgment) + " ";
    said += std::string(header->tcp.syn ? "S" : "") + (header->tcp.ack ? "A" : "") + (header->tcp.fin ? "F" : "") +
            (header->tcp.rst ? "R" : "");
  }
  EXPECT_EQ(said, found);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TransportHeaders,
    testing::Values(TransportCase{"Tcp", true, Tcp{1, 2, 3, 4, "A", "data"}.bytes(), 24, "1>2 data 4 3/4 A"},
                    TransportCase{"TcpFlags", true, Tcp{1, 2, 3, 4, "SAFR"}.bytes(), 20, "1>2  0 3/4 SAFR"},
                    TransportCase{"TcpOptions", true, Tcp{1, 2, 3, 4, "A", "data", "\1\1\1\1"}.bytes(), 28,
                                  "1>2 data 4 3/4 A"},
                    TransportCase{"TcpCutInOptions", true, Tcp{1, 2, 3, 4, "A", "", "\1\1\1\1"}.bytes().substr(0, 21),
                                  1000, "1>2  976 3/4 A"},
                    TransportCase{"TcpCut", true, Tcp{}.bytes().substr(0, 13), 1000, "tcp.header"},
                    TransportCase{"TcpOffsetTooSmall", true, hex("0001 0002 00000003 00000004 4010 0000 0000 0000"), 20,
                                  "tcp.data-offset"},
                    TransportCase{"TcpOffsetTooLarge", true, hex("0001 0002 00000003 00000004 f010 0000 0000 0000"), 20,
                                  "tcp.data-offset"},
                    TransportCase{"Udp", false, udp(1, 2, "data"), 12, "1>2 data 4"},
                    TransportCase{"UdpShorterThanIp", false, udp(1, 2, "data") + "trailer", 19, "1>2 data 4"},
                    TransportCase{"UdpLengthZero", false, hex("0001 0002 0000 0000 64"), 9, "1>2 d 1"},
                    TransportCase{"UdpCut", false, udp(1, 2, std::string(500, 'x')).substr(0, 10), 508, "1>2 xx 500"},
                    TransportCase{"UdpLength", false, hex("0001 0002 0007 0000 64"), 9, "udp.length"},
                    TransportCase{"UdpHeader", false, "abc", 9, "udp.header"}),
    [](const auto& info) { return info.param.name; });

TEST(ServicePorts, TellTheServer) {
  EXPECT_GT(likelier_server(40000, 443), 0);
  EXPECT_LT(likelier_server(8080, 50000), 0);
  EXPECT_GT(likelier_server(600, 443), 0);  // a known service before a low port
  EXPECT_LT(likelier_server(20000, 30000), 0);
  EXPECT_EQ(likelier_server(5000, 5000), 0);
}

}  // namespace
}  // namespace tattle
