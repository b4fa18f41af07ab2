#include "protocol/server_speech.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

using flow_kit::Conversation;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Direction kUp = Direction::to_server, kDown = Direction::to_client;
const std::string kRecord = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
const std::string kAlert = std::string("\x15\x03\x03\x00\x02\x01", 6) + std::string(1, '\0');

/// One packet of the story: at this second, in this direction, from this place of the stream.
struct Said {
  double second;
  Direction direction;
  std::uint64_t at;
  std::string text;
  bool fin = false;
};

FlowSummary play(const std::vector<Said>& story, DeviceSide device = DeviceSide::client, std::uint64_t most = 512) {
  Conversation conversation;
  conversation.info = tcp_test_flow(443);
  conversation.info.device = device;
  conversation.limits.server_messages = most;
  const auto parser = FlowParser::make(conversation.info, conversation.parser);
  SegmentMaker make;
  for (const Said& said : story) {
    Segment segment = make.data(said.direction, said.at, said.text, 0);
    segment.tcp.ack = false;
    segment.tcp.fin = said.fin;
    segment.time = {static_cast<std::int64_t>(said.second * 1e9)};
    parser->on_segment(segment);
  }
  return parser->finish();
}

std::vector<double> times(const FlowSummary& summary) {
  std::vector<double> seconds;
  for (const ServerSpoke& each : summary.server_spoke) seconds.push_back(each.time.seconds());
  return seconds;
}

TEST(ServerSpeech, OnlyWhatComesAfterSilenceOfBoth) {
  const FlowSummary summary = play({{0, kUp, 0, "hello"},
                                    {0.2, kDown, 0, kRecord},  // an answer
                                    {30, kDown, 37, kRecord},  // unasked
                                    {31, kDown, 74, kRecord},  // goes on
                                    {31.5, kUp, 5, "answer"},
                                    {36.4, kDown, 111, kRecord},  // 4.9 s after the phone spoke
                                    {41.4, kDown, 148, kRecord}});
  EXPECT_THAT(times(summary), ElementsAre(30, 41.4));
  const ServerSpoke& first = summary.server_spoke[0];
  EXPECT_EQ(first.bytes, 37u);
  EXPECT_EQ(first.silence, 29u);
  EXPECT_EQ(first.packet.number, 3u);
}

TEST(ServerSpeech, ThePhonesOwnWordsAfterSilenceAreNone) {
  EXPECT_THAT(times(play({{0, kUp, 0, "a"}, {60, kUp, 1, "b"}, {60.1, kDown, 0, "c"}})), IsEmpty());
}

TEST(ServerSpeech, APhoneThatServesIsSpokenToTheOtherWay) {
  const std::vector<Said> story{{0, kDown, 0, "a"}, {60, kUp, 0, "b"}, {120, kDown, 1, "c"}};
  EXPECT_THAT(times(play(story, DeviceSide::server)), ElementsAre(60));
  EXPECT_THAT(times(play(story, DeviceSide::client)), ElementsAre(120));
  EXPECT_THAT(times(play(story, DeviceSide::none)), IsEmpty());
}

TEST(ServerSpeech, SentAgainIsNotSaidAgain) {
  // A phone asleep: the server repeats itself for half a minute; and a keep-alive repeats the last byte.
  const FlowSummary summary = play({{0, kUp, 0, "hello"},
                                    {0.2, kDown, 0, "welcome"},
                                    {30, kDown, 7, "news"},
                                    {36, kDown, 7, "news"},
                                    {48, kDown, 7, "news"},
                                    {90, kDown, 10, "s"},
                                    {150, kDown, 11, "more"}});
  EXPECT_THAT(times(summary), ElementsAre(30, 150));
}

TEST(ServerSpeech, WhatMayBeAGoodByeIsMarked) {
  const auto farewells = [](const std::vector<Said>& story) {
    std::vector<bool> marks;
    for (const ServerSpoke& each : play(story).server_spoke) marks.push_back(each.farewell);
    return marks;
  };
  EXPECT_THAT(farewells({{0, kUp, 0, "hi"}, {60, kDown, 0, kAlert}}), IsEmpty());
  EXPECT_THAT(farewells({{0, kUp, 0, "hi"}, {60, kDown, 0, kRecord}, {60.4, kDown, 37, "", true}}), ElementsAre(true));
  EXPECT_THAT(farewells({{0, kUp, 0, "hi"}, {60, kDown, 0, kRecord, true}}), ElementsAre(true));
  // The phone closes, or the server much later.
  EXPECT_THAT(farewells({{0, kUp, 0, "hi"}, {60, kDown, 0, kRecord}, {60.4, kUp, 2, "", true}}), ElementsAre(false));
  EXPECT_THAT(farewells({{0, kUp, 0, "hi"}, {60, kDown, 0, kRecord}, {70, kDown, 37, "", true}}), ElementsAre(false));
  // Only the last of several is behind the end.
  EXPECT_THAT(farewells({{0, kUp, 0, "hi"}, {30, kDown, 0, kRecord}, {60, kDown, 37, kRecord, true}}),
              ElementsAre(false, true));
}

TEST(ServerSpeech, SentAgainWithTheEndIsNotSaidAgain) {
  EXPECT_THAT(times(play({{0, kUp, 0, "hi"}, {10, kDown, 0, "news"}, {40, kDown, 0, "news", true}})), ElementsAre(10));
}

TEST(ServerSpeech, OnlySoManyOfOneFlow) {
  std::vector<Said> story{{0, kUp, 0, "hi"}};
  for (std::uint64_t i = 0; i < 6; ++i) story.push_back({10.0 * static_cast<double>(i + 1), kDown, i, "x"});
  EXPECT_THAT(times(play(story, DeviceSide::client, 4)), ElementsAre(10, 20, 30, 40));
}

TEST(ServerSpeech, AFlowThatSleptGoesOn) {
  Conversation conversation;
  FlowInfo flow = tcp_test_flow(443);
  flow.device = DeviceSide::client;
  SegmentMaker make;
  const auto moment = [&](ServerSpeech& speech, double second) {
    Segment segment = make.data(kDown, 0, kRecord);
    segment.time = {static_cast<std::int64_t>(second * 1e9)};
    return speech.on_payload(segment, flow, conversation.limits, conversation.anomalies);
  };
  ServerSpeech awake({0});
  for (double second : {7.0, 8.0, 20.0, 1e6}) moment(awake, second);
  StateArchive writer;
  awake.pass(writer, {1});
  std::vector<ByteVector> none;
  StateArchive reader(writer.written().data(), none);
  ServerSpeech again({0});
  again.pass(reader, {1});
  EXPECT_FALSE(moment(again, 1e6 + 4));
  EXPECT_TRUE(moment(again, 1e6 + 10));
  const std::vector<ServerSpoke> before = awake.take(), after = again.take();
  ASSERT_EQ(before.size(), 3u);
  ASSERT_EQ(after.size(), 4u);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
}

}  // namespace
}  // namespace tattle
