#include "attribute/organisations.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "base/result.h"
#include "base/testing/scratch_folder.h"

namespace tattle {
namespace {

Day day(const char* text) { return *parse_day(text); }
const std::string kData = TATTLE_SOURCE_DIR "/data/";

class OrganisationsTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const { return folder_.write(name, text); }

 private:
  const ScratchFolder folder_;
};

TEST_F(OrganisationsTest, AreKnownByTheirRegistrableDomain) {
  const auto table = Organisations::load(write("organisations.yaml",
                                               "organisations:\n"
                                               "  - name: Example Oy\n"
                                               "    domains: [example.com, example.co.uk]\n"
                                               "    source: https://example.com/about\n"
                                               "    date: \"2026\"\n"));
  EXPECT_EQ(table->of_host("a.b.example.com"), "Example Oy");
  EXPECT_EQ(table->of_host("A.Example.COM."), "Example Oy");
  EXPECT_EQ(table->of_host("example.co.uk"), "Example Oy");
  for (const char* host : {"notexample.com", "example.com.evil.example", "co.uk", "192.0.2.1", "[2001:db8::1]", "", ".",
                           "..", ".com", "com", "example", "example..com"}) {
    EXPECT_EQ(table->of_host(host), "") << host;
    EXPECT_FALSE(table->of_host(host, day("2014-01-01"))) << host;
  }
  EXPECT_EQ(Organisations::load("")->of_host("example.com"), "");
}

TEST_F(OrganisationsTest, HoldAutonomousSystems) {
  const std::string first =
      write("first.yaml",
            "organisations:\n"
            "  - {id: a, name: A, kinds: [cloud-host], source: y, date: \"2026\", networks: [{numbers: "
            "[64500, 64501]}, {numbers: [64502], anycast: true}]}\n"
            "  - {id: b, name: B, kinds: [maker], source: y, date: \"2026\", networks: [{numbers: "
            "[64503]}]}\n");
  const auto table = Organisations::load(first);
  EXPECT_EQ(table->of_network(64500)->organisation->name, "A");
  EXPECT_TRUE(table->of_network(64501)->cloud);
  EXPECT_FALSE(table->of_network(64501)->anycast);
  EXPECT_TRUE(table->of_network(64502)->anycast);
  EXPECT_FALSE(table->of_network(64503)->cloud);
  EXPECT_FALSE(table->of_network(64504));
  EXPECT_FALSE(table->of_network(0));
  const std::string later =
      write("later.yaml", "organisations: [{name: C, source: y, date: \"2026\", networks: [{numbers: [64500]}]}]\n");
  EXPECT_EQ(Organisations::load_all({first, later})->of_network(64500)->organisation->name, "C");
  for (const char* networks :
       {"[{numbers: [64500, 64500]}]", "[{numbers: [0]}]", "[{numbers: [AS64500]}]", "[{numbers: []}]",
        "[{anycast: true}]", "[{numbers: [64500], anycast: perhaps}]", "[{numbers: [4294967296]}]"}) {
    const std::string wrong =
        write("wrong.yaml",
              "organisations:\n  - {name: D, source: y, date: \"2026\", networks: " + std::string(networks) + "}\n");
    EXPECT_THROW(Organisations::load(wrong), UserError) << networks;
  }
}

TEST_F(OrganisationsTest, KnowCloudsAndAnycastNetworks) {
  const auto table = Organisations::load(kData + "organisations.yaml");
  // Holders as in the RIPE and ARIN registries.
  const std::pair<std::uint32_t, const char*> clouds[] = {
      {16509, "amazon"}, {8075, "microsoft"}, {20940, "akamai"}, {54113, "fastly"}, {24940, "hetzner"}};
  for (const auto& [number, id] : clouds) {
    ASSERT_TRUE(table->of_network(number)) << number;
    EXPECT_EQ(table->of_network(number)->organisation->id, id);
    EXPECT_TRUE(table->of_network(number)->cloud) << number;
  }
  for (const std::uint32_t number : {13335, 15133, 15169, 19281, 36692}) {
    ASSERT_TRUE(table->of_network(number)) << number;
    EXPECT_TRUE(table->of_network(number)->anycast) << number;
    EXPECT_FALSE(table->of_network(number)->source->text.empty());
  }
}

TEST_F(OrganisationsTest, AMistakeNamesItsLine) {
  const std::string fine = "source: y, date: \"2026\"";
  const std::string head = "organisations:\n  - ";
  const std::vector<std::string> wrong = {
      head + "{name: X, domains: [www.example.com], " + fine + "}\n",
      head + "{name: X, domains: [{domain: www.example.com}], " + fine + "}\n",
      head + "{name: X, domains: [{host: co.uk}], " + fine + "}\n",
      head + "{name: X, domains: [{host: Example.com}], " + fine + "}\n",
      head + "{name: X, domains: [{note: nothing}], " + fine + "}\n",
      head + "{name: X, domains: [example.com, example.com], " + fine + "}\n",
      head + "{name: X, domains: [{domain: example.com, from: \"2014-04-31\"}], " + fine + "}\n",
      head + "{name: X, domains: [{domain: example.com, from: \"2014-04-25\", until: \"2014-04-24\"}], " + fine + "}\n",
      head + "{name: X, domains: [example.com], date: \"2026\"}\n",
      head + "{name: X, domains: [example.com], source: y}\n",
      head + "{name: X, domains: [example.com], source: y, date: z}\n",
      head + "{name: X, kinds: [landlord], " + fine + "}\n",
      head + "{name: X, owners: [{organisation: nobody}], " + fine + "}\n",
      head + "{name: X, owners: [{name: A}, {name: B}], " + fine + "}\n",
      head + "{name: X, seats: [{role: parent, entity: X Oy, country: Finland}], " + fine + "}\n",
      head + "{name: X, seats: [{role: office, entity: X Oy, country: FI}], " + fine + "}\n",
      "sources: {y: {what: A paper}}\n" + head + "{name: X, source: y}\n",
      head + "just text\n",
      "other:\n  - x\n",
      "just text\n",
      "organisations: [\n"};
  for (const std::string& text : wrong) {
    const std::string path = write("organisations.yaml", text);
    try {
      Organisations::load(path);
      ADD_FAILURE() << text;
    } catch (const UserError& error) {
      EXPECT_EQ(std::string(error.what()).find(path + ":"), 0u) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(Organisations::load(write("there.yaml", "organisations: []\n") + ".not"), UserError);
}

TEST_F(OrganisationsTest, TheLongestNameWinsAndTheLaterFile) {
  const auto table = Organisations::load_all(
      {"",
       write("first.yaml",
             "sources: {paper: {what: A paper, url: \"https://paper.example/\", date: \"2021-03\"}}\n"
             "organisations:\n"
             "  - {id: cloud, name: First Cloud, kinds: [cloud-host], source: paper, domains: [{host: "
             "cloud.example.com}]}\n"
             "  - {id: ads, name: Ads Ltd, kinds: [tracker], source: paper, domains: [example.net, example.org]}\n"),
       write("second.yaml",
             "organisations:\n"
             "  - {id: ads, name: Ads, source: a letter, date: \"2026-01-02\", seats: [{role: parent, entity: Ads Ltd, "
             "country: GB}]}\n"
             "  - {id: news, name: News, source: a letter, date: \"2026\", domains: [{host: news.example.net}, "
             "example.org]}\n")});
  EXPECT_EQ(table->of_host("x.example.net"), "Ads");
  EXPECT_EQ(table->of_host("x.news.example.net"), "News");
  EXPECT_EQ(table->of_host("example.org"), "News");
  const auto fact = table->of_host("x.example.net", day("2020-01-01"));
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->name, "example.net");
  EXPECT_EQ(fact->source->text, "A paper");
  EXPECT_EQ(fact->source->url, "https://paper.example/");
  EXPECT_EQ(fact->source->date, "2021-03");
  EXPECT_EQ(*fact->kinds, std::vector{OrganisationKind::tracker});
  EXPECT_EQ(fact->organisation->source.text, "a letter");
  EXPECT_EQ(fact->organisation->seats.size(), 1u);
}

TEST_F(OrganisationsTest, CustomersOfACloudAreNotTheCloud) {
  const auto table = Organisations::load(
      write("organisations.yaml",
            "organisations:\n"
            "  - id: cloud\n"
            "    name: Cloud\n"
            "    kinds: [cloud-host, app-publisher]\n"
            "    source: its documentation\n"
            "    date: \"2026\"\n"
            "    domains: [{domain: example.com}, {host: run.example.com, kinds: [cloud-host]}]\n"));
  EXPECT_EQ(table->of_host("www.example.com"), "Cloud");
  EXPECT_EQ(table->of_host("shop.run.example.com"), "");
  const auto fact = table->of_host("shop.run.example.com", day("2026-01-01"));
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->organisation->name, "Cloud");
  EXPECT_TRUE(fact->hosts_others());
  EXPECT_FALSE(table->of_host("www.example.com", day("2026-01-01"))->hosts_others());
}

TEST_F(OrganisationsTest, ANameThatChangedHandsHasOneHolderADay) {
  const auto table = Organisations::load(write(
      "organisations.yaml",
      "organisations:\n"
      "  - {name: Old, source: a register, date: \"2020\", domains: [{domain: example.com, until: \"2014-04-24\"}]}\n"
      "  - {name: New, source: a register, date: \"2020\", domains: [{domain: example.com, from: \"2014-04-25\", "
      "until: \"2016-12-31\"}]}\n"));
  EXPECT_EQ(table->of_host("www.example.com", day("2014-04-24"))->organisation->name, "Old");
  EXPECT_EQ(table->of_host("www.example.com", day("2014-04-25"))->organisation->name, "New");
  EXPECT_FALSE(table->of_host("www.example.com", day("2017-01-01")));
  EXPECT_EQ(table->of_host("www.example.com"), "");
}

TEST_F(OrganisationsTest, ABrandOfTwoOnOneDayNamesNobody) {
  const auto table = Organisations::load(
      write("organisations.yaml",
            "organisations:\n"
            "  - {name: One, source: a register, date: \"2020\", brands: [{name: Aria}], domains: []}\n"
            "  - {name: Two, source: a register, date: \"2020\", brands: [{name: ARIA, from: \"2016-01-01\"}], "
            "domains: []}\n"));
  EXPECT_EQ(table->maker_of("aria", day("2015-12-31"))->name, "One");
  EXPECT_EQ(table->maker_of("aria", day("2016-01-01")), nullptr);
}

TEST_F(OrganisationsTest, ATrackerDatabaseOfTheUsersSpeaksLast) {
  const std::string database = write("trackerdb.json",
                                     R"({"categories": {}, "organizations": {
            "ads_ltd": {"name": "Ads Ltd", "country": "GB"}, "cdn": {"name": "Delivery", "country": null}, "odd": 7},
          "patterns": {
            "ads": {"category": "advertising", "organization": "ads_ltd",
                    "domains": ["t.example.com", "example.com", "both.example.org"]},
            "cdn": {"category": "hosting", "organization": "cdn",
                    "domains": ["example.net", "both.example.org", 7, "co.uk"]},
            "lost": {"category": "misc", "organization": "nobody", "domains": ["example.org"]}}})");
  const auto table = Organisations::load_all({database});
  EXPECT_EQ(table->of_host("t.example.com"), "Ads Ltd");
  EXPECT_EQ(table->of_host("both.example.org"), "");
  EXPECT_EQ(table->of_host("example.org"), "");
  EXPECT_EQ(table->of_host("example.co.uk"), "");
  EXPECT_TRUE(table->of_host("a.example.net", day("2026-01-01"))->hosts_others());
  EXPECT_EQ(table->find("ghostery:ads_ltd")->seat_on(SeatRole::parent, day("2026-01-01"))->country, "GB");
  const std::string own = write("own.yaml",
                                "organisations:\n"
                                "  - {name: Mine, source: I know, date: \"2026\", domains: [example.com]}\n");
  EXPECT_EQ(Organisations::load_all({database, own})->of_host("t.example.com"), "Mine");
  EXPECT_EQ(Organisations::load_all({own, database})->of_host("example.com"), "Mine");
  EXPECT_THROW(Organisations::load_all({write("other.json", "[1, 2]")}), UserError);
  EXPECT_THROW(Organisations::load_all({write("cut.json", "{\"organizations\": {")}), UserError);
  EXPECT_THROW(Organisations::load_all({"/nonexistent/trackerdb.json"}), UserError);
}

