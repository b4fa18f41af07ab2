#include "assess/link/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"

namespace tattle {
namespace {

using assess_testing::hit;
using assess_testing::request;
using testing::ElementsAre;
using testing::IsEmpty;

// Entries of the invented subject: 0 the imei, which identifies; 1 the sms; 2 the user agent; 3 a visited page.
class LinksTest : public testing::Test {
 protected:
  LinksTest() { setup_.subjects = {subject_}; }

  MessageRecord message(std::uint64_t number, FlowId flow, const char* host, std::vector<std::int32_t> entries) {
    MessageRecord record = request(number, flow);
    record.host = host;
    for (std::int32_t entry : entries) record.hits.push_back(hit(subject_, entry));
    return record;
  }
  AuditDocument audit(const std::vector<MessageRecord>& messages) {
    Auditor auditor(setup_);
    for (const MessageRecord& each : messages) auditor.on_message(each);
    return auditor.finish(assess_testing::ending());
  }
  static std::vector<std::string> labels(const LinkReport& link) {
    std::vector<std::string> hosts;
    for (const Shown& each : link.recipients) hosts.push_back(each.clear);
    return hosts;
  }
  static std::string id_of(const AuditDocument& document, const char* datum, const char* host) {
    for (const DisclosureReport& each : document.disclosures) {
      if (each.datum == datum && each.recipient.host.clear == host) return each.id;
    }
    return "";
  }

  Subject subject_ = assess_testing::subject();
  AuditSetup setup_;
};

TEST_F(LinksTest, OneValueAtSeveralRecipients) {
  const AuditDocument document =
      audit({message(1, 1, "a.example", {1}), message(2, 2, "b.example", {1}), message(3, 3, "b.example", {2})});
  ASSERT_EQ(document.links.size(), 1u);
  EXPECT_EQ(document.links[0].kind, "same-value");
  EXPECT_EQ(document.links[0].entry.clear, "sms#1");
  EXPECT_EQ(document.links[0].disclosures.size(), 2u);
  EXPECT_THAT(labels(document.links[0]), testing::UnorderedElementsAre("a.example", "b.example"));
}

TEST_F(LinksTest, WhatWasSentWithAnIdentifier) {
  const AuditDocument document = audit({message(1, 1, "a.example", {0, 1}), message(2, 2, "a.example", {2})});
  ASSERT_EQ(document.links.size(), 1u);
  EXPECT_EQ(document.links[0].kind, "account");
  EXPECT_EQ(document.links[0].entry.clear, "imei#1");
  const std::string imei = id_of(document, "imei", "a.example"), sms = id_of(document, "sms", "a.example");
  EXPECT_THAT(document.links[0].disclosures, ElementsAre(imei, sms));
  for (const DisclosureReport& each : document.disclosures) {
    if (each.id == imei) {
      EXPECT_THAT(each.linked, ElementsAre(sms));
    } else if (each.id == sms) {
      EXPECT_THAT(each.linked, ElementsAre(imei));
    } else {
      EXPECT_THAT(each.linked, IsEmpty());
    }
  }
}

TEST_F(LinksTest, OneFlowToOneRecipientTies) {
  EXPECT_EQ(audit({message(1, 1, "a.example", {1}), message(2, 1, "a.example", {0})}).links.size(), 1u);
  EXPECT_THAT(audit({message(1, 1, "a.example", {1}), message(2, 1, "b.example", {0})}).links, IsEmpty());
  EXPECT_THAT(audit({message(1, 1, "a.example", {1}), message(2, 2, "a.example", {0})}).links, IsEmpty());
}

TEST_F(LinksTest, WhatCameBackTiesNothing) {
  MessageRecord back = message(1, 1, "a.example", {0, 1});
  back.direction = Direction::to_client;
  back.kind = MessageKind::response;
  EXPECT_THAT(audit({back}).links, IsEmpty());
}

TEST_F(LinksTest, OnlyValuesThatAreSure) {
  MessageRecord unsure = message(1, 1, "a.example", {0, 1});
  unsure.hits[0].log2_probability = -3;
  EXPECT_THAT(audit({unsure}).links, IsEmpty());
}

TEST_F(LinksTest, OnlySoManyTies) {
  setup_.limits.ties = 1;
  const AuditDocument document = audit({message(1, 1, "a.example", {0, 1, 2})});
  ASSERT_EQ(document.links.size(), 1u);
  EXPECT_EQ(document.links[0].disclosures.size(), 2u);
  EXPECT_TRUE(std::any_of(document.anomalies.begin(), document.anomalies.end(),
                          [](const AnomalyReport& each) { return each.name == "assess.ties-full"; }));
}

TEST_F(LinksTest, BeforeAndAfterASignIn) {
  // One second a message: the sms only before, the page only after, the user agent on both sides.
  const AuditDocument document = audit({message(10, 1, "a.example", {1}), message(11, 2, "a.example", {2}),
                                        message(30, 3, "a.example", {2}), message(31, 4, "b.example", {0})});
  const auto at = [](std::int64_t second) { return Time{second * 1000000000}; };
  const std::vector<ChangeReport> changes = changes_at({{7, at(19), at(21)}}, document);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].action, 7u);
  EXPECT_THAT(changes[0].began, ElementsAre(id_of(document, "imei", "b.example")));
  EXPECT_THAT(changes[0].stopped, ElementsAre(id_of(document, "sms", "a.example")));
  ASSERT_EQ(changes[0].recipients_began.size(), 1u);
  EXPECT_EQ(changes[0].recipients_began[0].clear, "b.example");
  // Two sign-ins: what began after the second is not put to the first.
  const std::vector<ChangeReport> two = changes_at({{7, at(12), at(12)}, {8, at(19), at(21)}}, document);
  EXPECT_THAT(two[0].began, IsEmpty());
  EXPECT_THAT(two[1].began, ElementsAre(id_of(document, "imei", "b.example")));
  EXPECT_THAT(two[0].stopped, ElementsAre(id_of(document, "sms", "a.example")));
  EXPECT_THAT(two[1].stopped, IsEmpty());
}

TEST(SignIn, Words) {
  for (const char* word : {"sign-in", "Sign in", "signed in to the account", "login", "Log in", "sign_in"}) {
    EXPECT_TRUE(is_sign_in(word)) << word;
  }
  for (const char* word : {"", "sign-out", "signal", "open camera", "logout", "design in"}) {
    EXPECT_FALSE(is_sign_in(word)) << word;
  }
}

}  // namespace
}  // namespace tattle
