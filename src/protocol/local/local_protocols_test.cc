#include "protocol/local/local_protocols.h"

#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

using flow_kit::printable;

struct LocalCase {
  const char* name;
  std::uint16_t port;
  std::string datagram;
  std::string seen;  // `protocol kind method host=… name=value …`; empty: nothing was read
  std::string flow;
};

class FieldLines : public MessageSink {
 public:
  void on_message(const Message& message) override {
    lines += fmt::format("{} {} {}", message.protocol, to_string(message.kind), message.method);
    if (message.status) lines += fmt::format(" {}", *message.status);
    if (!message.host.empty()) lines += " host=" + message.host;
    if (!message.target.empty()) lines += " target=" + message.target;
    for (const Field& field : message.fields) lines += fmt::format(" {}={}", field.name, printable(field.value));
    if (message.damaged) lines += " damaged";
    if (!message.body.empty() && message.protocol != "udp") lines += " [" + printable(as_text(message.body)) + "]";
  }
  std::string lines;
};

class LocalProtocol : public testing::TestWithParam<LocalCase> {};

TEST_P(LocalProtocol, Reads) {
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(GetParam().port);
  talk.info.transport = Transport::udp;
  FieldLines seen;
  talk.parser.sink = &seen;
  const auto parser = FlowParser::make(talk.info, talk.parser);
  SegmentMaker make;
  parser->on_segment(make.data(Direction::to_server, 0, GetParam().datagram, 0));
  const FlowSummary summary = parser->finish();
  EXPECT_EQ(seen.lines, GetParam().seen);
  EXPECT_EQ(summary.protocol, GetParam().flow);
  const bool read = GetParam().flow != "unknown" && GetParam().seen.find("udp") == std::string::npos;
  EXPECT_EQ(summary.parsed_bytes, read ? GetParam().datagram.size() : 0);
}

std::string zeros(std::size_t count) { return std::string(count, '\0'); }

std::string option(int code, const std::string& value) {
  return std::string{static_cast<char>(code), static_cast<char>(value.size())} + value;
}

// RFC 2131 figure 1.
std::string dhcp(int type, const std::string& options, std::string sname = {}, std::string file = {}) {
  sname.resize(64);
  file.resize(128);
  return std::string("\x01\x01\x06\0\x12\x34\x56\x78", 8) + zeros(20) + "\x02\x11\x22\x33\x44\x55" + zeros(10) + sname +
         file + "\x63\x82\x53\x63" + option(53, std::string(1, static_cast<char>(type))) + options + "\xff";
}

// RFC 1001 section 14.1: FRED.
const std::string kFred = " EGFCEFEECACACACACACACACACACACACA" + zeros(1);