// What follows holds of the files that come with the program.
class OrganisationsOfThisProgram : public testing::Test {
 protected:
  const std::shared_ptr<const Organisations> table_ =
      Organisations::load_all({kData + "trackers.yaml", kData + "organisations.yaml"});
  std::string maker(const char* brand, const char* when) const {
    const Organisation* found = table_->maker_of(brand, day(when));
    return found == nullptr ? "" : found->name;
  }
  std::string owner(const char* id, const char* when) const {
    const Owner* found = table_->find(id)->owner_on(day(when));
    return found == nullptr ? "" : found->name;
  }
  std::string seat(const char* id, SeatRole role, const char* when) const {
    const Seat* found = table_->find(id)->seat_on(role, day(when));
    return found == nullptr ? "" : found->entity + ", " + found->country;
  }
};

TEST_F(OrganisationsOfThisProgram, AreFoundByTheirExamples) {
  const YAML::Node list = YAML::LoadFile(kData + "organisations.yaml")["organisations"];
  const Day today = day("2026-11-23");
  std::size_t examples = 0;
  for (const YAML::Node& entry : list) {
    for (const YAML::Node& domain : entry["domains"]) {
      ASSERT_TRUE(domain["examples"] && domain["examples"].size() > 0) << domain;
      std::vector<std::string> left;
      for (const char* field : {"domain", "host"}) {
        if (domain[field]) left.push_back(domain[field].Scalar());
      }
      for (const char* field : {"domains", "hosts"}) {
        for (const YAML::Node& name : domain[field]) left.push_back(name.Scalar());
      }
      const Day when = domain["until"] ? *parse_day(domain["until"].Scalar()) : today;
      for (const YAML::Node& host : domain["examples"]) {
        const auto found = table_->of_host(host.Scalar(), when);
        ASSERT_TRUE(found) << host.Scalar();
        EXPECT_EQ(found->organisation->name, entry["name"].Scalar()) << host.Scalar();
        std::erase(left, std::string(found->name));
        ++examples;
      }
      EXPECT_TRUE(left.empty()) << left.front() << " has no example";
    }
  }
  EXPECT_GT(examples, 150u);
}

