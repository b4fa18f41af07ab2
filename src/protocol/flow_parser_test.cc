#include "protocol/flow_parser.h"

#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

using flow_kit::Conversation;
using Lines = std::vector<std::string>;

const std::string kRequest = "POST /p HTTP/1.1\r\nHost: h.example\r\nContent-Length: 6\r\n\r\nsecret";
const std::string kResponse = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
const Lines kBoth{"> request #1 POST /p host=h.example url=http://h.example/p [secret]",
                  "< response #1 200 host=h.example to POST [abc]"};

// Both messages cut in two and their halves swapped, at every place: the same two messages, in the same order.
TEST(FlowParser, SegmentsInReverseOrder) {
  for (std::size_t cut = 1; cut < kRequest.size(); ++cut) {
    Conversation conversation;
    const auto parser = FlowParser::make(conversation.info, conversation.parser);
    SegmentMaker make;
    const std::size_t other = std::min(cut, kResponse.size() - 1);
    parser->on_segment(make.syn(Direction::to_server));
    parser->on_segment(make.syn(Direction::to_client));
    const std::string_view request = kRequest, response = kResponse;
    const auto size = request.size();
    parser->on_segment(make.data(Direction::to_client, other, response.substr(other), size));
    parser->on_segment(make.data(Direction::to_client, 0, response.substr(0, other), size));
    parser->on_segment(make.data(Direction::to_server, cut, request.substr(cut)));
    parser->on_segment(make.data(Direction::to_server, 0, request.substr(0, cut)));
    const FlowSummary summary = parser->finish();
    ASSERT_EQ(conversation.seen.lines, kBoth) << "cut behind " << cut;
    EXPECT_EQ(summary.protocol, "http/1.1");
    EXPECT_EQ(summary.parsed_bytes, kRequest.size() + kResponse.size());
    EXPECT_EQ(summary.packets, 6u);
    EXPECT_EQ(summary.raw_bytes + summary.opaque_bytes + summary.missing_bytes, 0u);
    EXPECT_TRUE(conversation.anomalies.entries().empty());
  }
}

// A response and its request come in one order on the wire, and the packets of each are told.
TEST(FlowParser, PacketsOfAMessage) {
  struct Packets : MessageSink {
    std::vector<PacketRuns> head, body;
    void on_message(const Message& message) override {
      message.head_pieces.packets(0, message.head.size(), head.emplace_back());
      message.body_pieces.packets(0, message.body.size(), body.emplace_back());
    }
  } packets;
  Conversation conversation;
  conversation.parser.sink = &packets;
  const auto parser = FlowParser::make(conversation.info, conversation.parser);
  SegmentMaker make;
  parser->on_segment(make.syn(Direction::to_server));
  const std::string_view request = kRequest;
  const std::size_t body = kRequest.size() - 6;
  parser->on_segment(make.data(Direction::to_server, body + 3, request.substr(body + 3)));     // packet 2
  parser->on_segment(make.data(Direction::to_server, 0, request.substr(0, 20)));               // packet 3
  parser->on_segment(make.data(Direction::to_server, 20, request.substr(20, body + 3 - 20)));  // packet 4
  ASSERT_EQ(packets.head.size(), 1u);
  EXPECT_EQ(packets.head[0], (PacketRuns{{0, 3, 4}}));
  EXPECT_EQ(packets.body[0], (PacketRuns{{0, 2, 2}, {0, 4, 4}}));
}

TEST(FlowParser, ACutCaptureStillTellsWhoWasAsked) {
  Conversation conversation;
  const auto parser = FlowParser::make(conversation.info, conversation.parser);
  SegmentMaker make;
  parser->on_segment(make.syn(Direction::to_server));
  const std::string_view request = kRequest;
  Segment cut = make.data(Direction::to_server, 0, request.substr(0, 40));
  cut.wire_payload = static_cast<std::uint32_t>(request.size());
  parser->on_segment(cut);
  const FlowSummary summary = parser->finish();
  EXPECT_EQ(conversation.seen.lines, (Lines{"> request #1 POST /p host=h.example url=http://h.example/p damaged []"}));
  EXPECT_EQ(summary.missing_bytes, request.size() - 40);
}

