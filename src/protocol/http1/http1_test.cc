#include "protocol/http1/test_kit.h"

namespace tattle {
namespace {

using namespace http1_kit;

class Http1 : public testing::TestWithParam<Case> {};
TEST_P(Http1, WholeSteps) { expect_lines(GetParam()); }
TEST_P(Http1, CutAnywhere) { expect_lines_however_cut(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Rfc9112Framing, Http1,
    testing::Values(
        Case{"ContentLength",
             {up("POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello"),
              down("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")},
             {"> request #1 POST /p host=a.example url=http://a.example/p [hello]",
              "< response #1 200 host=a.example to POST [hi]"},
             {}},
        Case{"Chunked",
             {up(kGet), down("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "5\r\nhello\r\n6;name=\"v\"\r\n world\r\n0\r\n\r\n")},
             {kGetLine, "< response #1 200 host=www.example.com to GET [hello world]"},
             {}},
        Case{"Trailers",
             {up(kGet), down("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "A\r\n0123456789\r\n0\r\nExpires: never\r\nX-Sum: 7\r\n\r\n")},
             {kGetLine,
              "< response #1 200 host=www.example.com to GET trailer Expires=never trailer X-Sum=7 [0123456789]"},
             {}},
        Case{"UntilClose",
             {up(kGet), down("HTTP/1.0 200 OK\r\n\r\nall of it\r\n\r\nand this")},
             {kGetLine, "< response #1 200 host=www.example.com to GET [all of it\\r\\n\\r\\nand this]"},
             {}},
        Case{"HeadHasNoBody",
             {up("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
              down("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")},
             {"> request #1 HEAD / host=h url=http://h/ []", "> request #2 GET / host=h url=http://h/ []",
              "< response #1 200 host=h to HEAD []", "< response #2 200 host=h to GET [x]"},
             {}},
        Case{"NoContentAndNotModified",
             {up(kGet + kGet), down("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"
                                    "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")},
             {kGetLine, "> request #2 GET /a host=www.example.com url=http://Www.Example.COM/a []",
              "< response #1 204 host=www.example.com to GET []", "< response #2 304 host=www.example.com to GET []"},
             {}},
        Case{"Continue100",
             {up("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"),
              down("HTTP/1.1 100 Continue\r\n\r\n"), up("abc"),
              down("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")},
             {"< response #1 100 host=h to POST []", "> request #1 POST /p host=h url=http://h/p [abc]",
              "< response #1 201 host=h to POST []"},
             {}},
        Case{"Pipelined",
             {up("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: i\r\n\r\n"),
              down("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")},
             {"> request #1 GET /1 host=h url=http://h/1 []", "> request #2 GET /2 host=i url=http://i/2 []",
              "< response #1 200 host=h to GET [1]", "< response #2 200 host=i to GET [2]"},
             {}},
        Case{"EmptyLinesBeforeARequest",
             {up("\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")},
             {"> request #1 GET /a host=h url=http://h/a []", "> request #2 GET /b host=h url=http://h/b []"},
             {}},
        Case{"BareLineFeeds",
             {up("POST /a HTTP/1.1\nHost: h\nContent-Length: 2\n\nok")},
             {"> request #1 POST /a host=h url=http://h/a [ok]"},
             {"http1.bare-lf"}},
        Case{"ObsFold",
             {up("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n 2\r\n\r\nok")},
             {"> request #1 POST /a host=h url=http://h/a [ok]"},
             {"http1.obs-fold"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Rfc9112BadFraming, Http1,
    testing::Values(
        Case{"BothLengths",
             {up("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "1\r\nx\r\n0\r\n\r\n")},
             {"> request #1 POST /a host=h url=http://h/a [x]"},
             {"http1.both-lengths"}},
        Case{"EqualLengths",
             {up("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok")},
             {"> request #1 POST /a host=h url=http://h/a [ok]"},
             {}},
        Case{"DifferentLengths",
             {up(kGet), down("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabcdef")},
             {kGetLine, "< response #1 200 host=www.example.com to GET [abcdef]"},
             {"http1.bad-length"}},
        Case{"LengthOverflows",
             {up(kGet), down("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\nabc")},
             {kGetLine, "< response #1 200 host=www.example.com to GET [abc]"},
             {"http1.bad-length"}},
        Case{"NegativeLength",
             {up(kGet), down("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc")},
             {kGetLine, "< response #1 200 host=www.example.com to GET [abc]"},
             {"http1.bad-length"}},
        Case{"ChunkSizeOverflows",
             {up(kGet), down("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000001\r\nabc\r\n")},
             {kGetLine, "< response #1 200 host=www.example.com to GET damaged [10000000000000001\\r\\n]",
              "< data #0 tcp [abc\\r\\n]"},
             {"http1.bad-chunk"}},
        Case{"ChunkedIsNotLastInARequest",
             {up("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"), up("secret\r\n")},
             {"> request #1 POST /a host=h url=http://h/a []", "> data #0 tcp [secret\\r\\n]"},
             {"http1.bad-coding"}},
        Case{"ShortBody",
             {up("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")},
             {"> request #1 POST /a host=h url=http://h/a damaged [abc]"},
             {}},
        Case{"ShortChunks",
             {up(kGet), down("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc")},
             {kGetLine, "< response #1 200 host=www.example.com to GET damaged [abc]"},
             {}},
        Case{"CutHead",
             {up("GET /a HTTP/1.1\r\nHost: h\r\nCookie: se")},
             {"> request #1 GET /a host=h url=http://h/a damaged []"},
             {"http1.cut-head"}},
        Case{"NotHttpBehindAMessage",
             {up(kGet + "\x01\x02 secret\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")},
             {kGetLine, "> request #2 GET /b host=h url=http://h/b []", "> data #0 tcp [\\x01\\x02 secret\\n]"},
             {"http1.not-http"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Rfc9112Target, Http1,
    testing::Values(Case{"AbsoluteForm",
                         {up("GET http://User@Site.Example:8080/x?y HTTP/1.1\r\nHost: proxy.example\r\n\r\n"),
                          down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
                         {"> request #1 GET http://User@Site.Example:8080/x?y host=site.example:8080 "
                          "url=http://User@Site.Example:8080/x?y via=absolute []",
                          "< response #1 200 host=site.example:8080 to GET via=absolute []"},
                         {"http1.host-differs"}},
                    Case{"Asterisk",
                         {up("OPTIONS * HTTP/1.1\r\nHost: h:81\r\n\r\n")},
                         {"> request #1 OPTIONS * host=h:81 url=http://h:81 []"},
                         {}},
                    Case{"Ipv6Host",
                         {up("GET / HTTP/1.1\r\nHost: [2001:DB8::1]:8080\r\n\r\n")},
                         {"> request #1 GET / host=2001:db8::1:8080 url=http://[2001:DB8::1]:8080/ []"},
                         {}},
                    Case{"NoHost", {up("GET / HTTP/1.0\r\n\r\n")}, {"> request #1 GET / []"}, {}},
                    Case{"HostsDiffer",
                         {up("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")},
                         {"> request #1 GET / []"},
                         {"http1.host-conflict"}},
                    Case{"HostIsNoAuthority",
                         {up("GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n")},
                         {"> request #1 GET / []"},
                         {"http1.bad-host"}},
                    Case{"SpaceBeforeColon",
                         {up("GET / HTTP/1.1\r\nHost : a\r\n\r\n")},
                         {"> request #1 GET / host=a url=http://a/ []"},
                         {"http1.space-before-colon"}},
                    Case{"FieldWithoutColon",
                         {up("GET / HTTP/1.1\r\nnonsense\r\nHost: a\r\n\r\n")},
                         {"> request #1 GET / host=a url=http://a/ []"},
                         {"http1.bad-field"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Losses, Http1,
    testing::Values(Case{"InsideABody",
                         {up(kGet), down("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
                          lost(Direction::to_client, 3), down("ghiHTTP/1.1 100 Continue\r\n\r\n")},
                         {kGetLine, "< response #1 200 host=www.example.com to GET more damaged [abc]",
                          "< response #1 200 host=www.example.com to GET at=6 damaged [ghi]", "< response #0 100 []"},
                         {}},
                    Case{"EndOfABody",
                         {up(kGet), down("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
                          lost(Direction::to_client, 6), up(kGet), down("HTTP/1.1 204 No\r\n\r\n")},
                         {kGetLine, "< response #1 200 host=www.example.com to GET more damaged [abc]",
                          "< response #1 200 host=www.example.com to GET at=9 damaged []",
                          "> request #2 GET /a host=www.example.com url=http://Www.Example.COM/a []",
                          "< response #2 204 host=www.example.com to GET []"},
                         {}},
                    Case{"BeyondABody",
                         {up("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"),
                          lost(Direction::to_server, 500),
                          up("tail of a request\r\nGET /b HTTP/1.1\r\nHost: i\r\n\r\n")},
                         {"> request #1 POST /p host=h url=http://h/p damaged [abc]",
                          "> request #2 GET /b host=i url=http://i/b []", "> data #0 tcp [tail of a request\\r\\n]"},
                         {}},
                    Case{"InAHeadTheHostStaysUnknown",
                         {up("GET /a HTTP/1.1\r\nAccept: x\r\nHo"), lost(Direction::to_server, 4),
                          up(".example\r\n\r\nGET /b HTTP/1.1\r\nHost: i\r\n\r\n")},
                         {"> request #1 GET /a damaged []", "> request #2 GET /b host=i url=http://i/b []",
                          "> data #0 tcp [.example\\r\\n]"},
                         {"http1.cut-head"}},
                    // A body that ends without a line feed hides no request that begins a segment of its own.
                    Case{"HeadOfABodyWithoutLines",
                         {up("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"), lost(Direction::to_server, 80), up("{\"b\":1}"),
                          up("GET /b HTTP/1.1\r\nHost: i\r\n\r\n")},
                         {"> request #1 GET /a host=h url=http://h/a []",
                          "> request #2 GET /b host=i url=http://i/b []", "> data #0 tcp [{\"b\":1}]"},
                         {}},
                    // The lost request may be the one that is answered: the host of the answer is not known.
                    Case{"ResponseAfterALostRequest",
                         {up(kGet), down("HTTP/1.1 204 No\r\n\r\n"), lost(Direction::to_server, 50), up(kGet),
                          down("HTTP/1.1 204 No\r\n\r\n")},
                         {kGetLine, "< response #1 204 host=www.example.com to GET []",
                          "> request #2 GET /a host=www.example.com url=http://Www.Example.COM/a []",
                          "< response #0 204 to GET []"},
                         {}},
                    Case{"OrphanResponseProvesNothing",
                         {up(kGet), down("HTTP/1.1 204 No\r\n\r\n"), lost(Direction::to_server, 50),
                          down("HTTP/1.1 204 No\r\n\r\n"), up(kGet), down("HTTP/1.1 204 No\r\n\r\n")},
                         {kGetLine, "< response #1 204 host=www.example.com to GET []", "< response #0 204 []",
                          "> request #2 GET /a host=www.example.com url=http://Www.Example.COM/a []",
                          "< response #0 204 to GET []"},
                         {}},
                    Case{"ResponsesAlone",
                         {down("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), down("HTTP/1.1 204 No\r\n\r\n")},
                         {"< response #0 200 [x]", "< response #0 204 []"},
                         {}}),
    name_of);

// Broken framing hides no request that begins a packet of its own; within the packet that broke it nothing is guessed.
TEST(Http1BrokenFraming, IsLeftAtARequestThatBeginsAPacket) {
  const std::string chunked =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;n=\"v\r\"\r\nhello\r\n";
  Conversation conversation;
  conversation.run({up(chunked + "zz\r\nabc" + kGet), down("HTTP/1.1 204 No\r\n\r\n"), up("rest"), up(kGet),
                    down("HTTP/1.1 204 No\r\n\r\n")});
  EXPECT_EQ(
      conversation.seen.lines,
      (std::vector<std::string>{
          "> request #1 POST /a host=h url=http://h/a damaged [hellozz\\r\\n]", "< response #1 204 host=h to POST []",
          "> request #2 GET /a host=www.example.com url=http://Www.Example.COM/a []", "< response #0 204 to GET []",
          "> data #0 tcp [abc" + flow_kit::printable(kGet) + "rest]"}));
}

TEST(Http1BrokenFraming, NeedsAHostToBeLeft) {
  const std::string signed_length = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n";
  for (const std::string& next :
       {std::string("GET /b HTTP/1.1\r\nAccept: x\r\n\r\n"), std::string("GET /b HTTP/1.1\r\n")}) {
    Conversation conversation;
    conversation.run({up(signed_length), up("abc"), up(next)});
    EXPECT_EQ(conversation.seen.lines,
              (std::vector<std::string>{"> request #1 POST /a host=h url=http://h/a []",
                                        "> data #0 tcp [abc" + flow_kit::printable(next) + "]"}));
  }
  Conversation conversation;
  conversation.run({up(signed_length), up("abc"), up(kGet)});
  EXPECT_EQ(conversation.seen.lines,
            (std::vector<std::string>{"> request #1 POST /a host=h url=http://h/a []",
                                      "> request #2 GET /a host=www.example.com url=http://Www.Example.COM/a []",
                                      "> data #0 tcp [abc]"}));
}

TEST(Http1BrokenFraming, OfAResponseIsLeftAtTheNext) {
  Conversation conversation;
  conversation.run({up(kGet), down("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), up(kGet),
                    down("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")});
  EXPECT_EQ(conversation.seen.lines,
            (std::vector<std::string>{kGetLine, "< response #1 200 host=www.example.com to GET damaged [zz\\r\\n]",
                                      "> request #2 GET /a host=www.example.com url=http://Www.Example.COM/a []",
                                      "< response #0 200 to GET [x]"}));
}

TEST(Http1Sides, TheSenderOfRequestsIsTheClient) {
  Conversation conversation;
  conversation.info.opening_seen = false;
  conversation.run({down("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), up("HTTP/1.1 204 No\r\n\r\n")});
  EXPECT_EQ(conversation.seen.lines,
            (std::vector<std::string>{"< request #1 from the server's side GET / host=h url=http://h/ []",
                                      "> response #1 from the server's side 204 host=h to GET []"}));
}

TEST(Http1Sides, AServerOfThatNameIsNoProxy) {
  Conversation conversation;
  conversation.context.protection = Protection::tls;
  conversation.context.sni = "h.example";
  conversation.run({up("GET https://h.example/ HTTP/1.1\r\nHost: h.example\r\n\r\n")});
  EXPECT_EQ(conversation.seen.lines,
            (std::vector<std::string>{"> request #1 GET https://h.example/ host=h.example url=https://h.example/ []"}));
}

TEST(Http1Limits, ABigBodyComesInOverlappingPieces) {
  Conversation conversation;
  conversation.limits.body_bytes = 10;
  conversation.limits.raw_overlap_bytes = 3;
  conversation.run({up("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n0123456789abcdefghij")}, 0, 1);
  const std::string head = "> request #1 POST / host=h url=http://h/";
  EXPECT_EQ(conversation.seen.lines,
            (std::vector<std::string>{head + " more [0123456789]", head + " at=7 overlap=3 more [789abcdefg]",
                                      head + " at=14 overlap=3 [efghij]"}));
}

TEST(Http1Limits, AHeadOverTheLimitIsSearchedAsItIs) {
  Conversation conversation;
  conversation.limits.http_head_bytes = 64;
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\nCookie: " + std::string(100, 'x') + "\r\n\r\n";
  conversation.run({up(text)});
  EXPECT_EQ(conversation.seen.lines, (std::vector<std::string>{"> data #0 tcp [" + flow_kit::printable(text) + "]"}));
  EXPECT_EQ(conversation.anomalies.count("http1.head-limit"), 1u);
}

TEST(Http1Limits, ALongTargetIsReadUpToTheHeadLimit) {
  const std::string target = "/" + std::string(200000, 'a');
  Conversation conversation;
  conversation.run({up("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"), down("HTTP/1.1 204 No\r\n\r\n")}, 0, 1460);
  EXPECT_EQ(conversation.seen.lines,
            (std::vector<std::string>{"> request #1 GET " + target + " host=h url=http://h" + target + " []",
                                      "< response #1 204 host=h to GET []"}));
  EXPECT_TRUE(conversation.anomalies.entries().empty());
}

TEST(Http1Limits, ATargetOverTheLimitLosesNothingBehindIt) {
  const std::string line = "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  Conversation conversation;
  conversation.limits.http_head_bytes = 1024;
  conversation.run(
      {up(line), down("HTTP/1.1 414 Long\r\nContent-Length: 0\r\n\r\n"), up(kGet), down("HTTP/1.1 204 No\r\n\r\n")}, 0,
      500);
  std::vector<std::string> lines = conversation.seen.lines;
  std::sort(lines.begin(), lines.end());
  // Which answer belongs to which request is not certain behind a request that was not read.
  EXPECT_EQ(lines,
            (std::vector<std::string>{"< response #0 204 to GET []", "< response #0 414 []",
                                      "> data #0 tcp [" + flow_kit::printable(line) + "]",
                                      "> request #1 GET /a host=www.example.com url=http://Www.Example.COM/a []"}));
  EXPECT_EQ(conversation.anomalies.count("http1.head-limit"), 1u);
}

TEST(Http1Limits, RequestsThatAreNeverAnswered) {
  Conversation conversation;
  conversation.limits.http_pending_requests = 2;
  conversation.run({up(kGet + kGet + kGet), down("HTTP/1.1 204 No\r\n\r\n")});
  EXPECT_EQ(conversation.seen.lines.size(), 4u);
  EXPECT_EQ(conversation.anomalies.count("http1.pending-limit"), 1u);
}

}  // namespace
}  // namespace tattle
