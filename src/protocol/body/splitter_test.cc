#include "protocol/body/splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/testing/frame_test_kit.h"

namespace tattle::frame_kit {
namespace {

using testing::ElementsAreArray;

const char kRequest[] = "GET /events HTTP/1.1\r\nHost: app.example\r\n\r\n";
const std::string kAsked = "> http/1.1 request GET #1 app.example /events []";

std::string stream(const std::string& body, const std::string& type = "text/event-stream; charset=utf-8") {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class EventTable : public testing::TestWithParam<Case> {};

TEST_P(EventTable, SameHoweverCut) {
  for (const std::size_t most : {100000u, 1u, 2u, 3u, 7u}) {
    std::vector<Step> steps{up(kRequest)};
    steps.insert(steps.end(), GetParam().steps.begin(), GetParam().steps.end());
    std::vector<std::string> lines{kAsked};
    lines.insert(lines.end(), GetParam().lines.begin(), GetParam().lines.end());
    const Result result = run(steps, most);
    EXPECT_THAT(result.lines, ElementsAreArray(lines)) << most;
    EXPECT_THAT(result.anomalies, ElementsAreArray(GetParam().anomalies)) << most;
    EXPECT_TRUE(result.whole_pieces);
  }
}

std::string event(const std::string& rest, const std::string& method = "") {
  return "< sse frame" + (method.empty() ? "" : " " + method) + " #1 app.example (http/1.1, event-stream)" + rest;
}
std::string response(int split) {
  return "< http/1.1 response #1 app.example 200 split=" + std::to_string(split) + " []";
}

// The streams of the HTML standard's section 9.2.6.
INSTANTIATE_TEST_SUITE_P(
    Html926, EventTable,
    testing::Values(
        Case{"ThreeLines",
             {down(stream("data: YHOO\ndata: +2\ndata: 10\n\n"))},
             {event(" [YHOO\\n+2\\n10]"), response(10)}},
        Case{"CommentIdEmptyId",
             {down(stream(
                 ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"))},
             {event(" comment=test stream id=1 [first event]"), event(" id= [second event]"), event(" [ third event]"),
              response(35)}},
        Case{"EmptyData", {down(stream("data\n\ndata\ndata\n\n"))}, {event(" []"), event(" [\\n]"), response(1)}},
        Case{"EventTypes",
             {down(stream("event: add\r\ndata: 73857293\r\n\r\nevent: remove\rdata: 2153\r\r"))},
             {event(" event=add [73857293]", "add"), event(" event=remove [2153]", "remove"), response(12)}},
        Case{"ByteOrderMark",
             {down(stream("\xEF\xBB\xBF"
                          "data: x\n\n"))},
             {event(" [x]"), response(1)}},
        Case{"Unfinished", {down(stream("data: x\n\ndata: y"))}, {event(" [x]"), event(" damaged [y]"), response(2)}}),
    [](const auto& info) { return info.param.name; });

// An event goes down when its empty line has come, not with the response's end.
TEST(Events, PromptAndEndless) {
  flow_kit::Conversation talk;
  Frames frames;
  talk.parser.sink = &frames;
  Mux mux(talk.info, talk.context, talk.parser);
  std::uint64_t at[2] = {0, 0};
  const auto say = [&](Direction direction, std::string_view bytes) {
    const PacketRun run{0, 1, 1};
    mux.on_data({talk.info, direction, at[index(direction)], Time{}, {&run, 1}, as_bytes(bytes)});
    at[index(direction)] += bytes.size();
  };
  say(Direction::to_server, kRequest);
  say(Direction::to_client, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    say(Direction::to_client, "9\r\ndata: a\n\n\r\n");
    EXPECT_EQ(frames.lines.size(), static_cast<std::size_t>(2 + i));
  }
}

TEST(Events, LossWithinTheBody) {
  const std::string body = "data: one\n\ndata: two\n\ndata: three\n\n";
  const std::string all = stream(body);
  const std::size_t head = all.size() - body.size();
  const Result result =
      run({up(kRequest), down(all.substr(0, head + 17)), lost(Direction::to_client, 4), down(all.substr(head + 21))},
          100000);
  // Lost is `two` and a line feed: whether the next line begins an event is not known, so that this one is damaged too.
  EXPECT_THAT(result.lines,
              ElementsAreArray({kAsked, event(" [one]"), event(" damaged []"), event(" damaged [three]"),
                                std::string("< http/1.1 response #1 app.example 200 split=8 damaged []")}));
}

TEST(Events, CodedBodyIsLeftWhole) {
  const Result result =
      run({up(kRequest), down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: "
                              "gzip\r\nContent-Length: 3\r\n\r\nabc")},
          100000);
  EXPECT_EQ(result.lines.back(), "< http/1.1 response #1 app.example 200 [abc]");
}

std::string grpc(const std::string& rest, const std::string& method = "message") {
  return "< grpc frame " + method + " #1 app.example (http/1.1, grpc-web)" + rest;
}

TEST(GrpcWeb, MessagesAndTrailers) {
  for (const std::size_t most : {100000u, 1u, 2u, 3u}) {
    const Result result = run({up(kRequest), down(stream(hex("00 00 00 00 05") + "Hello" + hex("00 00 00 00 00") +
                                                             hex("80 00 00 00 0f") + "grpc-status:0\r\n",
                                                         "application/grpc-web+proto"))},
                              most);
    EXPECT_THAT(result.lines, ElementsAreArray({kAsked, grpc(" [Hello]"), grpc(" []"),
                                                grpc(" [grpc-status:0\\r\\n]", "trailers"), response(20)}));
  }
}

// Each part may be padded on its own (gRPC's PROTOCOL-WEB.md, base64 encoding).
TEST(GrpcWeb, Text) {
  for (const std::size_t most : {100000u, 1u, 2u, 3u}) {
    const Result result =
        run({up(kRequest), down(stream("AAAAAAVIZWxsbw==gAAAAA9ncnBjLXN0YXR1czowDQo=", "application/grpc-web-text"))},
            most);
    EXPECT_THAT(
        result.lines,
        ElementsAreArray(
            {kAsked, std::string("< grpc frame message #1 app.example (http/1.1, grpc-web, base64) [Hello]"),
             std::string("< grpc frame trailers #1 app.example (http/1.1, grpc-web, base64) [grpc-status:0\\r\\n]"),
             response(20)}));
  }
}

TEST(Grpc, CompressedSaysItsCoding) {
  const Result result =
      run({up(kRequest), down("HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web\r\nGrpc-Encoding: gzip\r\n"
                              "Content-Length: 8\r\n\r\n" +
                              hex("01 00 00 00 03") + "zip")},
          100000);
  EXPECT_EQ(result.lines[1], grpc(" coding=gzip [zip]"));
}

TEST(Grpc, BadFlagsAndCutMessages) {
  const Result bad = run({up(kRequest), down(stream(hex("07 00 00 00 01") + "imei", "application/grpc"))}, 100000);
  EXPECT_THAT(bad.anomalies, testing::Contains("grpc.bad-frame"));
  EXPECT_EQ(bad.lines[1], "< grpc frame #1 app.example (http/1.1, grpc) damaged [\\x07\\x00\\x00\\x00\\x01imei]");
  const Result cut = run({up(kRequest), down(stream(hex("00 00 00 00 09") + "imei", "application/grpc"))}, 100000);
  EXPECT_THAT(cut.anomalies, testing::Contains("grpc.cut-message"));
  EXPECT_EQ(cut.lines[1], "< grpc frame message #1 app.example (http/1.1, grpc) damaged [imei]");
}

}  // namespace
}  // namespace tattle::frame_kit