std::string bytes(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    All, LocalProtocol,
    testing::Values(
        LocalCase{"DhcpDiscover", 67, dhcp(1, option(12, "Aino-Luuri") + option(60, "android-dhcp-13")),
                  "dhcp request DISCOVER client-hardware-address=\\x02\\x11\"3DU host-name=Aino-Luuri "
                  "vendor-class=android-dhcp-13",
                  "dhcp"},
        LocalCase{"DhcpFqdnInLabels", 67,
                  dhcp(3, option(81, std::string("\x04\0\0\x04", 4) + "aino" + "\x04home" + zeros(1))),
                  "dhcp request REQUEST client-hardware-address=\\x02\\x11\"3DU fqdn=aino.home", "dhcp"},
        LocalCase{"DhcpFqdnInText", 67, dhcp(3, option(81, zeros(3) + "aino.home")),
                  "dhcp request REQUEST client-hardware-address=\\x02\\x11\"3DU fqdn=aino.home", "dhcp"},
        LocalCase{
            "DhcpOverloadAndParts", 67,
            dhcp(8, option(52, "\x03") + option(12, "Aino"), option(12, "uri") + "\xff", option(12, "-Lu") + "\xff"),
            "dhcp request INFORM client-hardware-address=\\x02\\x11\"3DU host-name=Aino-Luuri", "dhcp"},
        LocalCase{"DhcpCut", 67,
                  dhcp(1,
                       "\x0c\x40"
                       "Ai"),
                  "dhcp request DISCOVER client-hardware-address=\\x02\\x11\"3DU damaged", "dhcp"},
        LocalCase{"Dhcpv6Fqdn", 547,
                  std::string("\x01\x11\x22\x33\0\x01\0\x04"
                              "duid"
                              "\0\x27\0\x0b\x01\x04"
                              "aino\x04home",
                              27) +
                      zeros(1 - 1),
                  "dhcpv6 request SOLICIT client-id=duid fqdn=aino.home", "dhcpv6"},
        LocalCase{"NbnsQuery", 137,
                  std::string("\x12\x34\x01\x10\0\1\0\0\0\0\0\0", 12) + kFred + std::string("\0\x20\0\1", 4),
                  "nbns query query host=FRED name=FRED", "nbns"},
        LocalCase{"NbnsRegistration", 137,
                  std::string("\x12\x34\x29\x10\0\1\0\0\0\0\0\1", 12) + kFred + std::string("\0\x20\0\1", 4),
                  "nbns query registration host=FRED name=FRED", "nbns"},
        LocalCase{"Nbdgm", 138, std::string("\x11\x02\0\1\xc0\0\2\x11\0\x8a\0\x50\0\0", 14) + kFred + kFred + "data",
                  "nbdgm data  source-name=FRED destination-name=FRED [data]", "nbdgm"},
        LocalCase{"SsdpSearch", 1900,
                  "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n\r\n",
                  "ssdp request M-SEARCH target=* HOST=239.255.255.250:1900 MAN=\"ssdp:discover\"", "ssdp"},
        LocalCase{"SsdpAnswer", 1900, "HTTP/1.1 200 OK\r\nUSN: uuid:1\r\n\r\n", "ssdp response  200 USN=uuid:1",
                  "ssdp"},
        LocalCase{"Ntp", 123, std::string("\x23") + zeros(47), "", "ntp"},
        LocalCase{"NtpAndMore", 123, std::string("\x23") + zeros(47) + "and something else", "udp data ", "unknown"},
        LocalCase{"Rtcp", 40001,
                  bytes("80c900011122334481ca001011223344010f61696e6f403139322e302e322e3137031961696e6f2e76697274616e65"
                        "6e406578616d706c652e636f6d040c2b3135353530313030323030000081cb00031122334407746f6f20626164"),
                  "rtcp data  cname=aino@192.0.2.17 email=aino.virtanen@example.com phone=+15550100200 reason=too bad",
                  "rtcp"},
        LocalCase{"RtcpItemLeavesPacket", 40001, bytes("80c900011122334481ca00020000000101206162"), "rtcp data ",
                  "rtcp"},
        LocalCase{"SrtcpIsNone", 40001,
                  bytes("80c900011122334481ca001011223344010f61696e6f403139322e302e322e3137031961696e6f2e76697274616e65"
                        "6e406578616d706c652e636f6d040c2b313535353031303032303000008000000130313233343536373839"),
                  "udp data ", "unknown"},
        // RFC 5424 section 6.5, examples 1 and 3; a bracket in a quoted value; RFC 3164 section 5.4, example 1.
        LocalCase{"Syslog", 514,
                  "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed for lonvick",
                  "syslog data  timestamp=2003-10-11T22:14:15.003Z hostname=mymachine.example.com app-name=su "
                  "message-id=ID47 ['su root' failed for lonvick]",
                  "syslog"},
        LocalCase{"SyslogStructured", 514,
                  "<165>1 2003-10-11T22:14:15.003Z - evntslog 8710 - [a@32473 iut=\"3 \\\"]\"][b x=\"]\"] An entry",
                  "syslog data  timestamp=2003-10-11T22:14:15.003Z app-name=evntslog process-id=8710 "
                  "structured-data=[a@32473 iut=\"3 \\\"]\"][b x=\"]\"] [An entry]",
                  "syslog"},
        LocalCase{"SyslogOlder", 514, "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
                  "syslog data  timestamp=Oct 11 22:14:15 hostname=mymachine app-name=su [: 'su root' failed]",
                  "syslog"},
        LocalCase{"SyslogBare", 514, "<13>something happened", "syslog data  [something happened]", "syslog"},
        LocalCase{"SyslogPriority", 514, "<192>something happened", "udp data ", "unknown"},
        // Wireshark reads the same communities, names and values in them.
        LocalCase{"SnmpGet", 161,
                  bytes("3027020101040666346d696c79a01a02024d2e020100020100300e300c06082b060102010105000500"),
                  "snmp request get community=f4mily", "snmp"},
        LocalCase{
            "SnmpResponse", 161,
            bytes("304b020101040666346d696c79a23e02024d2e0201000201003032301906082b06010201010500040d41696e6f732d707269"
                  "6e746572301506092b06010401ce0f0700040848656c73696e6b69"),
            "snmp response response community=f4mily 1.3.6.1.2.1.1.5.0=Ainos-printer 1.3.6.1.4.1.9999.7.0=Helsinki",
            "snmp"},
        LocalCase{"SnmpTrap", 162,
                  bytes("3042020100040666346d696c79a43506072b06010401ce0f4004c000022102010602010143010a301b301906082b06"
                        "010201010500040d41696e6f732d7072696e746572"),
                  "snmp data trap community=f4mily 1.3.6.1.2.1.1.5.0=Ainos-printer", "snmp"},
        LocalCase{"SnmpBroken", 161,
                  bytes("3034020101040666346d696c79a22702024d2e020100020100301b301906632b06010201010500040d41696e6f732d"
                        "7072696e746572"),
                  "snmp response response community=f4mily damaged", "snmp"},
        LocalCase{"SnmpNameEndsEarly", 161,
                  bytes("302c020101040666346d696c79a21f02024d2e0201000201003013301106082b060102010105800405"
                        "41696e6f73"),
                  "snmp response response community=f4mily damaged", "snmp"},
        LocalCase{"SnmpOtherVersion", 161, bytes("3008020103040178a000"), "udp data ", "unknown"},
        LocalCase{"SnmpOtherPort", 1610,
                  bytes("3027020101040666346d696c79a01a02024d2e020100020100300e300c06082b060102010105000500"),
                  "udp data ", "unknown"},
        // RFC 5769 section 2.1.
        LocalCase{
            "Stun", 3478,
            bytes("000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff"
                  "80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249"
                  "c1b571a280280004e57a3bcf"),
            "stun request binding software=STUN test client username=evtj:h6vY", "stun"},
        // RFC 3428 section 10.
        LocalCase{"SipMessage", 5070,
                  "MESSAGE sip:user2@domain.com SIP/2.0\r\nCall-ID: asd88asd77a@1.2.3.4\r\nc: text/plain\r\n"
                  "Content-Length: 18\r\n\r\nWatson, come here.",
                  "sip request MESSAGE host=domain.com target=sip:user2@domain.com Call-ID=asd88asd77a@1.2.3.4 "
                  "content-type=text/plain Content-Length=18 [Watson, come here.]",
                  "sip"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace tattle