TEST_F(OrganisationsOfThisProgram, HoldTheTrackersThatTrackHarKnows) {
  const YAML::Node list = YAML::LoadFile(kData + "trackers.yaml")["organisations"];
  EXPECT_EQ(list.size(), 32u);
  for (const YAML::Node& entry : list) {
    for (const YAML::Node& domain : entry["domains"]) {
      for (const YAML::Node& host : domain["examples"]) {
        EXPECT_TRUE(table_->of_host(host.Scalar(), day("2026-11-23"))) << host.Scalar();
      }
    }
  }
}

// The endpoints of published handset studies (Leith 2021; Liu, Patras and Leith 2021; NRK 2019; public reporting 2011).
TEST_F(OrganisationsOfThisProgram, NameWhomTheHandsetStudiesMet) {
  const std::vector<std::pair<const char*, const char*>> met = {{"android.clients.google.com", "Google"},
                                                                {"play.googleapis.com", "Google"},
                                                                {"app-measurement.com", "Google"},
                                                                {"www.googleadservices.com", "Google"},
                                                                {"gsa.apple.com", "Apple"},
                                                                {"humb.apple.com", "Apple"},
                                                                {"idiagnostics.apple.com", "Apple"},
                                                                {"gsp85-ssl.ls.apple.com", "Apple"},
                                                                {"gsp57-ssl-locus.ls.apple.com", "Apple"},
                                                                {"gsp10-ssl.apple.com", "Apple"},
                                                                {"gs-loc.apple.com", "Apple"},
                                                                {"xp.apple.com", "Apple"},
                                                                {"api.smoot.apple.com", "Apple"},
                                                                {"inference.location.live.net", "Microsoft"},
                                                                {"agps.location.live.net", "Microsoft"},
                                                                {"mobile.pipe.aria.microsoft.com", "Microsoft"},
                                                                {"in.appcenter.ms", "Microsoft"},
                                                                {"api.omc.samsungdm.com", "Samsung"},
                                                                {"samsung-directory.edge.hiyaapi.com", "Hiya"},
                                                                {"tracking.intl.miui.com", "Xiaomi"},
                                                                {"data.mistat.intl.xiaomi.com", "Xiaomi"},
                                                                {"dceuex.push.heytapmobile.com", "HeyTap"},
                                                                {"query.hicloud.com", "Huawei"},
                                                                {"apkrep.ff.avast.com", "Avast"},
                                                                {"zzhc.vnet.cn", "China Telecom"}};
  for (const auto& [host, name] : met) EXPECT_EQ(table_->of_host(host), name) << host;
  EXPECT_FALSE(table_->of_host("zzhc.vnet.cn", day("2019-02-01"))->note.empty());
}

