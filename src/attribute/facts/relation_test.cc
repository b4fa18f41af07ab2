#include "attribute/facts/relation.h"

#include <gtest/gtest.h>

#include "base/result.h"
#include "base/testing/scratch_folder.h"

namespace tattle {
namespace {

// Invented companies: Old Phones made "Handy" phones until it sold them to Giant at the end of 2013.
constexpr const char* kFile = R"(sources:
  press: {what: "invented", date: "2014-01-01"}
organisations:
  - id: old
    name: Old Phones
    kinds: [maker]
    source: press
    brands: [{name: Handy, until: "2013-12-31"}]
    domains: [{domain: old.example}]
  - id: giant
    name: Giant
    kinds: [maker, system-vendor, cloud-host]
    source: press
    brands: [{name: Handy, from: "2014-01-01", until: "2016-12-31"}, {name: Luma}]
    domains:
      - {domain: giant.example}
      - {domain: giant-rents.example, kinds: [cloud-host]}
      - {domain: giant-counts.example, kinds: [tracker]}
  - id: reborn
    name: Reborn
    kinds: [maker]
    source: press
    brands: [{name: Handy, from: "2017-01-01"}]
    domains: [{domain: reborn.example}]
  - id: child
    name: Child
    kinds: [app-publisher]
    source: press
    owners: [{organisation: giant, from: "2014-01-01"}]
    domains: [{domain: child.example}]
  - {id: net, name: Net, kinds: [network-operator], source: press, domains: [{domain: net.example}]}
  - {id: count, name: Count, kinds: [tracker, cloud-host], source: press, domains: [{domain: count.example}]}
  - {id: cloud, name: Cloud, kinds: [cloud-host], source: press, domains: [{domain: cloud.example}]}
  - id: makes-more
    name: More
    former: [{name: Less}]
    kinds: [app-publisher, tracker]
    source: press
    domains: [{domain: more.example}]
)";

class RelationTest : public testing::Test {
 protected:
  RelationFact of(const char* host, const PhoneFacts& phone, const char* day) const {
    const auto fact = table_->of_host(host, *parse_day(day));
    return relation_of(fact ? &*fact : nullptr, phone, *table_, *parse_day(day));
  }

 private:
  const ScratchFolder folder_;
  const std::shared_ptr<const Organisations> table_ = Organisations::load(folder_.write("o.yaml", kFile));
};

TEST_F(RelationTest, IsTheFirstThatHoldsOnTheDay) {
  struct Case {
    const char* host;
    PhoneFacts phone;
    const char* day;
    Relation relation;
  };
  const PhoneFacts handy{"Handy", "920", "", ""};
  const Case cases[] = {
      // The brand passed from one maker to the next; each was the maker in its days alone.
      {"www.old.example", handy, "2013-12-31", Relation::maker},
      {"www.old.example", handy, "2014-01-01", Relation::unknown},
      {"www.giant.example", handy, "2013-12-31", Relation::cloud_host},
      {"www.giant.example", handy, "2014-01-01", Relation::maker},
      {"www.reborn.example", handy, "2017-01-01", Relation::maker},
      // A model's own brand says more than the maker's.
      {"www.giant.example", {"Handy", "Luma 920", "", ""}, "2017-01-01", Relation::maker},
      {"www.reborn.example", {"Handy", "Luma 920", "", ""}, "2017-01-01", Relation::unknown},
      {"www.giant.example", {"Handy", "Handy Luma 920", "", ""}, "2017-01-01", Relation::maker},
      // What the maker owns counts as the maker, from the day of the sale.
      {"a.child.example", handy, "2014-01-01", Relation::maker},
      {"a.child.example", handy, "2013-12-31", Relation::app_publisher},
      // The maker's trackers are the maker's; where others rent, nobody knows whose service it is.
      {"x.giant-counts.example", handy, "2015-01-01", Relation::maker},
      {"x.giant-rents.example", handy, "2015-01-01", Relation::cloud_host},
      {"x.giant-counts.example", {"Other", "", "", ""}, "2015-01-01", Relation::tracker},
      {"giant.example", {"Other", "", "giant", ""}, "2015-01-01", Relation::system_vendor},
      {"giant.example", {"Handy", "", "Giant", ""}, "2015-01-01", Relation::maker},
      {"more.example", {"", "", "Less", ""}, "2015-01-01", Relation::system_vendor},
      {"net.example", {}, "2015-01-01", Relation::network_operator},
      {"more.example", {}, "2015-01-01", Relation::app_publisher},
      {"count.example", {}, "2015-01-01", Relation::tracker},
      {"count.example", {"", "", "", "example.count.app"}, "2015-01-01", Relation::app_publisher},
      {"count.example", {"", "", "", "example.counts.app"}, "2015-01-01", Relation::tracker},
      {"cloud.example", {}, "2015-01-01", Relation::cloud_host},
      {"nobody.example", handy, "2015-01-01", Relation::unknown},
      {"old.example", {}, "2013-01-01", Relation::unknown},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(to_string(of(each.host, each.phone, each.day).relation), to_string(each.relation))
        << each.host << ' ' << each.phone.maker << ' ' << each.phone.model << ' ' << each.day;
  }
}

TEST_F(RelationTest, SaysOnWhatGround) {
  const PhoneFacts handy{"Handy", "", "", ""};
  EXPECT_EQ(of("giant.example", handy, "2014-05-01").ground,
            "Giant was the maker of phones of this brand on 2014-05-01");
  EXPECT_EQ(of("child.example", handy, "2014-05-01").ground,
            "Child belonged to Giant, the maker of phones of this brand, on 2014-05-01");
  EXPECT_EQ(of("count.example", {"", "", "", "example.count.app"}, "2014-05-01").ground,
            "the app example.count.app bears count.example, a name of Count");
  EXPECT_EQ(of("nobody.example", handy, "2014-05-01").ground, "");
}

TEST(Relation, OfPhonesThatChangedHands) {
  const auto table = Organisations::load(TATTLE_SOURCE_DIR "/data/organisations.yaml");
  const auto of = [&](const char* host, const char* day) {
    const auto fact = table->of_host(host, *parse_day(day));
    return relation_of(fact ? &*fact : nullptr, {"Nokia", "Lumia 920", "Microsoft", ""}, *table, *parse_day(day));
  };
  EXPECT_EQ(of("agps.location.live.net", "2014-04-24").relation, Relation::system_vendor);
  EXPECT_EQ(of("agps.location.live.net", "2014-05-01").relation, Relation::maker);
  EXPECT_EQ(of("www.nokia.com", "2014-04-24").relation, Relation::maker);
}

}  // namespace
}  // namespace tattle
