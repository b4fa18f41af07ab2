#include "assess/recipient_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/assess_testing.h"
#include "attribute/facts/day.h"
#include "base/testing/scratch_folder.h"

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
  RecipientReport at_addresses(const std::string& host, const std::vector<const char*>& texts) const {
    std::set<Address> addresses;
    for (const char* text : texts) addresses.insert(*Address::parse(text));
    const RecipientBuilder builder(subjects_,
                                   {*places_, organisations_.get(), jurisdictions_.get(), &trips_, gateway_.get()});
    const Time day = at("2024-05-01T12:00:00Z");
    return builder.build({host, HostGround::sni, addresses, day, day, std::nullopt, {}});
  }
  std::shared_ptr<const Places> places(const char* table) const {
    return Places::open({}, folder_.write("places.csv", table));
  }
  void measure(const char* server, std::uint32_t us) {
    FlowSummary summary;
    summary.flow.client = assess_testing::kPhone;
    summary.flow.server = {*Address::parse(server), 443};
    summary.flow.device = DeviceSide::client;
    summary.handshake_rtt = us;
    trips_.on_flow(summary);
  }

  std::vector<Subject> subjects_{assess_testing::subject()};  // a Nokia Lumia 920
  std::shared_ptr<const Places> places_ = Places::none();
  std::shared_ptr<const Organisations> organisations_ = Organisations::load(kData + "organisations.yaml");
  std::shared_ptr<const Jurisdictions> jurisdictions_ = Jurisdictions::load(kData + "jurisdictions.yaml");
  const ScratchFolder folder_;
  Limits limits_;
  Anomalies anomalies_;
  RoundTrips trips_{limits_, anomalies_};
  std::shared_ptr<const Gateway> gateway_;
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

TEST_F(RecipientBuilderTest, AddressesOfCloudsSayWhereTheyAreRegisteredAlone) {
  places_ = places(
      "prefix,country,asn,holder\n203.0.113.0/25,US,16509,Amazon\n203.0.113.128/25,US,13335,Cloudflare\n"
      "198.51.100.0/24,FI,64500,Invented Oy\n");
  const RecipientReport cloud = at_addresses("a.example", {"203.0.113.5"});
  EXPECT_TRUE(cloud.anycast);
  EXPECT_EQ(cloud.anycast_ground, "AS16509 is a network of Amazon, a cloud of many places");
  EXPECT_EQ(cloud.organisation, "");  // whose machines they are is not who operates the service
  EXPECT_EQ(cloud.country, "US");
  const RecipientReport anycast = at_addresses("a.example", {"198.51.100.7", "203.0.113.200"});
  EXPECT_TRUE(anycast.anycast);
  EXPECT_EQ(anycast.anycast_ground,
            "AS13335 is a network of Cloudflare, which announces addresses from many places at once");
  EXPECT_FALSE(at_addresses("a.example", {"198.51.100.7"}).anycast);
  EXPECT_EQ(met("example.blob.core.windows.net", "2014-05-01T12:00:00Z").anycast_ground,
            "customers of Microsoft's cloud stand under windows.net");
  EXPECT_EQ(met("play.googleapis.com", "2024-05-01T12:00:00Z").anycast_ground,
            "customers of Google's cloud stand under googleapis.com too");
  // Microsoft runs a cloud, and live.net bears its name: of this address that says nothing.
  EXPECT_FALSE(met("agps.location.live.net", "2014-05-01T12:00:00Z").anycast);
}

TEST_F(RecipientBuilderTest, EachFactHasItsOwnSource) {
  places_ = places("prefix,country,asn,holder\n203.0.113.0/24,US,,\n");
  const RecipientReport report = at_addresses("agps.location.live.net", {"203.0.113.5"});
  EXPECT_EQ(report.organisation, "Microsoft");
  EXPECT_NE(report.organisation_source.find("location requests of Windows Phone 7"), std::string::npos);
  EXPECT_EQ(report.organisation_date, "2011");
  EXPECT_EQ(report.country_source, "the user's own table places.csv");
  EXPECT_EQ(report.law.registered_source, report.country_source);
}