FlowSummary run_udp(Conversation& conversation, std::uint16_t port, const std::vector<std::string>& datagrams,
                    std::uint32_t cut = 0) {
  conversation.info.transport = Transport::udp;
  conversation.info.server.port = port;
  const auto parser = FlowParser::make(conversation.info, conversation.parser);
  SegmentMaker make;
  for (const std::string& datagram : datagrams) {
    Segment segment = make.data(Direction::to_server, 0, datagram);
    segment.wire_payload += cut;
    parser->on_segment(segment);
  }
  return parser->finish();
}

// RFC 1035 section 4.1: id, flags, one question: h.example A IN.
const std::string kQuery(
    "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01h\x07"
    "example\x00\x00\x01\x00\x01",
    27);

TEST(FlowParser, NamesOnThreePortsAreThreeProtocols) {
  for (const auto& [port, word] : {std::pair<std::uint16_t, std::string>{53, "dns"}, {5353, "mdns"}, {5355, "llmnr"}}) {
    Conversation conversation;
    const FlowSummary summary = run_udp(conversation, port, {kQuery});
    EXPECT_EQ(summary.protocol, word);
    EXPECT_EQ(summary.parsed_bytes, kQuery.size());
    ASSERT_EQ(conversation.seen.lines.size(), 1u);
    EXPECT_NE(conversation.seen.lines[0].find(" " + word + " "), std::string::npos) << conversation.seen.lines[0];
    EXPECT_NE(conversation.seen.lines[0].find("host=h.example"), std::string::npos);
  }
}

TEST(FlowParser, OtherDatagramsAreSearchedAsTheyAre) {
  Conversation conversation;
  const FlowSummary summary = run_udp(conversation, 53, {"not a name", "at all"});
  EXPECT_EQ(conversation.seen.lines, (Lines{"> data #0 udp [not a name]", "> data #0 udp [at all]"}));
  EXPECT_EQ(summary.protocol, "unknown");
  EXPECT_EQ(summary.raw_bytes, 16u);
}

TEST(FlowParser, ACutDatagramIsDamaged) {
  Conversation conversation;
  const FlowSummary summary = run_udp(conversation, 9999, {"half"}, 4);
  EXPECT_EQ(conversation.seen.lines, (Lines{"> data #0 udp damaged [half]"}));
  EXPECT_EQ(summary.missing_bytes, 4u);
}

TEST(FlowParser, WhatATunnelClosesIsOpaque) {
  for (const auto& [tunnel, word] :
       {std::pair<Tunnel, std::string>{Tunnel::wireguard, "wireguard"}, {Tunnel::esp, "esp"}}) {
    Conversation conversation;
    conversation.info.transport = tunnel == Tunnel::esp ? Transport::esp : Transport::udp;
    const auto parser = FlowParser::make(conversation.info, conversation.parser);
    SegmentMaker make;
    Segment segment = make.data(Direction::to_server, 0, "closed");
    segment.tunnel = tunnel;
    segment.wire_payload += 2;
    parser->on_segment(segment);
    const FlowSummary summary = parser->finish();
    EXPECT_TRUE(conversation.seen.lines.empty());
    EXPECT_EQ(summary.protocol, word);
    EXPECT_EQ(summary.opaque_reason, "encrypted-tunnel");
    EXPECT_EQ(summary.opaque_bytes, 6u);
    EXPECT_EQ(summary.missing_bytes, 2u);
  }
}

TEST(FlowParser, QuicIsOpaque) {
  Conversation conversation;
  const FlowSummary summary =
      run_udp(conversation, 443, {std::string("\xc3\x00\x00\x00\x01\x08\x01\x02", 8), "\x41short header"});
  EXPECT_TRUE(conversation.seen.lines.empty());
  EXPECT_EQ(summary.protocol, "quic");
  EXPECT_EQ(summary.opaque_reason, "quic");
  EXPECT_EQ(summary.opaque_bytes, 21u);
}

}  // namespace
}  // namespace tattle
