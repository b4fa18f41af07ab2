#include "protocol/http2/http2.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "protocol/http2/test_kit.h"

namespace tattle {
namespace {

using namespace http2_kit;

// RFC 7541 appendix C.3: three requests on one connection, without Huffman coding.
const std::string kC31 = unhex("828684410f7777772e6578616d706c652e636f6d");
const std::string kC32 = unhex("828684be58086e6f2d6361636865");
const std::string kC33 = unhex("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565");
// Appendix C.6.1 to C.6.3: responses, Huffman coding, a table of 256 bytes.
const std::string kC61 = unhex(
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3");
const std::string kC62 = unhex("4883640effc1c0bf");
const std::string kC63 = unhex(
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672"
    "c1ab270fb5291f9587316065c003ed4ee5b1063d5007");

std::string settings(std::string_view payload = "") { return frame(kSettings, 0, 0, payload); }

std::string client_start() { return std::string(kHttp2Preface) + settings(); }

TEST(Http2, ReadsTheRequestsOfRfc7541) {
  Harness harness;
  harness.client(client_start() + frame(kHeaders, 5, 1, kC31) + frame(kHeaders, 5, 3, kC32) +
                 frame(kHeaders, 5, 5, kC33));
  harness.end();
  const auto& got = harness.messages();
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[0].brief(), "request 1 GET www.example.com:0 / http://www.example.com/");
  EXPECT_EQ(got[0].layers, "http/2 stream 1");
  EXPECT_EQ(got[0].head, ":method: GET\r\n:scheme: http\r\n:path: /\r\n:authority: www.example.com\r\n");
  EXPECT_EQ(got[1].brief(), "request 2 GET www.example.com:0 / http://www.example.com/");
  EXPECT_EQ(got[1].fields.back(), "cache-control=no-cache");
  EXPECT_EQ(got[2].brief(), "request 3 GET www.example.com:0 /index.html https://www.example.com/index.html");
  EXPECT_EQ(got[2].fields.back(), "custom-key=custom-value");
  EXPECT_TRUE(harness.anomalies.entries().empty());
}

TEST(Http2, FollowsTheTableSizeThatTheOtherSideAnnounced) {
  Harness harness;
  // SETTINGS_HEADER_TABLE_SIZE 256 by the client; the server's first block says so too (RFC 7541 section 4.2).
  harness.client(std::string(kHttp2Preface) + settings(unhex("000100000100")) + frame(kHeaders, 5, 1, kC31) +
                 frame(kHeaders, 5, 3, kC32) + frame(kHeaders, 5, 5, kC33));
  harness.server(settings() + frame(kSettings, kAck, 0, "") + frame(kHeaders, 5, 1, unhex("3fe101") + kC61) +
                 frame(kHeaders, 5, 3, kC62) + frame(kHeaders, 5, 5, kC63));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 6u);
  const auto& first = harness.messages()[3];
  EXPECT_EQ(first.brief(), "response 1 302 to GET");
  EXPECT_EQ(first.fields,
            (std::vector<std::string>{":status=302", "cache-control=private", "date=Mon, 21 Oct 2013 20:13:21 GMT",
                                      "location=https://www.example.com"}));
  EXPECT_EQ(harness.messages()[4].fields.front(), ":status=307");
  const auto& third = harness.messages()[5];
  EXPECT_EQ(third.fields,
            (std::vector<std::string>{":status=200", "cache-control=private", "date=Mon, 21 Oct 2013 20:13:22 GMT",
                                      "location=https://www.example.com", "content-encoding=gzip",
                                      "set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"}));
  EXPECT_TRUE(harness.anomalies.entries().empty());
}

// A connection with everything in it: padding, priority, continuation, interleaving, trailers, 103, unknown types.
struct Connection {
  std::string client, server;
};

Connection rich_connection() {
  Connection made;
  made.client = client_start();
  made.client += frame(kHeaders, kPadded | kPriorityFlag, 1,
                       std::string("\x03") + unhex("0000000010") + kC31.substr(0, 5) + std::string(3, '\0'));
  made.client += frame(kContinuation, 0, 1, kC31.substr(5, 7)) + frame(kContinuation, kEndHeaders, 1, kC31.substr(12));
  made.client += frame(0x77, 0xff, 9, "greased") + frame(kPriority, 0, 3, unhex("0000000110"));
  made.client += frame(kHeaders, kEndHeaders, 3,
                       literal(":method", "POST") + literal(":scheme", "https") +
                           literal(":authority", "Upload.Example:8443") + literal(":path", "/u?x=1"));
  made.client += frame(kData, kPadded, 3, std::string("\x05") + "three-" + std::string(5, '\0'));
  made.client += frame(kData, 0, 1, "one-") + frame(kPing, 0, 0, "12345678") + frame(kData, kEndStream, 3, "three");
  made.client += frame(kData, kEndStream | kPadded, 1, std::string("\x02one\0\0", 6));
  made.server =
      settings(unhex("000500010000")) + frame(kSettings, kAck, 0, "") + frame(kWindowUpdate, 0, 0, unhex("00010000"));
  made.server += frame(kHeaders, kEndHeaders, 3, literal(":status", "103") + literal("link", "</a.css>"));
  made.server += frame(kHeaders, kEndHeaders, 3, literal(":status", "200") + literal("content-type", "text/plain"));
  made.server += frame(kHeaders, kEndHeaders, 1, unhex("88"));
  made.server += frame(kData, 0, 3, "answer ") + frame(kData, 0, 1, "uno") + frame(kData, 0, 3, "three");
  made.server += frame(kHeaders, kEndHeaders | kEndStream, 3, literal("grpc-status", "0"));
  made.server += frame(kData, kEndStream, 1, "") + frame(kGoaway, 0, 0, unhex("0000000300000000"));
  return made;
}

TEST(Http2, PutsInterleavedStreamsTogether) {
  const Connection made = rich_connection();
  Harness harness;
  harness.client(made.client);
  harness.server(made.server);
  harness.end();
  std::vector<std::string> got;
  for (const Seen& each : harness.messages()) got.push_back(each.brief() + " | " + each.body);
  EXPECT_EQ(got, (std::vector<std::string>{
                     "request 2 POST upload.example:8443 /u?x=1 https://Upload.Example:8443/u?x=1 | three-three",
                     "request 1 GET www.example.com:0 / http://www.example.com/ | one-one",
                     "response 2 103 to POST | ",
                     "response 2 200 to POST | answer three",
                     "response 1 200 to GET | uno",
                 }));
  EXPECT_EQ(harness.messages()[3].fields.back(), "grpc-status=0 (trailer)");
  EXPECT_TRUE(harness.anomalies.entries().empty()) << harness.anomalies.entries().begin()->first;
}

TEST(Http2, ReadsTheSameHoweverTheBytesAreSplit) {
  const Connection made = rich_connection();
  Harness whole;
  whole.client(made.client);
  whole.server(made.server);
  whole.end();
  for (std::size_t split = 1; split < std::max(made.client.size(), made.server.size()); ++split) {
    Harness harness;
    harness.client(made.client.substr(0, split));
    if (split < made.client.size()) harness.client(made.client.substr(split));
    harness.server(made.server.substr(0, split));
    if (split < made.server.size()) harness.server(made.server.substr(split));
    harness.end();
    ASSERT_EQ(harness.summary(), whole.summary()) << "split at " << split;
    ASSERT_TRUE(harness.anomalies.entries().empty()) << "split at " << split;
  }
  Harness bytewise;
  for (char each : made.client) bytewise.client(std::string(1, each));
  for (char each : made.server) bytewise.server(std::string(1, each));
  bytewise.end();
  EXPECT_EQ(bytewise.summary(), whole.summary());
}

TEST(Http2, NamesThePacketsOfHeadAndBody) {
  Harness harness;
  const std::string head = frame(kHeaders, kEndHeaders, 1, kC31);
  harness.client(client_start());                      // packet 1
  harness.client(head.substr(0, 4));                   // 2
  harness.client(head.substr(4));                      // 3
  harness.client(frame(kData, 0, 1, "abc"));           // 4
  harness.client(frame(kData, kEndStream, 1, "def"));  // 5
  harness.end();
  ASSERT_EQ(harness.messages().size(), 1u);
  const Seen& got = harness.messages()[0];
  EXPECT_EQ(got.head_packets, (PacketRuns{{0, 2, 3}}));
  EXPECT_EQ(got.body_packets, (PacketRuns{{0, 4, 5}}));
  EXPECT_EQ(got.first.ns, 2);
  EXPECT_EQ(got.last.ns, 5);
}

TEST(Http2, AnswersTheUpgradesRequestOnStreamOne) {
  Harness harness;
  Message request;
  request.direction = Direction::to_server;
  request.exchange = harness.counters.exchanges = 7;
  request.method = "GET";
  request.host = "www.example.com";
  harness.connection.start_upgraded(request, "AAEAABAA");  // HEADER_TABLE_SIZE 4096
  harness.client(client_start());
  harness.server(settings() + frame(kHeaders, kEndHeaders, 1, unhex("88")) + frame(kData, kEndStream, 1, "hello"));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 1u);
  EXPECT_EQ(harness.messages()[0].brief(), "response 7 200 to GET");
  EXPECT_EQ(harness.messages()[0].host, "www.example.com");
  EXPECT_EQ(harness.messages()[0].body, "hello");
}

