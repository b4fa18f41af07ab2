#include "assess/cause/server_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Time at(double seconds) { return {static_cast<std::int64_t>(seconds * 1e9)}; }

class ServerMessagesTest : public testing::Test {
 protected:
  ServerMessagesTest() : table_(limits_, anomalies_) {
    summary_.flow = assess_testing::request(1).flow;
    summary_.flow.start = at(100);
    summary_.last = at(1000);
  }
  void said(double second, std::uint32_t silence, bool farewell = false) {
    summary_.server_spoke.push_back({at(second), 60, silence, {0, 1}, farewell});
  }
  /// A request of this number at this second, or what was said in its exchange.
  void exchange(double second, MessageKind kind, std::uint64_t request, Direction direction = Direction::to_client,
                int status = 200) {
    MessageRecord record = assess_testing::request(1);
    record.flow = summary_.flow;
    record.direction = kind == MessageKind::request ? Direction::to_server : direction;
    record.kind = kind;
    record.number = kind == MessageKind::request ? request : request + 1000;
    if (kind != MessageKind::request) record.request_number = std::make_shared<std::uint64_t>(request);
    if (kind == MessageKind::response) record.status = status;
    record.first = record.last = at(second);
    table_.on_message(record);
  }
  void message(double second, MessageKind kind, Direction direction = Direction::to_client) {
    MessageRecord record = assess_testing::request(1);
    record.flow = summary_.flow;
    record.direction = direction;
    record.kind = kind;
    // The server is the one who answers, whoever sends.
    record.first = record.last = at(second);
    table_.on_message(record);
  }
  std::vector<ServerTalk> end() {
    Party party;
    party.host = "push.vendor.example";
    table_.on_flow(summary_, party);
    return table_.take();
  }

  Limits limits_;
  Anomalies anomalies_;
  ServerMessages table_;
  FlowSummary summary_;
};

TEST_F(ServerMessagesTest, OfAClosedFlowEachMomentCounts) {
  summary_.opaque_bytes = 5000;
  said(200, 30);
  said(300, 6);
  const std::vector<ServerTalk> talks = end();
  ASSERT_EQ(talks.size(), 1u);
  EXPECT_THAT(talks[0].messages, ElementsAre(at(200), at(300)));
  EXPECT_THAT(talks[0].observed, ElementsAre(Interval{at(105), at(1010)}));
  EXPECT_FALSE(talks[0].read);
}

TEST_F(ServerMessagesTest, OfAReadFlowOnlyWhatAnswersNothing) {
  said(200, 30);  // a frame
  said(300, 20);  // a ping of the protocol: no message
  said(400, 12);  // an answer that took long
  said(500, 45);  // an answer that was held back: long polling
  message(200.2, MessageKind::frame);
  message(201, MessageKind::frame);
  message(300.1, MessageKind::control);
  message(400.1, MessageKind::response);
  message(500.1, MessageKind::response);
  const std::vector<ServerTalk> talks = end();
  ASSERT_EQ(talks.size(), 1u);
  EXPECT_THAT(talks[0].messages, ElementsAre(at(200), at(500)));
  EXPECT_TRUE(talks[0].read);
}

// A server may promise answers that nobody asked for; requests to a phone that is itself the server are none of these.
TEST_F(ServerMessagesTest, APromiseOfHttp2IsTheServersOwn) {
  said(200, 30);
  message(200.2, MessageKind::request);
  const std::vector<ServerTalk> talks = end();
  ASSERT_EQ(talks.size(), 1u);
  EXPECT_THAT(talks[0].messages, ElementsAre(at(200)));
  EXPECT_TRUE(talks[0].read);
}

TEST_F(ServerMessagesTest, RequestsToAPhoneThatServesAreNoPromises) {
  summary_.flow.device = DeviceSide::server;
  said(200, 30);
  message(200.2, MessageKind::request, Direction::to_server);
  EXPECT_THAT(end(), IsEmpty());
}

// Long polling over HTTP/1: the server answers when it has something to say, and may close behind it.
TEST_F(ServerMessagesTest, AnAnswerHeldBackIsAMessageEvenWhenItEndsTheConnection) {
  exchange(110, MessageKind::request, 1);
  exchange(500, MessageKind::response, 1);
  said(500, 390, true);
  const std::vector<ServerTalk> talks = end();
  ASSERT_EQ(talks.size(), 1u);
  EXPECT_THAT(talks[0].messages, ElementsAre(at(500)));
  EXPECT_TRUE(talks[0].held);
  EXPECT_FALSE(talks[0].read);
  EXPECT_EQ(table_.unclear(0), 0u);
}

