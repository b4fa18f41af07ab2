#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"

namespace tattle {
namespace {

using namespace flow_kit;

struct ProxyCase {
  const char* name;
  std::vector<Step> steps;
  std::vector<std::string> lines;
  std::string protocol;
  std::uint64_t cut = 0;
};

void PrintTo(const ProxyCase& each, std::ostream* out) { *out << each.name; }

class ProxyProtocol : public testing::TestWithParam<ProxyCase> {};

TEST_P(ProxyProtocol, PassesTheConnectionOn) {
  for (const std::size_t most : {std::size_t{1} << 20, std::size_t{13}, std::size_t{7}, std::size_t{1}}) {
    Conversation talk;
    talk.run(GetParam().steps, 0, most);
    EXPECT_EQ(talk.seen.lines, GetParam().lines) << most;
    EXPECT_EQ(talk.protocol, GetParam().protocol) << most;
    EXPECT_EQ(talk.anomalies.count("proxy.cut-header"), GetParam().cut);
    EXPECT_TRUE(talk.seen.borrowed_well);
  }
}

std::string bytes(std::initializer_list<int> values) {
  std::string made;
  for (const int value : values) made.push_back(static_cast<char>(value));
  return made;
}

const std::string kLine = "PROXY TCP4 192.0.2.99 203.0.113.9 56324 443\r\n";
const std::string kGet = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";
const std::string kOk = "HTTP/1.1 204 No\r\n\r\n";
const std::string kLineSeen = "> data #0 proxy [PROXY TCP4 192.0.2.99 203.0.113.9 56324 443\\r\\n]";
const std::string kGetSeen = "> request #1 GET /a host=a.example url=http://a.example/a []";
const std::string kOkSeen = "< response #1 204 host=a.example to GET []";
// Section 2.2: signature, version and command, family and protocol, length; then addresses, ports, and a TLV of type 4.
const std::string kSignature = bytes({13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10});
const std::string kSecond =
    kSignature + bytes({0x21, 0x11, 0, 16, 192, 0, 2, 99, 203, 0, 113, 9, 0xdc, 4, 1, 0xbb, 4, 0, 1, 'x'});
const std::string kSignatureSeen = "> data #0 proxy [\\r\\n\\r\\n\\x00\\r\\nQUIT\\n";

INSTANTIATE_TEST_SUITE_P(
    Haproxy, ProxyProtocol,
    testing::Values(
        ProxyCase{"VersionOne", {up(kLine + kGet), down(kOk)}, {kLineSeen, kGetSeen, kOkSeen}, "proxy/http/1.1"},
        ProxyCase{"VersionOneUnknown",
                  {up("PROXY UNKNOWN\r\n"), up(kGet), down(kOk)},
                  {"> data #0 proxy [PROXY UNKNOWN\\r\\n]", kGetSeen, kOkSeen},
                  "proxy/http/1.1"},
        ProxyCase{
            "VersionTwo",
            {up(kSecond + kGet), down(kOk)},
            {kSignatureSeen + "!\\x11\\x00\\x10\\xc0\\x00\\x02c\\xcb\\x00q\\x09\\xdc\\x04\\x01\\xbb\\x04\\x00\\x01x]",
             kGetSeen, kOkSeen},
            "proxy/http/1.1"},
        ProxyCase{"VersionTwoLocal",
                  {up(kSignature + bytes({0x20, 0, 0, 0}) + kGet), down(kOk)},
                  {kSignatureSeen + " \\x00\\x00\\x00]", kGetSeen, kOkSeen},
                  "proxy/http/1.1"},
        ProxyCase{"ThroughTwoProxies",
                  {up(kLine + kLine + kGet), down(kOk)},
                  {kLineSeen, kLineSeen, kGetSeen, kOkSeen},
                  "proxy/proxy/http/1.1"},
        // RFC 5321: the server greets first, but only once the header has told it who is there.
        ProxyCase{"BeforeAGreeting",
                  {up(kLine), down("220 mail.example ESMTP\r\n"), up("EHLO a.example\r\n")},
                  {kLineSeen, "< response #0 smtp 220 [220 mail.example ESMTP]", "> request #1 smtp EHLO a.example []"},
                  "proxy/smtp"},
        ProxyCase{
            "HeaderCut",
            {up(kSecond.substr(0, 20)), lost(Direction::to_server, 12), up(kGet)},
            {"> data #0 proxy damaged [\\r\\n\\r\\n\\x00\\r\\nQUIT\\n!\\x11\\x00\\x10\\xc0\\x00\\x02c]", kGetSeen},
            "proxy/http/1.1",
            1}),
    [](const auto& info) { return info.param.name; });

struct OtherCase {
  const char* name;
  std::string start;
};

class NoProxyProtocol : public testing::TestWithParam<OtherCase> {};

TEST_P(NoProxyProtocol, IsSomethingElse) {
  Conversation talk;
  talk.run({up(GetParam().start)});
  EXPECT_EQ(talk.protocol.find("proxy"), std::string::npos) << talk.protocol;
}

INSTANTIATE_TEST_SUITE_P(Haproxy, NoProxyProtocol,
                         testing::Values(OtherCase{"NoAddress", "PROXY TCP4 192.0.2.999 203.0.113.9 1 2\r\n"},
                                         OtherCase{"OtherFamily", "PROXY TCP4 2001:db8::1 203.0.113.9 1 2\r\n"},
                                         OtherCase{"NoPort", "PROXY TCP4 192.0.2.9 203.0.113.9 1 65536\r\n"},
                                         OtherCase{"OneWordMissing", "PROXY TCP4 192.0.2.9 203.0.113.9 1\r\n"},
                                         OtherCase{"TooLong", "PROXY UNKNOWN " + std::string(100, 'x') + "\r\n"},
                                         OtherCase{"VersionThree", kSignature + bytes({0x31, 0x11, 0, 0})}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
