#include "assess/table/fingerprint_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"

namespace tattle {
namespace {

using assess_testing::request;

constexpr const char* kJa4 = "t13d1516h2_8daaf6152771_e5627efa2ab1";
constexpr const char* kOther = "t12i0101h2_8daaf6152771_e5627efa2ab1";

FlowSummary ended(const MessageRecord& message, const char* ja4) {
  FlowSummary summary;
  summary.flow = message.flow;
  summary.tls.ja4 = ja4;
  summary.http2_fingerprint = "1:65536|00|0|m,a,s,p";
  return summary;
}

class FingerprintTableTest : public testing::Test {
 protected:
  /// The disclosure's own flow, of which nothing but the fingerprint is known.
  void silent(FlowId flow, const char* ja4 = kJa4) {
    const MessageRecord message = request(flow, flow);
    table_.on_message(message, {1});
    table_.on_flow(ended(message, ja4), aggregates_);
  }
  void speaks(FlowId flow, const char* agent, const char* app, const char* ja4 = kJa4) {
    MessageRecord message = request(flow, flow);
    message.user_agent = agent;
    if (*app != 0) message.flow.app = std::make_shared<AppInfo>(AppInfo{10100, app, "", "PCAPdroid"});
    table_.on_message(message, {});
    table_.on_flow(ended(message, ja4), aggregates_);
  }
  std::string ground() const {
    const std::optional<Sender> sender = table_.sender(aggregates_[0]);
    return sender ? sender->ground : std::string();
  }
  Limits limits_;
  Anomalies anomalies_;
  FingerprintTable table_{limits_, anomalies_};
  std::vector<Aggregate> aggregates_{1};
};

TEST_F(FingerprintTableTest, SaysWhereElseTheSameWasSeen) {
  silent(1);
  EXPECT_THAT(aggregates_[0].ja4, testing::ElementsAre(kJa4));
  EXPECT_THAT(aggregates_[0].http2, testing::ElementsAre("1:65536|00|0|m,a,s,p"));
  EXPECT_FALSE(table_.sender(aggregates_[0]));
  speaks(2, "Agent/1", "");
  EXPECT_THAT(ground(), testing::HasSubstr("what calls itself \"Agent/1\""));
  EXPECT_EQ(table_.sender(aggregates_[0])->kind, "unknown");
  speaks(3, "Agent/2", "");
  EXPECT_FALSE(table_.sender(aggregates_[0]));  // two share it: it tells nobody apart
}

TEST_F(FingerprintTableTest, NamesTheOneAppThatHasItWhereFingerprintsDiffer) {
  silent(1);
  speaks(2, "Agent/1", "Notes");
  // Of one app alone nobody knows whether the others' fingerprints differ.
  EXPECT_EQ(table_.sender(aggregates_[0])->kind, "unknown");
  EXPECT_FALSE(table_.sender(aggregates_[0])->inferred);
  speaks(3, "", "Maps", kOther);
  const Sender sender = *table_.sender(aggregates_[0]);
  EXPECT_EQ(sender.kind, "app");
  EXPECT_EQ(sender.name, "Notes");
  EXPECT_TRUE(sender.inferred);
  EXPECT_EQ(sender.ground, "same TLS fingerprint as flows of Notes, the only app with it in this capture (JA4 " +
                               std::string(kJa4) + "); other apps may use the same TLS software");
  speaks(4, "", "Maps");
  EXPECT_FALSE(table_.sender(aggregates_[0]));
}

TEST_F(FingerprintTableTest, WhatTheCapturingProgramDidNotKnowIsNoApp) {
  silent(1);
  speaks(3, "", "Maps", kOther);
  MessageRecord message = request(2, 2);
  message.flow.app = std::make_shared<AppInfo>(AppInfo{-1, "Unknown app", "", "PCAPdroid"});
  table_.on_message(message, {});
  table_.on_flow(ended(message, kJa4), aggregates_);
  EXPECT_FALSE(table_.sender(aggregates_[0]));
  EXPECT_EQ(sender_of(message).kind, "unknown");
  EXPECT_EQ(sender_of(message).name, "");
}

TEST_F(FingerprintTableTest, AnotherHttp2ClientIsAnotherProgram) {
  silent(1);
  aggregates_[0].http2 = {"3:100|00|0|m,p,s,a"};
  speaks(2, "", "Notes");
  speaks(3, "", "Maps", kOther);
  EXPECT_FALSE(table_.sender(aggregates_[0]));
  aggregates_[0].http2.clear();  // of HTTP/1 there is none
  EXPECT_EQ(table_.sender(aggregates_[0])->name, "Notes");
}

TEST_F(FingerprintTableTest, OfAFlowWithoutAFingerprintNothingIsSaid) {
  silent(1);
  speaks(2, "", "Notes");
  speaks(3, "", "Maps", kOther);
  EXPECT_EQ(table_.sender(aggregates_[0])->name, "Notes");
  silent(4, "");  // the same disclosure again, its handshake not seen: anybody's
  EXPECT_FALSE(table_.sender(aggregates_[0]));
}

TEST_F(FingerprintTableTest, OfSeveralFingerprintsSaysNothing) {
  silent(1);
  speaks(2, "Agent/1", "");
  silent(3, kOther);
  EXPECT_FALSE(table_.sender(aggregates_[0]));
}

TEST_F(FingerprintTableTest, WhoeverAnswersThePhoneIsNotItsSoftware) {
  MessageRecord message = request(1);
  message.direction = Direction::to_client;
  message.user_agent = "Server/1";
  table_.on_message(message, {1});
  table_.on_flow(ended(message, kJa4), aggregates_);
  EXPECT_TRUE(aggregates_[0].ja4.empty());
}

}  // namespace
}  // namespace tattle