// Of HTTP/2 others speak meanwhile, so that the connection is never silent.
TEST_F(ServerMessagesTest, AmongOthersAnAnswerIsHeldBackSinceItsOwnRequest) {
  exchange(110, MessageKind::request, 1);
  for (int i = 0; i < 40; ++i) {
    exchange(111 + i, MessageKind::request, static_cast<std::uint64_t>(2 + i));
    exchange(111.2 + i, MessageKind::response, static_cast<std::uint64_t>(2 + i));
  }
  exchange(139, MessageKind::response, 1, Direction::to_client, 103);  // early hints answer nothing yet
  exchange(151, MessageKind::response, 1);
  EXPECT_THAT(end().at(0).messages, ElementsAre(at(151)));
}

TEST_F(ServerMessagesTest, ASlowAnswerIsNone) {
  exchange(110, MessageKind::request, 1);
  exchange(139, MessageKind::response, 1);
  EXPECT_THAT(end(), IsEmpty());
}

TEST_F(ServerMessagesTest, FramesOfAStreamCountAfterItsOwnSilence) {
  exchange(110, MessageKind::request, 1);
  exchange(110.1, MessageKind::response, 1, Direction::to_client, 101);
  exchange(150, MessageKind::frame, 1);                        // unasked
  exchange(152, MessageKind::frame, 1);                        // goes on
  exchange(200, MessageKind::frame, 1, Direction::to_server);  // the phone speaks
  exchange(200.3, MessageKind::frame, 1);                      // and is answered
  exchange(210, MessageKind::frame, 1);
  const std::vector<ServerTalk> talks = end();
  ASSERT_EQ(talks.size(), 1u);
  EXPECT_THAT(talks[0].messages, ElementsAre(at(150), at(210)));
  EXPECT_TRUE(talks[0].read);
}

// As a call's one answer comes over gRPC: asked for, though its server took its time.
TEST_F(ServerMessagesTest, TheFirstFrameOfAnExchangeAnswers) {
  exchange(110, MessageKind::request, 1);
  exchange(120, MessageKind::frame, 1);
  exchange(120, MessageKind::response, 1);
  EXPECT_THAT(end(), IsEmpty());
}

TEST_F(ServerMessagesTest, InAClosedFlowAGoodByeIsUnclear) {
  summary_.opaque_bytes = 5000;
  said(200, 30, true);
  EXPECT_THAT(end(), IsEmpty());
  EXPECT_EQ(table_.unclear(0), 1u);
  EXPECT_EQ(table_.unclear(1), 0u);
}

TEST_F(ServerMessagesTest, ATimeoutThatNobodyAskedForIsAGoodBye) {
  said(200, 90, true);
  MessageRecord record = assess_testing::request(1);
  record.flow = summary_.flow;
  record.direction = Direction::to_client;
  record.kind = MessageKind::response;
  record.status = 408;
  record.body_bytes = 100;
  record.first = record.last = at(200);
  table_.on_message(record);
  EXPECT_THAT(end(), IsEmpty());
  EXPECT_EQ(table_.unclear(0), 0u);
}

TEST_F(ServerMessagesTest, WhatThePhoneSendsIsNoServers) {
  said(200, 30);
  message(200.2, MessageKind::publish, Direction::to_server);
  EXPECT_THAT(end(), IsEmpty());
}

TEST_F(ServerMessagesTest, NothingOfATunnelsInside) {
  summary_.opaque_bytes = 5000;
  summary_.opaque_reason = "encrypted-tunnel";
  said(200, 30);
  EXPECT_THAT(end(), IsEmpty());
}

TEST_F(ServerMessagesTest, AFullListEndsWhatWasObserved) {
  limits_.server_messages = 2;
  summary_.opaque_bytes = 5000;
  said(200, 30);
  said(300, 6);
  EXPECT_THAT(end()[0].observed, ElementsAre(Interval{at(105), at(310)}));
}

TEST_F(ServerMessagesTest, FlowsOfOneServerAreOne) {
  summary_.opaque_bytes = 5000;
  said(200, 30);
  Party party;
  party.host = "push.vendor.example";
  table_.on_flow(summary_, party);
  summary_.flow.id = 2;
  summary_.flow.start = at(2000);
  summary_.last = at(2500);
  summary_.server_spoke[0].time = at(2200);
  const std::vector<ServerTalk> talks = end();
  ASSERT_EQ(talks.size(), 1u);
  EXPECT_THAT(talks[0].messages, ElementsAre(at(200), at(2200)));
  EXPECT_THAT(talks[0].observed, ElementsAre(Interval{at(105), at(1010)}, Interval{at(2005), at(2510)}));
}

TEST_F(ServerMessagesTest, OnlySoManyInAll) {
  limits_.all_server_messages = 1;
  summary_.opaque_bytes = 5000;
  said(200, 30);
  said(300, 6);
  EXPECT_THAT(end(), IsEmpty());
  EXPECT_EQ(anomalies_.entries().count("assess.server-messages-full"), 1u);
}

}  // namespace
}  // namespace tattle
