#include "attribute/facts/jurisdictions.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "attribute/organisations.h"
#include "base/result.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

Day day(const char* text) { return *parse_day(text); }
const std::string kData = TATTLE_SOURCE_DIR "/data/";

class JurisdictionsTest : public testing::Test {
 protected:
  const std::shared_ptr<const Jurisdictions> law_ = Jurisdictions::load(kData + "jurisdictions.yaml");
  std::string eea(const char* country, const char* when) const {
    return std::string(to_string(law_->eea(country, day(when)).membership));
  }
  /// The numbers of the decisions in force, with commas between.
  std::string decisions(const char* country, const char* when) const {
    std::string result;
    for (const AdequacyDecision* each : law_->in_force(country, day(when))) {
      result += (result.empty() ? "" : ", ") + each->number;
    }
    return result;
  }
  bool listed(const char* country, const char* organisation, const char* when) const {
    const auto found = law_->in_force(country, day(when));
    return found.size() == 1 && found[0]->listing(organisation, day(when)) != nullptr;
  }
};

// Agreement on the European Economic Area and its enlargements; withdrawal agreement, Articles 126 and 127.
TEST_F(JurisdictionsTest, TheAreaHasTheMembersOfTheDay) {
  EXPECT_EQ(eea("FI", "1993-12-31"), "none");
  EXPECT_EQ(eea("FI", "1994-01-01"), "member");
  EXPECT_EQ(eea("LI", "1995-04-30"), "none");
  EXPECT_EQ(eea("LI", "1995-05-01"), "member");
  EXPECT_EQ(eea("EE", "2004-04-30"), "none");
  EXPECT_EQ(eea("EE", "2004-05-01"), "member");
  EXPECT_EQ(eea("BG", "2006-12-31"), "none");
  EXPECT_EQ(eea("BG", "2007-01-01"), "arrangement");
  EXPECT_EQ(eea("BG", "2007-08-01"), "member");
  EXPECT_EQ(eea("HR", "2013-07-01"), "arrangement");
  EXPECT_EQ(eea("HR", "2014-04-12"), "member");
  EXPECT_EQ(eea("NO", "2026-01-01"), "member");
  for (const char* country : {"CH", "US", "SG", "GL", "NC"}) EXPECT_EQ(eea(country, "2020-01-01"), "none") << country;
}

TEST_F(JurisdictionsTest, TheUnitedKingdomLeftInSteps) {
  EXPECT_EQ(eea("GB", "2020-01-31"), "member");
  EXPECT_EQ(eea("GB", "2020-02-01"), "arrangement");
  EXPECT_EQ(eea("GB", "2020-12-31"), "arrangement");
  EXPECT_NE(law_->eea("GB", day("2020-12-31")).what, law_->eea("GB", day("2021-01-01")).what);
  EXPECT_EQ(eea("GB", "2021-06-27"), "arrangement");
  EXPECT_EQ(eea("GB", "2021-06-28"), "none");
  EXPECT_EQ(decisions("GB", "2021-06-27"), "");
  EXPECT_EQ(decisions("GB", "2021-06-28"), "(EU) 2021/1772");
  EXPECT_EQ(decisions("GB", "2031-12-27"), "(EU) 2021/1772");
  EXPECT_EQ(decisions("GB", "2031-12-28"), "");
}

TEST_F(JurisdictionsTest, TerritoriesWithCodesOfTheirOwnFollowTheirMember) {
  EXPECT_EQ(eea("AX", "2013-01-01"), "member");
  EXPECT_EQ(law_->eea("AX", day("2013-01-01")).country, "FI");
  EXPECT_EQ(eea("YT", "2013-12-31"), "none");
  EXPECT_EQ(eea("YT", "2014-01-01"), "member");
  EXPECT_EQ(eea("GI", "2020-01-31"), "member");
  EXPECT_EQ(eea("GI", "2020-12-31"), "arrangement");
  EXPECT_EQ(eea("GI", "2021-01-01"), "none");
}

TEST_F(JurisdictionsTest, WhatIsNoCountryIsUnknown) {
  for (const char* code : {"", "EU", "ZZ", "XX", "AP", "UK", "fi", "FIN", "QZ"}) {
    EXPECT_EQ(eea(code, "2013-01-01"), "unknown") << code;
  }
  EXPECT_EQ(eea("QA", "2013-01-01"), "none");
  EXPECT_EQ(Jurisdictions::load("")->eea("FI", day("2013-01-01")).membership, Membership::unknown);
}

// Judgments of 6 October 2015 (C-362/14) and 16 July 2020 (C-311/18); decision of 10 July 2023.
TEST_F(JurisdictionsTest, TheDecisionsOnTheUnitedStatesCameAndWent) {
  EXPECT_EQ(decisions("US", "2000-07-25"), "");
  EXPECT_EQ(decisions("US", "2000-07-26"), "2000/520/EC");
  EXPECT_EQ(decisions("US", "2015-10-05"), "2000/520/EC");
  EXPECT_EQ(decisions("US", "2015-10-06"), "");
  EXPECT_EQ(decisions("US", "2016-07-11"), "");
  EXPECT_EQ(decisions("US", "2016-07-12"), "(EU) 2016/1250");
  EXPECT_EQ(decisions("US", "2020-07-15"), "(EU) 2016/1250");
  EXPECT_EQ(decisions("US", "2020-07-16"), "");
  EXPECT_EQ(decisions("US", "2023-07-09"), "");
  EXPECT_EQ(decisions("US", "2023-07-10"), "(EU) 2023/1795");
  for (const AdequacyDecision* each : law_->in_force("US", day("2015-10-05"))) {
    EXPECT_EQ(each->name, "Safe Harbor");
    EXPECT_EQ(each->coverage, Coverage::listed_organisations);
    EXPECT_EQ(each->ended_by, "C-362/14");
    EXPECT_EQ(each->ended_how, "annulled");
  }
}