TEST(Http2, HandsDownPushedRequestsAndTheirResponses) {
  Harness harness;
  harness.client(client_start() + frame(kHeaders, 5, 1, kC31));
  harness.server(settings() + frame(kPushPromise, kEndHeaders, 1, unhex("00000002") + kC31) +
                 frame(kHeaders, 5, 1, unhex("88")) + frame(kHeaders, 5, 2, unhex("8d")));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 4u);
  const Seen& promise = harness.messages()[1];
  EXPECT_EQ(promise.brief(), "request 2 GET www.example.com:0 / http://www.example.com/");
  EXPECT_EQ(promise.direction, Direction::to_client);
  EXPECT_EQ(promise.client_port, 50000);
  EXPECT_EQ(harness.messages()[3].brief(), "response 2 404 to GET");
}

TEST(Http2, EndsStreamsThatAreReset) {
  Harness harness;
  harness.client(client_start() + frame(kHeaders, kEndHeaders, 1, kC31) + frame(kData, 0, 1, "half"));
  harness.server(settings() + frame(kRstStream, 0, 1, unhex("00000008")));
  ASSERT_EQ(harness.messages().size(), 1u);  // at once
  harness.end();
  ASSERT_EQ(harness.messages().size(), 1u);
  EXPECT_EQ(harness.messages()[0].body, "half");
  EXPECT_TRUE(harness.messages()[0].damaged);
}

