#include "attribute/facts/law.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tattle {
namespace {

const std::string kData = TATTLE_SOURCE_DIR "/data/";

// Expected values: the Official Journal and the judgments that jurisdictions.yaml names.
class LawTest : public testing::Test {
 protected:
  LawFacts of(const char* country, const char* host, const char* day) const {
    const Day on = *parse_day(day);
    const auto fact = organisations_->of_host(host, on);
    return law_of(country, fact ? fact->organisation : nullptr, *organisations_, *jurisdictions_, on);
  }
  std::shared_ptr<const Organisations> organisations_ = Organisations::load(kData + "organisations.yaml");
  std::shared_ptr<const Jurisdictions> jurisdictions_ = Jurisdictions::load(kData + "jurisdictions.yaml");
};

TEST_F(LawTest, StatesWhatWasInForceThatDay) {
  const LawFacts safe_harbor = of("US", "agps.location.live.net", "2013-04-01");
  EXPECT_EQ(safe_harbor.registered, "US");
  EXPECT_EQ(safe_harbor.day, "2013-04-01");
  EXPECT_EQ(safe_harbor.eea, false);
  EXPECT_FALSE(safe_harbor.entity);  // who contracted in 2013 no source says
  ASSERT_TRUE(safe_harbor.parent);
  EXPECT_EQ(safe_harbor.parent->seat, "US");
  ASSERT_EQ(safe_harbor.adequacy.size(), 1u);
  EXPECT_EQ(safe_harbor.adequacy[0].decision, "2000/520/EC");
  EXPECT_EQ(safe_harbor.adequacy[0].covers, "listed-organisation");
  EXPECT_EQ(safe_harbor.adequacy[0].until, "2015-10-05");
  EXPECT_EQ(safe_harbor.adequacy[0].listed, true);
  // The judgment that ended the decision says nothing of who stood on its list.
  EXPECT_NE(safe_harbor.adequacy[0].source.find("C-362/14"), std::string::npos);
  EXPECT_EQ(safe_harbor.adequacy[0].date, "2015-10-06");
  EXPECT_NE(safe_harbor.adequacy[0].listed_source.find("Safe Harbor record 19225"), std::string::npos);
  EXPECT_EQ(safe_harbor.adequacy[0].listed_date, "2013-06-29");
  EXPECT_EQ(safe_harbor.adequacy[0].listed_from, "2001-06-29");
  EXPECT_EQ(safe_harbor.adequacy[0].listed_until, "2014-06-29");
  EXPECT_EQ(safe_harbor.eea_source, "not among the members listed in jurisdictions.yaml");
  EXPECT_EQ(safe_harbor.eea_date, "2026-11");
  EXPECT_EQ(of("US", "agps.location.live.net", "2015-10-05").adequacy[0].listed, std::nullopt);
  EXPECT_TRUE(of("US", "agps.location.live.net", "2015-10-06").adequacy.empty());
  EXPECT_TRUE(of("US", "agps.location.live.net", "2020-07-16").adequacy.empty());
}

TEST_F(LawTest, OfTwoDaysOnlyWhatHoldsOnBothIsSaid) {
  const LawFacts first = of("US", "agps.location.live.net", "2014-06-01");
  const LawFacts same = law_of_both(first, of("US", "agps.location.live.net", "2014-06-20"));
  EXPECT_EQ(same.day, "2014-06-01");
  EXPECT_EQ(same.last_day, "2014-06-20");
  EXPECT_FALSE(same.changed);
  ASSERT_EQ(same.adequacy.size(), 1u);
  EXPECT_EQ(same.adequacy[0].listed, true);
  EXPECT_EQ(same.eea, false);
  // Safe Harbor was annulled on 2015-10-06 (C-362/14).
  const LawFacts after = law_of_both(first, of("US", "agps.location.live.net", "2015-12-01"));
  EXPECT_TRUE(after.changed);
  EXPECT_TRUE(after.adequacy.empty());
  // The United Kingdom left on 2020-01-31.
  const LawFacts left = law_of_both(of("GB", "a.example", "2020-01-31"), of("GB", "a.example", "2022-02-01"));
  EXPECT_TRUE(left.changed);
  EXPECT_EQ(left.eea, std::nullopt);
  EXPECT_EQ(left.eea_source, "");
  EXPECT_TRUE(left.adequacy.empty());
  EXPECT_EQ(law_of_both(first, first).last_day, "");
}

TEST_F(LawTest, LooksAtTheSeatsCountriesToo) {
  const LawFacts ireland = of("IE", "agps.location.live.net", "2019-01-01");
  EXPECT_EQ(ireland.eea, true);
  EXPECT_NE(ireland.eea_source.find("Agreement on the European Economic Area"), std::string::npos);
  EXPECT_EQ(ireland.eea_date, "1994-01-03");
  ASSERT_TRUE(ireland.entity);
  EXPECT_EQ(ireland.entity->name, "Microsoft Ireland Operations Limited");
  EXPECT_EQ(ireland.entity->seat, "IE");
  ASSERT_EQ(ireland.adequacy.size(), 1u);
  EXPECT_EQ(ireland.adequacy[0].country, "US");
  EXPECT_EQ(ireland.adequacy[0].name, "Privacy Shield");
}

TEST_F(LawTest, TheOwnersSeatIsTheParents) {
  const LawFacts here = of("DE", "www.here.com", "2014-01-01");
  ASSERT_TRUE(here.parent);
  EXPECT_EQ(here.parent->name, "Nokia Corporation");
  EXPECT_EQ(here.parent->seat, "FI");
  const LawFacts sold = of("DE", "www.here.com", "2016-01-01");
  ASSERT_TRUE(sold.parent);
  EXPECT_EQ(sold.parent->name, "Audi, BMW and Daimler");
  EXPECT_EQ(sold.parent->seat, "");
}

TEST_F(LawTest, WhatIsNotKnownIsNotSaid) {
  const LawFacts nobody = of("", "nobody.example", "2013-04-01");
  EXPECT_TRUE(nobody.empty());
  EXPECT_EQ(nobody.eea, std::nullopt);
  const LawFacts somewhere = of("US", "nobody.example", "2013-04-01");
  ASSERT_EQ(somewhere.adequacy.size(), 1u);
  EXPECT_EQ(somewhere.adequacy[0].listed, std::nullopt);
  const LawFacts britain = of("GB", "nobody.example", "2020-06-01");
  EXPECT_EQ(britain.eea, false);
  EXPECT_NE(britain.arrangement, "");
  const LawFacts switzerland = of("CH", "nobody.example", "2013-04-01");
  ASSERT_EQ(switzerland.adequacy.size(), 1u);
  EXPECT_EQ(switzerland.adequacy[0].covers, "country");
}

}  // namespace
}  // namespace tattle
