#include "protocol/http3/http3.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/http3/test_kit.h"

namespace tattle {
namespace {

using namespace http3_kit;

// RFC 9204 appendix B.2: a table with :authority www.example.com and :path /sample/path, and a section that uses both.
const std::string kEncoder = unhex("3fbd01c00f7777772e6578616d706c652e636f6dc10c2f73616d706c652f70617468");
const std::string kFromTable = unhex("03811011");
// The same behind :method GET and :scheme https of the static table (RFC 9204 appendix A).
const std::string kRequestFromTable = unhex("0381d1d71011");
constexpr std::uint64_t kCapacity = 220;

TEST(Http3, ReadsRequestAndResponse) {
  Connection3 c;
  c.up(kClientControl, varint(0) + settings(0));
  c.down(kServerControl, varint(0) + settings(0));
  c.up(4, headers(request("/one?x=1", "POST")) + data3("first ") + data3("body"), true);
  c.down(4, headers(response("200")) + data3("answer"), true);
  ASSERT_EQ(c.messages().size(), 2u);
  const Seen& request = c.messages()[0];
  EXPECT_EQ(request.brief(), "request 1 POST a.example:0 /one?x=1 https://a.example/one?x=1");
  EXPECT_EQ(request.protocol, "http/3");
  EXPECT_EQ(request.layers, "quic v1http/3 stream 4");
  EXPECT_EQ(request.body, "first body");
  EXPECT_FALSE(request.damaged);
  EXPECT_EQ(request.head_packets, (PacketRuns{{0, 3, 3}}));
  EXPECT_EQ(c.messages()[1].brief(), "response 1 200 to POST");
  EXPECT_EQ(c.messages()[1].body, "answer");
  c.end();
  EXPECT_EQ(c.messages().size(), 2u);
  EXPECT_TRUE(c.anomalies.entries().empty());
}

void rich(Connection3& c, std::size_t most) {
  const auto cut = [&](std::uint64_t id, Direction direction, std::string_view bytes, bool fin) {
    do {
      const std::string_view part = bytes.substr(0, most);
      bytes.remove_prefix(part.size());
      c.send(id, direction, part, fin && bytes.empty());
    } while (!bytes.empty());
  };
  cut(kClientControl, kUp,
      varint(0) + frame3(4, varint(6) + varint(100000) + varint(0x21 + 0x1f * 9) + varint(7)) +
          frame3(0xf0700, varint(0) + "u=1") + frame3(0x21, "ignored"),
      false);
  cut(kServerControl, kDown, varint(0) + settings(kCapacity) + frame3(7, varint(8)) + frame3(0xd, varint(9)), false);
  cut(14, kUp, varint(0x21 + 0x1f * 1000) + "a reserved stream", true);
  cut(kClientEncoder, kUp, varint(2) + kEncoder, false);
  cut(kClientDecoder, kUp, varint(3), false);
  cut(0, kUp, headers(kRequestFromTable) + frame3(0x21 + 0x1f * 5, "grease") + data3("") + data3("x"), true);
  cut(4, kUp, headers(request("/early")), true);
  cut(0, kDown,
      headers(section({{":status", "103"}, {"link", "</a.css>"}})) + headers(response("200")) + data3("abc") +
          headers(section({{"x-trailer", "last"}})),
      true);
  cut(4, kDown, headers(response("204")), true);
  c.end();
}

TEST(Http3, ReadsEverythingHoweverItIsCut) {
  Connection3 whole;
  rich(whole, 1000);
  EXPECT_EQ(
      whole.summary(),
      "request 1 GET www.example.com:0 /sample/path https://www.example.com/sample/path|quic v1http/3 stream 0|x||"
      ":method=GET|:scheme=https|:authority=www.example.com|:path=/sample/path\n"
      "request 2 GET a.example:0 /early https://a.example/early|quic v1http/3 stream 4|||:method=GET|:scheme=https|"
      ":authority=a.example|:path=/early\n"
      "response 1 103 to GET|quic v1http/3 stream 0|||:status=103|link=</a.css>\n"
      "response 1 200 to GET|quic v1http/3 stream 0|abc||:status=200|x-trailer=last (trailer)\n"
      "response 2 204 to GET|quic v1http/3 stream 4|||:status=204\n");
  EXPECT_TRUE(whole.anomalies.entries().empty());
  EXPECT_EQ(whole.counters.raw_bytes, 0u);
  for (const std::size_t most : {1u, 2u, 3u, 7u, 20u}) {
    Connection3 cut;
    rich(cut, most);
    EXPECT_EQ(cut.summary(), whole.summary()) << most;
    EXPECT_TRUE(cut.anomalies.entries().empty()) << most;
  }
}

// The server's SETTINGS, the encoder stream and the request in every order.
TEST(Http3, WaitsForTableEntriesHoweverPacketsAreOrdered) {
  for (const std::string order : {"sre", "ser", "rse", "res", "esr", "ers"}) {
    Connection3 c;
    for (const char what : order) {
      if (what == 's') c.down(kServerControl, varint(0) + settings(kCapacity));
      if (what == 'e') c.up(kClientEncoder, varint(2) + kEncoder);
      if (what != 'r') continue;
      c.up(0, headers(kRequestFromTable) + data3("body"), true);
      c.down(0, headers(response("200")) + data3("early answer"), true);
    }
    EXPECT_EQ(c.messages().size(), 2u) << order;
    c.end();
    EXPECT_EQ(c.messages().size(), 2u) << order;
    EXPECT_EQ(c.messages()[0].brief(),
              "request 1 GET www.example.com:0 /sample/path https://www.example.com/sample/path");
    EXPECT_EQ(c.messages()[0].body, "body");
    EXPECT_EQ(c.messages()[1].brief(), "response 1 200 to GET");
    EXPECT_TRUE(c.anomalies.entries().empty()) << order;
  }
}

TEST(Http3, SaysWhatIsUnknownAfterALossOnTheEncoderStream) {
  Connection3 c;
  c.down(kServerControl, varint(0) + settings(kCapacity));
  c.up(kClientEncoder, varint(2) + kEncoder.substr(0, 10));
  c.up(0, headers(kRequestFromTable), true);
  EXPECT_TRUE(c.messages().empty());
  c.gap(kClientEncoder, kUp, kEncoder.size() - 10);
  ASSERT_EQ(c.messages().size(), 1u);
  EXPECT_EQ(c.messages()[0].fields,
            (std::vector<std::string>{":method=GET", ":scheme=https", "= (unknown)", "= (unknown)"}));
  EXPECT_EQ(c.messages()[0].brief(), "request 1 GET :0  ");
  c.up(4, headers(request("/known")), true);
  EXPECT_EQ(c.messages()[1].brief(), "request 2 GET a.example:0 /known https://a.example/known");
  c.down(0, headers(response("200")), true);
  EXPECT_EQ(c.messages()[2].brief(), "response 1 200 to GET");
  EXPECT_EQ(c.anomalies.count("http3.table-lost"), 1u);
}

TEST(Http3, NamesThePacketThatMissesALostTable) {
  Connection3 c;
  c.down(kServerControl, varint(0) + settings(kCapacity));
  c.up(kClientEncoder, varint(2) + kEncoder.substr(0, 10));
  c.up(4, headers(request("/known")), true);
  c.up(0, headers(kRequestFromTable), true);  // the fourth packet
  c.up(8, headers(request("/also-known")), true);
  c.end();
  const auto& entries = c.anomalies.entries();
  ASSERT_TRUE(entries.contains("http3.table-lost"));
  EXPECT_EQ(entries.at("http3.table-lost").first.number, 4u);
}

// At the end of a connection the transport knows of no packet either.
TEST(Http3, NamesAPacketForALossThatTheEndShows) {
  Connection3 c;
  c.down(kServerControl, varint(0) + settings(kCapacity));
  c.up(kClientEncoder, varint(2) + kEncoder.substr(0, 10));
  c.connection.on_stream_gap(kClientEncoder, Chunk{c.flow, kUp, 11, {}, {}, {}}, 5);
  const auto& entries = c.anomalies.entries();
  ASSERT_TRUE(entries.contains("http3.table-lost"));
  EXPECT_EQ(entries.at("http3.table-lost").first.number, 2u);
}

// Of two requests the first waits for an entry: the second, whose entries are there, does not overtake it.
TEST(Http3, KeepsTheOrderOfWhatWaits) {
  Connection3 c;
  c.down(kServerControl, varint(0) + settings(kCapacity));
  c.up(kClientEncoder, varint(2) + kEncoder);
  c.up(0, headers(unhex("050080c181")), true);  // RFC 9204 appendix B.4
  c.up(4, headers(kRequestFromTable), true);
  c.up(8, headers(request("/free")), true);
  EXPECT_EQ(c.messages().size(), 1u);
  c.up(kClientEncoder, unhex("4a637573746f6d2d6b65790c637573746f6d2d76616c756502"));
  ASSERT_EQ(c.messages().size(), 3u);
  EXPECT_EQ(c.messages()[0].target, "/free");
  EXPECT_EQ(c.messages()[1].layers, "quic v1http/3 stream 0");
  EXPECT_EQ(c.messages()[1].fields.back(), "custom-key=custom-value");
  EXPECT_EQ(c.messages()[2].target, "/sample/path");
}

TEST(Http3, GivesUpWaitingAtTheLimit) {
  Connection3 c;
  c.limits.http3_blocked_bytes = 2000;
  c.down(kServerControl, varint(0) + settings(kCapacity));
  c.up(0, headers(kRequestFromTable) + data3(std::string(1000, 'a')));
  EXPECT_TRUE(c.messages().empty());
  c.up(0, data3(std::string(1000, 'b')), true);
  ASSERT_EQ(c.messages().size(), 1u) << c.anomalies.count("http3.blocked-limit");
  EXPECT_EQ(c.messages()[0].body, std::string(1000, 'a') + std::string(1000, 'b'));
  EXPECT_EQ(c.messages()[0].host, "");
  EXPECT_EQ(c.anomalies.count("http3.blocked-limit"), 1u);
}

TEST(Http3, GoesOnBehindAGapInABody) {
  Connection3 c;
  c.up(0, headers(request("/upload", "POST")) + varint(0) + varint(12) + "abc");
  c.gap(0, kUp, 5);
  c.up(0, "ijkl" + data3("mno"), true);
  c.end();
  ASSERT_EQ(c.messages().size(), 2u);
  EXPECT_EQ(c.messages()[0].body, "abc");
  EXPECT_FALSE(c.messages()[0].last_piece);
  EXPECT_EQ(c.messages()[1].body, "ijklmno");
  EXPECT_EQ(c.messages()[1].body_offset, 8u);
  EXPECT_EQ(c.messages()[1].host, "a.example");
  for (const Seen& each : c.messages()) EXPECT_TRUE(each.damaged);
}

TEST(Http3, HandsDownWhatFollowsLostFrameBordersAsItIs) {
  Connection3 c;
  c.up(0, headers(request("/upload", "POST")) + varint(0) + varint(4) + "abc");
  c.gap(0, kUp, 5);
  c.up(0, "rest", true);
  c.gap(4, kUp, 30);
  c.up(4, "of nobody knows what", true);
  c.down(4, headers(response("200")) + data3("ok"), true);
  c.end();
  ASSERT_EQ(c.messages().size(), 5u);
  EXPECT_EQ(c.messages()[0].body, "abc");
  EXPECT_TRUE(c.messages()[0].damaged);
  EXPECT_EQ(c.messages()[1].body, "");
  EXPECT_TRUE(c.messages()[1].last_piece);
  EXPECT_EQ(c.messages()[2].kind, MessageKind::data);
  EXPECT_EQ(c.messages()[2].body, "rest");
  EXPECT_EQ(c.messages()[2].host, "a.example");
  EXPECT_TRUE(c.messages()[2].damaged);
  EXPECT_EQ(c.messages()[3].kind, MessageKind::data);
  EXPECT_EQ(c.messages()[3].body, "of nobody knows what");
  EXPECT_EQ(c.messages()[3].host, "");
  EXPECT_TRUE(c.messages()[3].damaged);
  EXPECT_EQ(c.messages()[4].status, 200);
  EXPECT_EQ(c.anomalies.count("http3.frames-lost"), 2u);
  EXPECT_EQ(c.counters.raw_bytes, 24u);
}

TEST(Http3, ReadsTheFrontOfACutHead) {
  Connection3 c;
  const std::string whole = headers(request("/cut"));
  c.up(0, whole.substr(0, whole.size() - 3));
  c.gap(0, kUp, 3);
  c.end();
  ASSERT_EQ(c.messages().size(), 1u);
  EXPECT_EQ(c.messages()[0].host, "a.example");
  EXPECT_EQ(c.messages()[0].target, "");
  EXPECT_TRUE(c.messages()[0].damaged);
}

TEST(Http3, TakesAResetOrTheConnectionsEndForAnEarlyEnd) {
  Connection3 c;
  c.up(0, headers(request("/a")), true);
  c.down(0, headers(response("200")) + data3("some"));
  c.reset(0, kDown);
  c.up(4, headers(request("/b")), true);
  c.down(4, headers(response("200")) + data3("more"));
  c.end();
  ASSERT_EQ(c.messages().size(), 4u);
  EXPECT_FALSE(c.messages()[0].damaged);
  EXPECT_TRUE(c.messages()[1].damaged);
  EXPECT_FALSE(c.messages()[2].damaged);
  EXPECT_TRUE(c.messages()[3].damaged);
  EXPECT_EQ(c.messages()[3].body, "more");
}

TEST(Http3, ReadsPushes) {
  Connection3 c;
  c.up(0, headers(request("/")), true);
  c.down(kServerPush, varint(1) + varint(3) + headers(response("200")) + data3("pushed"));
  c.down(0,
         frame3(5, varint(3) + request("/style.css")) + frame3(5, varint(3) + request("/style.css")) +
             headers(response("200")),
         true);
  c.down(kServerPush, data3(" bytes"), true);
  c.end();
  ASSERT_EQ(c.messages().size(), 4u);
  EXPECT_EQ(c.messages()[1].brief(), "request 2 GET a.example:0 /style.css https://a.example/style.css");
  EXPECT_EQ(c.messages()[1].layers, "quic v1http/3 push 3");
  EXPECT_EQ(c.messages()[1].direction, kDown);
  EXPECT_EQ(c.messages()[3].brief(), "response 2 200 to GET");
  EXPECT_EQ(c.messages()[3].body, "pushed bytes");
  EXPECT_TRUE(c.anomalies.entries().empty());
}

TEST(Http3, ReadsWhatRunsInAConnect) {
  Connection3 c;
  c.up(0, headers(section({{":method", "CONNECT"}, {":authority", "far.example:80"}})));
  c.down(0, headers(response("200")));
  c.up(0, data3("GET /inner HTTP/1.1\r\nHost: far.example\r\n\r\n"));
  c.down(0, data3("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), true);
  c.end();
  ASSERT_EQ(c.messages().size(), 4u);
  EXPECT_EQ(c.messages()[0].via, Via::proxy_connect);
  EXPECT_EQ(c.messages()[2].protocol, "http/1.1");
  EXPECT_EQ(c.messages()[2].target, "/inner");
  EXPECT_EQ(c.messages()[2].via, Via::tunnel);
  EXPECT_EQ(c.messages()[2].layers, "quic v1http/3 stream 0connect far.example:80http/1.1 ");
  EXPECT_EQ(c.messages()[3].body, "hi");
}

// RFC 9220: the handshake of RFC 8441 on a stream of HTTP/3; frames of RFC 6455 section 5.7 in DATA frames, cut
// anywhere.
TEST(Http3, ReadsAWebSocket) {
  Connection3 c;
  c.up(0, headers(section({{":method", "CONNECT"},
                           {":protocol", "websocket"},
                           {":scheme", "https"},
                           {":authority", "live.example"},
                           {":path", "/chat"},
                           {"sec-websocket-version", "13"}})));
  c.down(0, headers(response("200")));
  const std::string hello("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);  // masked "Hello"
  c.up(0, data3(hello.substr(0, 4)) + data3(hello.substr(4)));
  c.down(0, data3(std::string("\x01\x03Hel", 5) + std::string("\x80\x02lo", 4)), true);
  c.end();
  ASSERT_EQ(c.messages().size(), 4u);
  EXPECT_EQ(c.messages()[0].brief(), "request 1 CONNECT live.example:0 /chat https://live.example/chat");
  for (const std::size_t i : {2u, 3u}) {
    EXPECT_EQ(c.messages()[i].protocol, "websocket");
    EXPECT_EQ(c.messages()[i].host, "live.example");
    EXPECT_EQ(c.messages()[i].target, "/chat");
    EXPECT_EQ(c.messages()[i].body, "Hello");
    EXPECT_EQ(c.messages()[i].direction, i == 2 ? kUp : kDown);
  }
  EXPECT_TRUE(c.anomalies.entries().empty());
}

// An extended CONNECT of a protocol that is not read, WebTransport's streams, unknown frames and streams, datagrams.
TEST(Http3, SearchesWhatItDoesNotKnow) {
  Connection3 c;
  c.up(0, headers(section({{":method", "CONNECT"},
                           {":protocol", "connect-udp"},
                           {":scheme", "https"},
                           {":authority", "a.example"},
                           {":path", "/masque"}})));
  c.down(0, headers(response("200")));
  c.up(0, data3("a capsule"));
  c.up(4, varint(0x41) + varint(0) + "bidirectional");
  c.up(14, varint(0x54) + varint(0) + "unidirectional");
  c.up(18, varint(0x12345) + "unknown type");
  c.up(8, frame3(0x4d, "unknown frame"));
  c.packet++;
  c.connection.on_quic_datagram(c.chunk(99, kUp, "datagram"));
  c.end();
  std::string seen;
  for (const Seen& each : c.messages()) {
    if (each.kind == MessageKind::data)
      seen += each.protocol + " " + each.body.substr(each.body.find_first_of("abdu")) + "\n";
  }
  EXPECT_EQ(seen,
            "quic unknown frame\nquic datagram\ntcp a capsule\nquic bidirectional\nquic unidirectional\nquic unknown "
            "type\n");
  EXPECT_TRUE(c.anomalies.entries().empty());
}

TEST(Http3, NotesWhatIsNotLawful) {
  Connection3 c;
  c.up(kClientControl, varint(0) + frame3(7, varint(0)));
  c.up(14, varint(0));
  c.up(0, frame3(4, ""));
  c.up(4, headers("\x05"), true);
  c.up(8, headers(request("/x")).substr(0, 9), true);
  c.end();
  for (const char* name : {"http3.settings-missing", "http3.second-stream", "http3.frame", "http3.cut-frame"}) {
    EXPECT_EQ(c.anomalies.count(name), 1u) << name;
  }
}

TEST(Http3, BoundsItsStreams) {
  Connection3 c;
  c.limits.http2_streams = 3;
  for (std::uint64_t i = 0; i < 10; ++i) c.up(i * 4, headers(request("/" + std::to_string(i))));
  EXPECT_EQ(c.messages().size(), 7u);
  c.end();
  EXPECT_EQ(c.messages().size(), 10u);
  EXPECT_GT(c.anomalies.count("http3.streams-limit"), 0u);
}

}  // namespace
}  // namespace tattle