TEST_F(RecipientBuilderTest, ARoundTripRulesOutCountriesOutOfItsReach) {
  places_ = places("prefix,country,asn,holder\n203.0.113.0/24,US,,\n198.51.100.0/24,SE,,\n192.88.98.0/24,EU,,\n");
  gateway_ = Gateway::parse("60.17,24.94", CountryAreas::load(kData + "country_areas.tsv"));
  using Countries = std::vector<std::string>;
  // 300 km: not across the Atlantic, but maybe in Sweden.
  measure("203.0.113.5", 2000);
  measure("198.51.100.5", 2000);
  measure("192.88.98.5", 2500);
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.5"}).distance->within_km, 300u);
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.5"}).distance->not_in, Countries{"US"});
  EXPECT_EQ(at_addresses("a.example", {"198.51.100.5"}).distance->not_in, Countries{});
  EXPECT_EQ(at_addresses("a.example", {"192.88.98.5"}).distance->not_in, Countries{});  // nobody knows where that is
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.5", "198.51.100.5"}).distance->not_in, Countries{"US"});
  // 40 ms are 5996 km, which Alaska may be in.
  measure("203.0.113.6", 40000);
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.6"}).distance->not_in, Countries{});
  // Under a millisecond it is beside the capture, or something there answers for others.
  measure("203.0.113.7", 900);
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.7"}).distance->not_in, Countries{});
  // A country is anywhere in it; and without a gateway nothing is ruled out.
  gateway_ = Gateway::parse("FI", CountryAreas::load(kData + "country_areas.tsv"));
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.5"}).distance->not_in, Countries{"US"});
  gateway_ = Gateway::parse("US", CountryAreas::load(kData + "country_areas.tsv"));
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.5"}).distance->not_in, Countries{});
  EXPECT_EQ(at_addresses("a.example", {"198.51.100.5"}).distance->not_in, Countries{"SE"});
  gateway_ = nullptr;
  EXPECT_EQ(at_addresses("a.example", {"203.0.113.5"}).distance->not_in, Countries{});
}

TEST_F(RecipientBuilderTest, BehindAProxyNothingIsRuledOut) {
  places_ = places("prefix,country,asn,holder\n203.0.113.0/24,US,,\n");
  gateway_ = Gateway::parse("60.17,24.94", CountryAreas::load(kData + "country_areas.tsv"));
  measure("203.0.113.5", 2000);
  MessageRecord message = request(1);
  message.via = Via::tunnel;
  trips_.on_message(message, {Party{Role::destination, "far.example", std::nullopt}});
  const RecipientReport far = at_addresses("far.example", {"203.0.113.5"});
  EXPECT_EQ(far.distance->withheld, "a proxy ended the connection");
  EXPECT_THAT(far.distance->not_in, IsEmpty());
  // Of a host met on the phone's own network too, the far address says nothing.
  places_ = places("prefix,country,asn,holder\n100.128.0.0/24,US,,\n");
  measure("100.128.0.5", 2000);
  const RecipientReport home = at_addresses("a.example", {"100.128.0.5", "192.168.0.1"});
  EXPECT_NE(home.distance->withheld, "");
  EXPECT_THAT(home.distance->not_in, IsEmpty());
  // A proxy that nobody was told of answers for all at once.
  places_ = places("prefix,country,asn,holder\n203.0.113.0/24,US,,\n");
  for (const char* other : {"203.0.113.9", "198.51.100.9", "192.88.98.9"}) measure(other, 500);
  const RecipientReport near = at_addresses("a.example", {"203.0.113.5"});
  EXPECT_NE(near.distance->withheld, "");
  EXPECT_THAT(near.distance->not_in, IsEmpty());
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