TEST(Http2, ReadsARequestOnThoughItsServerHasAnsweredAndAsksForNoMore) {
  // RFC 9113 section 8.1: a complete response, then RST_STREAM with NO_ERROR.
  Harness harness;
  harness.client(client_start() + frame(kHeaders, kEndHeaders, 1, kC31));
  harness.server(settings() + frame(kHeaders, kEndHeaders | kEndStream, 1, unhex("88")) +
                 frame(kRstStream, 0, 1, unhex("00000000")));
  harness.client(frame(kData, kEndStream, 1, "on its way"));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 2u);
  EXPECT_EQ(harness.messages()[0].brief(), "response 1 200 to GET");
  EXPECT_EQ(harness.messages()[1].body, "on its way");
  EXPECT_FALSE(harness.messages()[1].damaged);
}

TEST(Http2, ReadsAConnectAndItsBytes) {
  Harness harness;
  const std::string head = literal(":method", "CONNECT") + literal(":authority", "bank.example:443");
  harness.client(client_start() + frame(kHeaders, kEndHeaders, 1, head));
  harness.server(settings() + frame(kHeaders, kEndHeaders, 1, unhex("88")) + frame(kData, kEndStream, 1, "back"));
  harness.client(frame(kData, kEndStream, 1, "forth"));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 4u);
  EXPECT_EQ(harness.messages()[0].brief(), "request 1 CONNECT bank.example:443 bank.example:443 ");
  EXPECT_EQ(harness.messages()[0].via, Via::proxy_connect);
  EXPECT_EQ(harness.messages()[0].tunnel_host, "bank.example");
  EXPECT_EQ(harness.messages()[1].brief(), "response 1 200 to CONNECT");
  EXPECT_EQ(harness.messages()[2].via, Via::tunnel);
  EXPECT_EQ(harness.messages()[2].protocol, "tcp");
  EXPECT_EQ(harness.messages()[2].body, "back");
  EXPECT_EQ(harness.messages()[3].body, "forth");
  EXPECT_EQ(harness.counters.raw_bytes, 9u);
}

TEST(Http2, GivesLongBodiesInPiecesThatOverlap) {
  Harness harness;
  harness.limits.body_bytes = 10;
  harness.limits.raw_overlap_bytes = 4;
  harness.client(client_start() + frame(kHeaders, kEndHeaders, 1, kC31) +
                 frame(kData, kEndStream, 1, "0123456789abcdef"));
  harness.end();
  ASSERT_EQ(harness.messages().size(), 2u);
  EXPECT_EQ(harness.messages()[0].body, "0123456789");
  EXPECT_FALSE(harness.messages()[0].last_piece);
  EXPECT_EQ(harness.messages()[1].body, "6789abcdef");
  EXPECT_EQ(harness.messages()[1].overlap, 4u);
  EXPECT_EQ(harness.messages()[1].body_offset, 6u);
  EXPECT_TRUE(harness.messages()[1].last_piece);
}

TEST(Http2, BoundsTheStreamsOfAConnection) {
  Harness harness;
  harness.limits.http2_streams = 2;
  harness.client(client_start());
  for (std::uint32_t id : {1u, 3u, 5u}) harness.client(frame(kHeaders, kEndHeaders, id, literal(":method", "GET")));
  EXPECT_EQ(harness.messages().size(), 1u);
  EXPECT_TRUE(harness.messages()[0].damaged);
  EXPECT_EQ(harness.anomalies.count("http2.streams-limit"), 1u);
}

}  // namespace
}  // namespace tattle