// The list's own records: Microsoft certified on 29 June 2001, Google on 15 October 2005, Facebook on 10 May 2007.
TEST_F(JurisdictionsTest, WhoWasListedIsKnownOnlyWhereASourceSaysSo) {
  EXPECT_FALSE(listed("US", "microsoft", "2001-06-28"));
  EXPECT_TRUE(listed("US", "microsoft", "2001-06-29"));
  EXPECT_TRUE(listed("US", "microsoft", "2012-11-05"));
  EXPECT_FALSE(listed("US", "google", "2005-10-14"));
  EXPECT_TRUE(listed("US", "google", "2015-10-05"));
  EXPECT_FALSE(listed("US", "google", "2015-10-06"));
  EXPECT_TRUE(listed("US", "meta", "2007-05-10"));
  EXPECT_FALSE(listed("US", "google", "2016-09-21"));
  EXPECT_TRUE(listed("US", "google", "2016-09-22"));
  EXPECT_TRUE(listed("US", "google", "2020-07-15"));
  EXPECT_FALSE(listed("US", "meta", "2023-09-06"));
  EXPECT_TRUE(listed("US", "meta", "2023-09-07"));
  EXPECT_FALSE(listed("US", "nobody", "2012-11-05"));
}

TEST_F(JurisdictionsTest, DecisionsSayWhomTheyCover) {
  const auto coverage = [&](const char* country, const char* when) {
    return std::string(to_string(law_->in_force(country, day(when)).at(0)->coverage));
  };
  EXPECT_EQ(coverage("CH", "2020-01-01"), "whole-country");
  EXPECT_EQ(coverage("CA", "2020-01-01"), "recipients-in-scope");
  EXPECT_EQ(coverage("JP", "2019-01-23"), "recipients-in-scope");
  EXPECT_EQ(decisions("HU", "2004-04-30"), "2000/519/EC");
  EXPECT_EQ(decisions("HU", "2004-05-01"), "");
  EXPECT_EQ(decisions("BR", "2026-01-25"), "");
  EXPECT_EQ(decisions("BR", "2026-01-26"), "(EU) 2026/179");
  EXPECT_EQ(decisions("CN", "2026-01-26"), "");
}

TEST_F(JurisdictionsTest, EveryFactHasItsSourceAndEveryListedOrganisationIsKnown) {
  const auto organisations = Organisations::load_all({kData + "trackers.yaml", kData + "organisations.yaml"});
  ASSERT_EQ(law_->decisions().size(), 19u);
  std::set<std::string> numbers;
  for (const AdequacyDecision& each : law_->decisions()) {
    EXPECT_TRUE(numbers.insert(each.number).second) << each.number;
    EXPECT_FALSE(each.source.text.empty() || each.source.date.empty()) << each.number;
    EXPECT_EQ(each.journal.find("OJ L"), 0u) << each.number;
    EXPECT_LE(each.adopted, *each.in_force.from) << each.number;
    EXPECT_TRUE(each.listed.empty() || each.coverage == Coverage::listed_organisations) << each.number;
    for (const Listing& listing : each.listed) {
      EXPECT_NE(organisations->find(listing.organisation), nullptr) << listing.organisation;
      EXPECT_FALSE(listing.source.text.empty() || listing.source.date.empty()) << listing.entity;
    }
  }
}

TEST_F(JurisdictionsTest, TheFileStatesFactsAndDrawsNoConclusion) {
  std::ifstream file(kData + "jurisdictions.yaml");
  std::stringstream text;
  text << file.rdbuf();
  std::string words = text.str();
  std::transform(words.begin(), words.end(), words.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* word : {"transfer", "unlawful", "illegal", "violat"}) {
    EXPECT_EQ(words.find(word), std::string::npos) << word;
  }
}

TEST(JurisdictionsFile, AMistakeNamesItsLine) {
  const std::string path = testing::TempDir() + "jurisdictions_test-" + std::to_string(getpid()) + ".yaml";
  const std::string area =
      "areas: [{id: eea, members: [{country: FI, from: \"1994-01-01\", source: s, date: \"1994\"}]}]\n";
  const std::string decision = "adopted: \"2000-07-26\", scope: all, journal: OJ, source: s, date: \"2000\"";
  for (const std::string& text : std::vector<std::string>{
           "decisions: []\n", area,
           area + "decisions: [{number: 1/EC, country: CH, covers: whole-country, " + decision + "}]\n",
           area + "decisions: [{number: 1/EC, country: CH, from: \"2000-07-26\", covers: half, " + decision + "}]\n",
           area +
               "decisions: [{number: 1/EC, country: CH, from: \"2000-07-26\", covers: whole-country, until: "
               "\"2015-10-06\", ended: {how: annulled, on: \"2015-10-06\", by: C-1}, " +
               decision + "}]\n",
           area +
               "decisions: [{number: 1/EC, country: US, from: \"2000-07-26\", covers: listed-organisations, listed: "
               "[{organisation: a, entity: A Inc., source: s, date: \"2000\"}], " +
               decision + "}]\n",
           "areas: [{id: eea, members: [{country: Finland, source: s, date: \"1994\"}]}]\ndecisions: []\n",
           "areas: [{id: eea, members: [{country: FI}]}]\ndecisions: []\n"}) {
    std::ofstream(path) << text;
    EXPECT_THROW(Jurisdictions::load(path), UserError) << text;
  }
  fs::remove(path);
}

}  // namespace
}  // namespace tattle
