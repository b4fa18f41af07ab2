#include "protocol/mux.h"

#include <gtest/gtest.h>

#include "protocol/raw/sniff.h"
#include "protocol/testing/flow_test_kit.h"

namespace tattle {
namespace {

using flow_kit::Conversation;
using flow_kit::down;
using flow_kit::lost;
using flow_kit::up;

using Lines = std::vector<std::string>;

TEST(Mux, AServerThatSpeaksFirstIsSearchedAsItIs) {
  Conversation conversation;
  conversation.run({down("yes mail.example XSMTP\r\n"), up("EHLX x\r\n"), down("250 ok\r\n")});
  EXPECT_EQ(conversation.protocol, "unknown");
  EXPECT_EQ(conversation.seen.lines,
            (Lines{"> data #0 tcp [EHLX x\\r\\n]", "< data #0 tcp [yes mail.example XSMTP\\r\\n250 ok\\r\\n]"}));
  EXPECT_EQ(conversation.counters.raw_bytes, 40u);
}

TEST(Mux, AValueAcrossSegmentsAndWindowsIsWholeSomewhere) {
  Conversation conversation;
  conversation.limits.raw_window_bytes = 16;
  conversation.limits.raw_overlap_bytes = 8;
  conversation.run({up("\x01raw:0123456789secret-value")}, 0, 3);
  EXPECT_EQ(conversation.seen.lines,
            (Lines{"> data #0 tcp more [\\x01raw:0123456789s]", "> data #0 tcp at=8 overlap=8 more [3456789secret-va]",
                   "> data #0 tcp at=16 overlap=8 [ecret-value]"}));
  EXPECT_EQ(conversation.counters.raw_bytes, 27u);
  EXPECT_TRUE(conversation.seen.borrowed_well);
}

TEST(Mux, AGapEndsAWindow) {
  Conversation conversation;
  conversation.run({up("\x01 one"), lost(Direction::to_server, 10), up("two")});
  EXPECT_EQ(conversation.seen.lines, (Lines{"> data #0 tcp [\\x01 one]", "> data #0 tcp [two]"}));
}

TEST(Mux, ARequestBehindAnUnknownStartIsRead) {
  Conversation conversation;
  conversation.run({up(std::string("\x07\x01\x00", 3)), down(std::string("\x07\x00", 2)),
                    up("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), down("HTTP/1.1 204 No\r\n\r\n")});
  EXPECT_EQ(conversation.protocol, "http/1.1");
  EXPECT_EQ(conversation.seen.lines,
            (Lines{"> data #0 tcp [\\x07\\x01\\x00]", "< data #0 tcp [\\x07\\x00]",
                   "> request #1 GET / host=h url=http://h/ []", "< response #1 204 host=h to GET []"}));
}

TEST(Mux, ARequestBehindAStartThatWaited) {
  Conversation conversation;
  conversation.run({up(std::string("\0\0", 2)), up("GET / HTTP/1.1\r\nHost: h\r\n\r\n")});
  EXPECT_EQ(conversation.seen.lines,
            (Lines{"> data #0 tcp [\\x00\\x00]", "> request #1 GET / host=h url=http://h/ []"}));
}

TEST(Mux, JoinedInTheMiddleOfAResponse) {
  Conversation conversation;
  conversation.info.opening_seen = false;
  conversation.run({down("end of a body"), up("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), down("HTTP/1.1 204 No\r\n\r\n")});
  EXPECT_EQ(conversation.seen.lines,
            (Lines{"< data #0 tcp [end of a body]", "> request #1 GET / host=h url=http://h/ []",
                   "< response #1 204 host=h to GET []"}));
  EXPECT_TRUE(conversation.anomalies.entries().empty());
}

TEST(Mux, AnHttp2ServerMaySpeakFirst) {
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  Conversation conversation;
  conversation.run({down(settings), up("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings)}, 0, 4);
  EXPECT_EQ(conversation.protocol, "http/2");
  EXPECT_TRUE(conversation.seen.lines.empty());
}

// From a connection that nghttp2 made: the authority and two fields of this request stand in the dynamic table.
const std::string kFrames1("\0\0\x0a\1\5\0\0\0\3\x82\x86\xc1\x44\x83\x62\x90\xff\xc0\xbf", 19);
const std::string kAnswer1("\0\0\1\1\4\0\0\0\3\x88\0\0\2\0\1\0\0\0\3mm", 21);

TEST(Mux, Http2JoinedMidway) {
  Conversation conversation;
  conversation.info.opening_seen = false;
  conversation.run({up(kFrames1), down(kAnswer1)});
  EXPECT_EQ(conversation.protocol, "http/2");
  // The authority depends on a table entry that nobody saw.
  ASSERT_EQ(conversation.seen.lines.size(), 2u);
  EXPECT_EQ(conversation.seen.lines[0], "> request #1 http/2 GET /m1 []");
  EXPECT_EQ(conversation.seen.lines[1].find("host="), std::string::npos);
  EXPECT_NE(conversation.seen.lines[1].find("[mm]"), std::string::npos);
}

TEST(Mux, Http2JoinedWithinAFrame) {
  Conversation conversation;
  conversation.info.opening_seen = false;
  conversation.run({down("rest of a frame"), up(kFrames1), down(kAnswer1), up(kFrames1)});
  EXPECT_EQ(conversation.protocol, "http/2");
}

// A beginning without a preface is no HTTP/2; one frame, or frames with other bytes between them, are too little.
TEST(Mux, WhatIsNotHttp2JoinedMidway) {
  for (const auto& [opening, steps] : std::vector<std::pair<bool, std::vector<flow_kit::Step>>>{
           {true, {up(kFrames1), down(kAnswer1)}},
           {false, {up(kFrames1)}},
           {false, {up(kFrames1 + "\x7f" + kFrames1), down(kAnswer1 + "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f")}},
           {false, {up(std::string(300, '\0')), down(std::string(300, '\0'))}}}) {
    Conversation conversation;
    conversation.info.opening_seen = opening;
    conversation.run(steps);
    EXPECT_EQ(conversation.protocol, "unknown");
  }
}

TEST(Mux, NothingAtAll) {
  Conversation conversation;
  conversation.run({});
  EXPECT_EQ(conversation.protocol, "");
  EXPECT_TRUE(conversation.seen.lines.empty());
}

struct SniffCase {
  const char* name;
  Sniff (*sniff)(Bytes);
  std::string text;
  Sniff expected;
};
void PrintTo(const SniffCase& each, std::ostream* out) { *out << each.name; }

class Sniffing : public testing::TestWithParam<SniffCase> {};
TEST_P(Sniffing, Says) { EXPECT_EQ(GetParam().sniff(as_bytes(GetParam().text)), GetParam().expected); }
// What is settled for the whole must not have been refused for a part of it.
TEST_P(Sniffing, PartsOfItMayBe) {
  if (GetParam().expected != Sniff::yes) return;
  for (std::size_t size = 0; size < GetParam().text.size(); ++size) {
    EXPECT_NE(GetParam().sniff(as_bytes(GetParam().text.substr(0, size))), Sniff::no) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Starts, Sniffing,
    testing::Values(SniffCase{"Get", sniff_request_line, "GET / HTTP/1.1\r\n", Sniff::yes},
                    SniffCase{"SpacesInTarget", sniff_request_line, "GET /a b HTTP/1.0\n", Sniff::yes},
                    SniffCase{"Extension", sniff_request_line, "M-SEARCH * HTTP/1.1\r\n", Sniff::yes},
                    SniffCase{"AfterEmptyLine", sniff_request_line, "\r\nGET / HTTP/1.1\r\n", Sniff::yes},
                    SniffCase{"NoVersion", sniff_request_line, "GET /\r\n", Sniff::no},
                    SniffCase{"LowerCase", sniff_request_line, "get / HTTP/1.1\r\n", Sniff::no},
                    SniffCase{"Preface", sniff_request_line, "PRI * HTTP/2.0\r\n", Sniff::no},
                    SniffCase{"Binary", sniff_request_line, std::string("GET \x00\x01", 6), Sniff::no},
                    SniffCase{"Smtp", sniff_request_line, "EHLO mail.example\r\n", Sniff::no},
                    SniffCase{"Part", sniff_request_line, "GET /lon", Sniff::maybe},
                    SniffCase{"Status", sniff_status_line, "HTTP/1.1 200 OK", Sniff::yes},
                    SniffCase{"StatusNoReason", sniff_status_line, "HTTP/1.0 404\r", Sniff::yes},
                    SniffCase{"StatusOther", sniff_status_line, "HTTP/2 200 OK", Sniff::no},
                    SniffCase{"Http2", sniff_http2_preface, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Sniff::yes},
                    SniffCase{"ClientHello", sniff_client_hello,
                              std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), Sniff::yes},
                    SniffCase{"ServerHello", sniff_client_hello, std::string("\x16\x03\x03\x00\x7a\x02", 6),
                              Sniff::no}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Quic, LongHeaders) {
  auto looks = [](std::string text) { return looks_like_quic(as_bytes(text)); };
  EXPECT_TRUE(looks(std::string("\xc3\x00\x00\x00\x01\x08\x01\x02", 8)));
  EXPECT_TRUE(looks(std::string("\xd3\x6b\x33\x43\xcf\x08\x01\x02", 8)));
  EXPECT_FALSE(looks(std::string("\x43\x00\x00\x00\x01\x08\x01\x02", 8)));
  EXPECT_FALSE(looks(std::string("\xc3\x12\x34\x56\x78\x08\x01\x02", 8)));
}

}  // namespace
}  // namespace tattle
