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
  void said(double second, std::uint32_t silence) {
    summary_.server_spoke.push_back({at(second), 60, silence, {0, 1}});
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
