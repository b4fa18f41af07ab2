#include "assess/recipient_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"
#include "attribute/facts/day.h"

namespace tattle {
namespace {

using assess_testing::ending;
using assess_testing::hit;
using assess_testing::request;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kData = TATTLE_SOURCE_DIR "/data/";

Time at(const char* text) { return *parse_rfc3339(text); }

class RecipientBuilderTest : public testing::Test {
 protected:
  RecipientReport met(const std::string& host, const char* first, const char* last) const {
    const RecipientBuilder builder(subjects_, {*places_, organisations_.get(), jurisdictions_.get()});
    return builder.build({host, HostGround::sni, {}, at(first), at(last), std::nullopt, {}});
  }
  RecipientReport met(const std::string& host, const char* when) const { return met(host, when, when); }

  std::vector<Subject> subjects_{assess_testing::subject()};  // a Nokia Lumia 920
  std::shared_ptr<const Places> places_ = Places::none();
  std::shared_ptr<const Organisations> organisations_ = Organisations::load(kData + "organisations.yaml");
  std::shared_ptr<const Jurisdictions> jurisdictions_ = Jurisdictions::load(kData + "jurisdictions.yaml");
};

TEST_F(RecipientBuilderTest, KnowsOwnersAndMakersByTheDay) {
  const RecipientReport before = met("www.here.com", "2014-04-24T12:00:00Z");
  EXPECT_EQ(before.organisation, "HERE");
  ASSERT_TRUE(before.owner);
  EXPECT_EQ(before.owner->name, "Nokia");
  EXPECT_EQ(before.relation, Relation::maker);
  // From that day the phone's maker is Microsoft; Nokia kept HERE.
  const RecipientReport after = met("www.here.com", "2014-04-25T12:00:00Z");
  EXPECT_EQ(after.owner->name, "Nokia");
  EXPECT_EQ(after.relation, Relation::app_publisher);
  EXPECT_EQ(met("agps.location.live.net", "2014-05-01T12:00:00Z").relation, Relation::maker);
  EXPECT_EQ(before.host_ground, HostGround::sni);
}

TEST_F(RecipientBuilderTest, SaysNothingThatChangedBetweenFirstAndLast) {
  const RecipientReport sold = met("www.here.com", "2015-12-03T12:00:00Z", "2015-12-04T12:00:00Z");
  EXPECT_EQ(sold.organisation, "HERE");
  EXPECT_FALSE(sold.owner);
  const RecipientReport changed = met("www.here.com", "2014-04-24T12:00:00Z", "2014-04-25T12:00:00Z");
  EXPECT_EQ(changed.relation, Relation::unknown);
}

TEST_F(RecipientBuilderTest, WithoutADayOnlyWhatNeverChangedIsSaid) {
  const RecipientReport report = met("agps.location.live.net", "1970-01-01T00:00:00Z");
  EXPECT_EQ(report.organisation, "Microsoft");
  EXPECT_EQ(report.relation, Relation::unknown);
  EXPECT_TRUE(report.law.empty());
}

TEST_F(RecipientBuilderTest, WhereOthersRentNobodyIsNamedAsTheRecipient) {
  const RecipientReport rented = met("example.blob.core.windows.net", "2014-05-01T12:00:00Z");
  EXPECT_EQ(rented.organisation, "");
  EXPECT_EQ(rented.hosted_by, "Microsoft");
  EXPECT_EQ(rented.relation, Relation::cloud_host);
  EXPECT_TRUE(rented.anycast);
  EXPECT_FALSE(rented.law.parent);
}

TEST_F(RecipientBuilderTest, WhatItIsToTwoPhonesOfTwoMakersIsNotOneThing) {
  Subject other = assess_testing::subject();
  other.maker = "Samsung";
  other.model = "";
  subjects_.push_back(other);
  EXPECT_EQ(met("agps.location.live.net", "2014-05-01T12:00:00Z").relation, Relation::unknown);
}

TEST_F(RecipientBuilderTest, DisclosuresCarryTermsAndGrounds) {
  AuditSetup setup;
  setup.subjects = subjects_;
  setup.organisations = organisations_;
  setup.jurisdictions = jurisdictions_;
  setup.terms = DataTerms::load(kData + "dpv.yaml");
  const Subject subject = subjects_.front();
  Auditor auditor(std::move(setup));
  auditor.add_name(assess_testing::kServer.address, "named.example");
  MessageRecord message = request(1);
  message.hits = {hit(subject, 1)};
  auditor.on_message(message);
  MessageRecord raw = request(2, 2);
  raw.protocol = "tcp";
  raw.host.clear();
  raw.hits = {hit(subject, 3)};
  auditor.on_message(raw);
  const AuditDocument document = auditor.finish(ending());
  ASSERT_EQ(document.disclosures.size(), 2u);
  for (const DisclosureReport& each : document.disclosures) {
    const bool sms = each.datum == "sms";
    EXPECT_THAT(each.terms,
                ElementsAre(sms ? "https://w3id.org/dpv/pd#Communication" : "https://w3id.org/dpv/pd#BrowserHistory"));
    EXPECT_EQ(each.recipient.host.clear, sms ? "data.vendor.example" : "named.example");
    EXPECT_EQ(each.recipient.host_ground, sms ? HostGround::authority : HostGround::name_record);
  }
}

}  // namespace
}  // namespace tattle