TEST_F(OrganisationsOfThisProgram, GiveNokiasPhonesTheirMakerOfTheDay) {
  EXPECT_EQ(maker("Nokia", "2012-11-05"), "Nokia");
  EXPECT_EQ(maker("Nokia", "2014-04-24"), "Nokia");
  EXPECT_EQ(maker("nokia", "2014-04-25"), "Microsoft");
  EXPECT_EQ(maker("Lumia", "2014-04-25"), "Microsoft");
  EXPECT_EQ(maker("NOKIA", "2016-11-30"), "Microsoft");
  EXPECT_EQ(maker("Nokia", "2016-12-01"), "HMD Global");
  EXPECT_EQ(maker("Nobody", "2016-12-01"), "");
  EXPECT_EQ(table_->of_host("browser.ovi.com", day("2013-01-11"))->organisation->name, "Nokia");
  EXPECT_FALSE(table_->of_host("browser.ovi.com", day("2014-04-25")));
  EXPECT_FALSE(table_->of_host("www.nokia.com", day("2014-04-25"))->note.empty());
}

TEST_F(OrganisationsOfThisProgram, KnowTheOwnerOfTheDay) {
  EXPECT_EQ(owner("motorola", "2012-05-21"), "");
  EXPECT_EQ(owner("motorola", "2014-10-29"), "Google");
  EXPECT_EQ(owner("motorola", "2014-10-30"), "Lenovo");
  EXPECT_EQ(owner("here", "2015-12-03"), "Nokia");
  EXPECT_EQ(owner("here", "2015-12-04"), "Audi, BMW and Daimler");
  EXPECT_EQ(owner("mopub", "2021-12-31"), "Twitter");
  EXPECT_EQ(owner("mopub", "2022-01-01"), "AppLovin");
  EXPECT_EQ(owner("adjust", "2021-04-19"), "");
  EXPECT_EQ(owner("adjust", "2021-04-20"), "AppLovin");
  EXPECT_EQ(owner("microsoft", "2021-04-20"), "");
}

