#include "protocol/local/coap.h"

#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

using flow_kit::printable;
using namespace std::string_literals;

class CoapLines : public MessageSink {
 public:
  void on_message(const Message& message) override {
    std::string line = fmt::format("{} {} {}", message.protocol, to_string(message.kind), message.method);
    if (message.status) line += fmt::format(" {}", *message.status);
    if (!message.host.empty()) line += " host=" + message.host;
    if (message.host_port != 0) line += fmt::format(":{}", message.host_port);
    if (!message.target.empty()) line += " target=" + message.target;
    if (message.exchange != 0) line += fmt::format(" #{}", message.exchange);
    if (message.via == Via::proxy_absolute) line += " proxied";
    for (const Field& field : message.fields) line += fmt::format(" {}={}", field.name, printable(field.value));
    if (message.damaged) line += " damaged";
    if (!message.body_type.empty()) line += fmt::format(" {}", message.body_type);
    if (!message.body_coding.empty()) line += fmt::format(" {}", message.body_coding);
    if (!message.body.empty()) line += " [" + printable(as_text(message.body)) + "]";
    if (!message.body.empty() && message.view == BodyView::text) line += " piece";
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

struct Talk {
  flow_kit::Conversation talk;
  CoapLines seen;
  std::unique_ptr<FlowParser> parser;
  SegmentMaker make;

  explicit Talk(std::uint16_t port = 5683) {
    talk.info = flow_kit::flow(port);
    talk.info.transport = Transport::udp;
    talk.parser.sink = &seen;
    parser = FlowParser::make(talk.info, talk.parser);
  }
  void out(const std::string& datagram) { parser->on_segment(make.data(Direction::to_server, 0, datagram, 0)); }
  void in(const std::string& datagram) { parser->on_segment(make.data(Direction::to_client, 0, datagram, 0)); }
};

struct CoapCase {
  const char* name;
  std::string datagram;
  std::string seen;  // empty: it is not CoAP
  bool malformed = false;
};

class CoapDatagram : public testing::TestWithParam<CoapCase> {};

TEST_P(CoapDatagram, Reads) {
  Talk talk;
  talk.out(GetParam().datagram);
  const FlowSummary summary = talk.parser->finish();
  ASSERT_EQ(talk.seen.lines.size(), 1u);
  const bool is_coap = !GetParam().seen.empty();
  if (is_coap) EXPECT_EQ(talk.seen.lines[0], GetParam().seen);
  if (!is_coap) EXPECT_TRUE(talk.seen.lines[0].starts_with("udp data")) << talk.seen.lines[0];
  EXPECT_EQ(summary.protocol, is_coap ? "coap" : "unknown");
  EXPECT_EQ(summary.parsed_bytes, is_coap ? GetParam().datagram.size() : 0u);
  EXPECT_EQ(talk.talk.anomalies.count("coap.malformed"), GetParam().malformed ? 1u : 0u);
}

const std::string kGet = "\x40\x01\x7d\x34"s, kPost = "\x40\x02\x7d\x34"s;

INSTANTIATE_TEST_SUITE_P(
    Rfc7252, CoapDatagram,
    testing::Values(
        // Appendix A, figure 16 and its answer; figure 19 with a token.
        CoapCase{"Figure16", kGet + "\xbbtemperature", "coap request GET target=/temperature #1 uri-path=temperature"},
        CoapCase{"Figure16Answer", "\x60\x45\x7d\x34\xff"s + "22.3 C", "coap response  205 [22.3 C]"},
        CoapCase{"Figure17", "\x41\x01\x7d\x35\x20\xbbtemperature"s,
                 "coap request GET target=/temperature #1 uri-path=temperature"},
        // Section 6.4's example 3: coap://[2001:db8::2:1]/ needs no option at all; appendix B has more.
        CoapCase{"NoOptions", kGet, "coap request GET target=/ #1"},
        CoapCase{"AppendixB1", kGet + "\x3b" + "example.net\x42\x16\x33\x4b.well-known\x04" + "core",
                 "coap request GET host=example.net:5683 target=/.well-known/core #1 uri-host=example.net "
                 "uri-path=.well-known uri-path=core"},
        CoapCase{"LongLengths", kGet + "\x3d\x01" + "camera.example\x8e\x00\x00"s + std::string(269, 'p'),
                 "coap request GET host=camera.example target=/" + std::string(269, 'p') +
                     " #1 uri-host=camera.example uri-path=" + std::string(269, 'p')},
        CoapCase{"QueryEscaped", kGet + "\xb3" + "a/b\x44" + "k=&1\x03" + "x y",
                 "coap request GET target=/a%2Fb?k=%261&x%20y #1 uri-path=a/b uri-query=k=&1 uri-query=x y"},
        CoapCase{"Json", kPost + "\xb1r\x11\x32\xff{\"a\":1}",
                 "coap request POST target=/r #1 uri-path=r "
                 "application/json [{\"a\":1}]"},
        CoapCase{"Deflated", kPost + "\xc2\x2b\x2a\xffz", "coap request POST target=/ #1 application/json deflate [z]"},
        CoapCase{"Block", kPost + "\xc1\x32\xd1\x02\x1e\xffpart", "coap request POST target=/ #1 [part] piece"},
        CoapCase{"OnlyBlock", kPost + "\xc1\x32\xd1\x02\x06\xff{}",
                 "coap request POST target=/ #1 application/json [{}]"},
        CoapCase{"Proxied", kGet + "\xdd\x16\x0b" + "coap://a.example:61616/r",
                 "coap request GET host=a.example:61616 target=coap://a.example:61616/r #1 proxied "
                 "proxy-uri=coap://a.example:61616/r"},
        CoapCase{"Acknowledged", "\x60\x00\x7d\x34"s, "coap acknowledge "},
        CoapCase{"Reset", "\x70\x00\x7d\x34"s, "coap acknowledge "},
        CoapCase{"Ping", "\x40\x00\x7d\x34"s, "coap control "},
        CoapCase{"BadHost", kGet + "\x33" + "a b", "coap request GET target=/ #1 uri-host=a b"},
        // Section 3: message format errors.
        CoapCase{"CutOption", kGet + "\xbbtemp", "coap request GET target=/ #1 damaged [\\xbbtemp] piece", true},
        CoapCase{"ReservedDelta", kGet + "\xb1r\xf1x",
                 "coap request GET target=/r #1 uri-path=r damaged [\\xf1x] piece", true},
        CoapCase{"MarkerAlone", kGet + "\xb1r\xff", "coap request GET target=/r #1 uri-path=r damaged [\\xff] piece",
                 true},
        CoapCase{"EmptyWithMore", "\x40\x00\x7d\x34x"s, ""}, CoapCase{"Version2", "\x80\x01\x7d\x34"s, ""},
        CoapCase{"LongToken", "\x49\x01\x7d\x34"s + "123456789", ""}, CoapCase{"Class7", "\x40\xe1\x7d\x34"s, ""},
        CoapCase{"Short", "\x40\x01\x7d"s, ""}),
    [](const auto& info) { return info.param.name; });

TEST(Coap, AnswersBearTheirRequestsExchangeAndHost) {
  Talk talk(5684);
  talk.out(
      "\x42\x01\x00\x01"
      "T1\x39"
      "a.example"s);
  talk.out(
      "\x42\x01\x00\x02"
      "T2\x39"
      "b.example"s);
  talk.in(
      "\x62\x45\x00\x02"
      "T2\xff"
      "two"s);
  talk.in(
      "\x62\x45\x00\x01"
      "T1\xff"
      "one"s);
  talk.in(
      "\x52\x45\x00\x09"
      "T1\xff"
      "more"s);
  talk.in(
      "\x52\x45\x00\x0a"
      "T3\xff"
      "none"s);
  const std::vector<std::string> expected{"coap request GET host=a.example target=/ #1 uri-host=a.example",
                                          "coap request GET host=b.example target=/ #2 uri-host=b.example",
                                          "coap response  205 host=b.example #2 [two]",
                                          "coap response  205 host=a.example #1 [one]",
                                          "coap response  205 host=a.example #1 [more]",
                                          "coap response  205 [none]"};
  EXPECT_EQ(talk.seen.lines, expected);
}

TEST(Coap, IsNotGuessedOnOtherPorts) {
  Talk talk(9999);
  talk.out(kGet + "\xbbtemperature");
  EXPECT_TRUE(talk.seen.lines[0].starts_with("udp data"));
}

}  // namespace
}  // namespace tattle
