#include "assess/fingerprint_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"

namespace tattle {
namespace {

using assess_testing::request;

constexpr const char* kJa4 = "t13d1516h2_8daaf6152771_e5627efa2ab1";

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
  void speaks(FlowId flow, const char* agent, const char* app) {
    MessageRecord message = request(flow, flow);
    message.user_agent = agent;
    if (*app != 0) message.flow.app = std::make_shared<AppInfo>(AppInfo{10100, app, "", "PCAPdroid"});
    table_.on_message(message, {});
    table_.on_flow(ended(message, kJa4), aggregates_);
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
  EXPECT_EQ(table_.ground(aggregates_[0]), "");
  speaks(2, "Agent/1", "");
  EXPECT_THAT(table_.ground(aggregates_[0]), testing::HasSubstr("what calls itself \"Agent/1\""));
  speaks(3, "Agent/2", "");
  EXPECT_EQ(table_.ground(aggregates_[0]), "");  // two share it: it tells nobody apart
  speaks(4, "", "Notes");
  EXPECT_THAT(table_.ground(aggregates_[0]), testing::HasSubstr("that of the app Notes"));
  speaks(5, "", "Maps");
  EXPECT_EQ(table_.ground(aggregates_[0]), "");
}

TEST_F(FingerprintTableTest, OfSeveralFingerprintsSaysNothing) {
  silent(1);
  speaks(2, "Agent/1", "");
  silent(3, "t12i0101h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(table_.ground(aggregates_[0]), "");
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
