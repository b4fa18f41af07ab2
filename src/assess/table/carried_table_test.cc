#include "assess/table/carried_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"
#include "assess/message_sums.h"

namespace tattle {
namespace {

using assess_testing::ending;
using assess_testing::flow_end;
using assess_testing::hit;
using assess_testing::request;
using testing::ElementsAre;
using testing::IsEmpty;

class CarriedTest : public testing::Test {
 protected:
  CarriedTest() { setup_.subjects = {subject_}; }

  AuditDocument audit(const std::vector<MessageRecord>& messages) {
    Auditor auditor(setup_);
    for (const MessageRecord& message : messages) auditor.on_message(message);
    return auditor.finish(ending());
  }

  MessageRecord with(std::uint64_t number, const std::vector<std::int32_t>& entries) const {
    MessageRecord message = request(number);
    for (const std::int32_t entry : entries) message.hits.push_back(hit(subject_, entry));
    return message;
  }

  static std::uint64_t told(const AuditDocument& document, const std::string& datum = {}) {
    return message_sum(
               document,
               [&](const DisclosureReport& each) { return is_told(each) && (datum.empty() || each.datum == datum); })
        .messages;
  }

  Subject subject_ = assess_testing::subject();
  AuditSetup setup_;
};

TEST_F(CarriedTest, AMessageWithSeveralValuesIsOne) {
  const AuditDocument document = audit({with(1, {0, 1}), with(2, {0}), with(3, {0, 1, 1})});
  ASSERT_EQ(document.disclosures.size(), 2u);
  EXPECT_EQ(document.disclosures[0].count + document.disclosures[1].count, 6u) << "finds";
  EXPECT_EQ(told(document), 3u);
  EXPECT_EQ(told(document, "imei"), 3u);
  EXPECT_EQ(told(document, "sms"), 2u);
  EXPECT_TRUE(document.carried_exact);
}

TEST_F(CarriedTest, AMessageForAProxyAndTheSiteBehindItIsOne) {
  MessageRecord message = with(1, {0});
  message.via = Via::proxy_absolute;
  message.protection = Protection::clear;
  const AuditDocument document = audit({message});
  ASSERT_EQ(document.disclosures.size(), 2u);
  const MessageSum sum = message_sum(document, is_told);
  EXPECT_EQ(sum.messages, 1u);
  EXPECT_EQ(sum.clear, 1u);
  const auto roles = message_sums<Role>(
      document, [](const DisclosureReport& each, std::vector<Role>& keys) { keys.push_back(each.role); });
  EXPECT_EQ(roles.at(Role::proxy).messages, 1u);
  EXPECT_EQ(roles.at(Role::destination).messages, 1u);
}

TEST_F(CarriedTest, PiecesOfABodyAreOneMessage) {
  MessageRecord first = with(1, {0}), middle = with(1, {}), last = with(1, {1});
  first.last_piece = middle.last_piece = false;
  middle.body_offset = 100;
  last.body_offset = 200;
  // Another message in between, as on another stream.
  const AuditDocument document = audit({first, with(2, {0}), middle, last});
  EXPECT_EQ(told(document), 2u);
  EXPECT_EQ(told(document, "sms"), 1u);
  const auto both = std::count_if(document.carried.begin(), document.carried.end(),
                                  [](const CarriedReport& row) { return row.disclosures.size() == 2; });
  EXPECT_EQ(both, 1);
}

TEST_F(CarriedTest, AMessageWhoseEndNeverCameCountsWhenItsFlowEnds) {
  MessageRecord first = with(1, {0});
  first.last_piece = false;
  for (const bool flow_ends : {true, false}) {
    Auditor auditor(setup_);
    auditor.on_message(first);
    if (flow_ends) auditor.on_flow(flow_end(first, 100, 0, 0));
    EXPECT_EQ(told(auditor.finish(ending())), 1u) << flow_ends;
  }
}

MessageRecord lookup(const MessageRecord& of, const char* name, std::int64_t ms) {
  MessageRecord message = of;
  message.protocol = "dns";
  message.kind = MessageKind::query;
  message.protection = Protection::clear;
  message.host = name;
  message.first = message.last = Time{ms * 1000000};
  return message;
}

TEST_F(CarriedTest, QueriesForOneNameWithinASecondAreOneLookup) {
  const MessageRecord query = with(1, {0});
  const char* site = "www.site.example";
  struct Case {
    const char* what;
    std::vector<MessageRecord> messages;
    std::uint64_t expected;
  };
  const std::vector<Case> cases{
      {"A and AAAA", {lookup(query, site, 5000), lookup(query, site, 5001)}, 1},
      {"again after a while", {lookup(query, site, 5000), lookup(query, site, 5001), lookup(query, site, 6001)}, 2},
      {"other names", {lookup(query, site, 5000), lookup(query, "m.site.example", 5001), lookup(query, site, 5002)}, 2},
  };
  for (const Case& each : cases) EXPECT_EQ(told(audit(each.messages)), each.expected) << each.what;
}

TEST_F(CarriedTest, KnowsWhatLiesBesideNoActionAndWhenNobodyTouchedThePhone) {
  auto log = std::make_shared<ActionLog>();
  log->window_s = 10;
  Action rest, done;
  rest.time = Time{100'000'000'000};
  rest.uncertainty_s = 2;
  rest.action = "left-alone on the table";
  done.time = Time{200'000'000'000};
  done.uncertainty_s = 2;
  done.action = "open-settings";
  log->actions = {rest, done};
  setup_.actions = log;
  Auditor auditor(setup_);
  // Before the rest, too close to its beginning, in it twice, at its end, beside the action, long after it.
  for (const std::uint64_t second : {50, 101, 110, 150, 199, 205, 230}) auditor.on_message(with(second, {0}));
  AuditEnd end = ending();
  end.captures[0].first = Time{1'000'000'000};
  end.captures[0].last = Time{300'000'000'000};
  const AuditDocument document = auditor.finish(std::move(end));
  const MessageSum sum = message_sum(document, is_told);
  EXPECT_EQ(sum.messages, 7u);
  EXPECT_EQ(sum.idle, 2u);
  EXPECT_EQ(sum.not_covered, 3u);  // outside of what the log's two lines say for sure
  EXPECT_EQ(sum.left_alone, 2u);
}

TEST_F(CarriedTest, PastTheLimitEachValueCountsByItselfAndThatIsSaid) {
  setup_.limits.disclosures = 2;
  const AuditDocument document = audit({with(1, {0}), with(2, {1}), with(3, {0, 1})});
  EXPECT_FALSE(document.carried_exact);
  EXPECT_EQ(told(document, "imei"), 2u);
  EXPECT_EQ(told(document, "sms"), 2u);
  EXPECT_TRUE(std::any_of(document.anomalies.begin(), document.anomalies.end(),
                          [](const AnomalyReport& each) { return each.name == "assess.combinations-full"; }));
}

TEST_F(CarriedTest, AResolverInThePhonesOwnNetworkIsLocal) {
  MessageRecord query = lookup(with(1, {3}), "www.site.example", 5000);
  query.flow.server = query.server = {*Address::parse("192.0.2.1"), 53};
  MessageRecord far = lookup(with(2, {3}), "www.site.example", 9000);
  far.flow.id = 2;
  far.flow.server = far.server = {*Address::parse("198.51.100.53"), 53};
  const AuditDocument document = audit({query, far});
  ASSERT_EQ(document.disclosures.size(), 2u);
  for (const DisclosureReport& each : document.disclosures)
    EXPECT_EQ(each.recipient.local, each.recipient.addresses.front() == "192.0.2.1");
}

}  // namespace
}  // namespace tattle
