#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/testing.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A message over text that lives as long as it does.
struct Given {
  std::string head, body;
  Message message;

  Given(std::string head_text, std::string body_text) : head(std::move(head_text)), body(std::move(body_text)) {
    message.kind = MessageKind::request;
    message.method = head.substr(0, head.find(' '));
    message.head = as_bytes(head);
    message.body = as_bytes(body);
    std::string_view text = head;
    const auto first = text.find("\r\n");
    const auto space = text.find(' ');
    message.target = text.substr(space + 1, text.rfind(' ', first) - space - 1);
    text = text.substr(first + 2);
    for (auto end = text.find("\r\n"); end != 0 && end != text.npos; end = text.find("\r\n")) {
      const auto colon = text.find(": ");
      message.fields.push_back({text.substr(0, colon), text.substr(colon + 2, end - colon - 2)});
      text = text.substr(end + 2);
    }
  }
};

TEST(WalkMessage, OpensTheHead) {
  Given given(
      "GET /v1/users/aino%40example.com?lat=60.1695&q=a%20b HTTP/1.1\r\nHost: api.example.com\r\n"
      "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nCookie: sid=31d4; d=eyJhIjoiYmMifQ\r\n\r\n",
      "");
  given.message.url = "https://api.example.com/v1/users/aino%40example.com?lat=60.1695&q=a%20b";
  SeenTree seen;
  Anomalies anomalies;
  const DecodeCounts counts = walk_message(given.message, Limits{}, anomalies, seen);
  EXPECT_THAT(
      seen.lines(),
      ElementsAre("target = /v1/users/aino%40example.com?lat=60.1695&q=a%20b", "target > path = v1",
                  "target > path = users", "target > path = aino%40example.com",
                  "target > path > percent = aino@example.com", "target > query lat = 60.1695",
                  "target > query q = a%20b", "target > query q > percent = a b", "header host = api.example.com",
                  // RFC 7617 section 2
                  "header authorization = Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                  "header authorization > base64 = Aladdin:open sesame", "header cookie = sid=31d4; d=eyJhIjoiYmMifQ",
                  "header cookie > cookie sid = 31d4", "header cookie > cookie d = eyJhIjoiYmMifQ",
                  "header cookie > cookie d > base64 = {\"a\":\"bc\"}",
                  "header cookie > cookie d > base64 > json $.a = bc",
                  "url = https://api.example.com/v1/users/aino%40example.com?lat=60.1695&q=a%20b"));
  EXPECT_THAT(seen.broken, IsEmpty());
  EXPECT_EQ(counts.content_bytes, 0u);
  EXPECT_EQ(seen.nodes[1].begin, 4u);
  EXPECT_FALSE(seen.nodes[1].fresh);
}

TEST(WalkMessage, OpensTheBodyAsItsFieldsSay) {
  Given given("POST http://example.com/ HTTP/1.1\r\nContent-Type: application/json; charset=iso-8859-1\r\n\r\n",
              "[\"\xE4\"]");
  given.message.url = "http://example.com/";
  SeenTree seen;
  Anomalies anomalies;
  const DecodeCounts counts = walk_message(given.message, Limits{}, anomalies, seen);
  EXPECT_EQ(seen.at("charset iso-8859-1 > json $[*]"), "ä");
  EXPECT_EQ(counts.content_bytes, 5u);
  EXPECT_EQ(seen.count("url"), 0u);  // it stands in the head as it is
}

TEST(WalkMessage, MakesSetCookieOneCookie) {
  Given given("HTTP/1.1 200 OK\r\nSet-Cookie: id=a3fWa; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Secure\r\n\r\n", "");
  given.message.kind = MessageKind::response;
  SeenTree seen;
  Anomalies anomalies;
  walk_message(given.message, Limits{}, anomalies, seen);
  EXPECT_THAT(seen.lines(), ElementsAre("header set-cookie = id=a3fWa; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Secure",
                                        "header set-cookie > cookie id = a3fWa"));
}

TEST(WalkMessage, FindsTheTargetInRebuiltHeads) {
  Given given("GET x y\r\n\r\n", "");
  given.head = ":method: GET\r\n:path: /a?e=1\r\n";
  given.message.head = as_bytes(given.head);
  std::string_view head = given.head;
  given.message.fields = {{head.substr(0, 7), "GET"}, {head.substr(14, 5), head.substr(21, 6)}};
  given.message.target = "/a?e=1";
  SeenTree seen;
  Anomalies anomalies;
  walk_message(given.message, Limits{}, anomalies, seen);
  EXPECT_THAT(seen.lines(),
              ElementsAre("target = /a?e=1", "target > path = a", "target > query e = 1", "header :method = GET"));
  EXPECT_EQ(seen.nodes[1].begin, 21u);
  EXPECT_TRUE(seen.nodes.back().fresh);  // that value does not stand in the head
}

TEST(WalkMessage, LeavesWhatATargetCarriesToItsOwnMessage) {
  Given given("GET /q?x=1&dns=YWlubw HTTP/1.1\r\n\r\n", "");
  given.message.target_carries = "YWlubw";
  SeenTree seen;
  Anomalies anomalies;
  walk_message(given.message, Limits{}, anomalies, seen);
  EXPECT_THAT(seen.lines(), ElementsAre("target = /q?x=1&dns=", "target > path = q", "target > query x = 1"));
}

TEST(WalkMessage, DoesNotDecodeALaterPieceOfACodedBody) {
  Given given("POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n\r\n", "rest of it");
  given.message.body_offset = 100;
  SeenTree seen;
  Anomalies anomalies;
  walk_message(given.message, Limits{}, anomalies, seen);
  EXPECT_EQ(seen.nodes.back().bytes, "rest of it");
  EXPECT_EQ(anomalies.count("decode.piece-of-coded-body"), 1u);
}

}  // namespace
}  // namespace tattle