TEST_F(OrganisationsOfThisProgram, KnowWhoContractedInTheAreaOnTheDay) {
  EXPECT_EQ(seat("google", SeatRole::eea_contract, "2019-01-21"), "Google Inc. (later Google LLC), US");
  EXPECT_EQ(seat("google", SeatRole::eea_contract, "2019-01-22"), "Google Ireland Limited, IE");
  EXPECT_EQ(seat("meta", SeatRole::eea_contract, "2022-01-04"), "Facebook Ireland Limited, IE");
  EXPECT_EQ(seat("meta", SeatRole::eea_contract, "2022-01-05"), "Meta Platforms Ireland Limited, IE");
  EXPECT_EQ(seat("huawei", SeatRole::eea_contract, "2018-02-22"), "");
  EXPECT_EQ(seat("microsoft", SeatRole::parent, "2013-06-01"), "Microsoft Corporation, US");
  EXPECT_EQ(seat("microsoft", SeatRole::eea_contract, "2012-11-05"), "");
  EXPECT_EQ(seat("microsoft", SeatRole::eea_contract, "2018-05-31"), "Microsoft Ireland Operations Limited, IE");
  EXPECT_EQ(seat("apple", SeatRole::eea_contract, "2017-02-04"), "");
  EXPECT_EQ(seat("apple", SeatRole::eea_contract, "2017-02-05"), "Apple Distribution International Limited, IE");
}

TEST_F(OrganisationsOfThisProgram, ClaimNoContractBeforeASourceShowsIt) {
  for (const YAML::Node& entry : YAML::LoadFile(kData + "organisations.yaml")["organisations"]) {
    for (const YAML::Node& one : entry["seats"]) {
      // Fairphone's terms for its first phone name the company.
      if (one["role"].Scalar() != "eea-contract" || entry["id"].Scalar() == "fairphone") continue;
      EXPECT_TRUE(one["from"]) << entry["id"];
    }
  }
}

}  // namespace
}  // namespace tattle
