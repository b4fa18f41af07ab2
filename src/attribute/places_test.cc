#include "attribute/places.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "attribute/csv.h"
#include "attribute/network/networks.h"
#include "base/result.h"
#include "base/testing/scratch_folder.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

class PlacesTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const { return folder_.write(name, text); }

 private:
  const ScratchFolder folder_;
};

TEST_F(PlacesTest, TheUsersTableWinsAndTheNarrowestLineOfIt) {
  CompileCounts counts;
  const ByteVector table = compile_networks("192.0.2.0,192.0.2.255,64496,From the data\n", "", counts);
  DataFiles data;
  data.networks = write("networks.tattle", std::string(as_text(table)));
  const auto places = Places::open(data, write("table.csv",
                                               "prefix,country,asn,holder\n"
                                               "# documentation ranges\n"
                                               "192.0.2.0/25,FI,AS64500,\"Wide, Oy\"\n"
                                               "192.0.2.64/26,US,64501,Narrow Inc\n"
                                               "2001:db8::/32,SE,,\n"
                                               "10.1.0.0/16,DE,64502,Named GmbH\n"));
  const auto at = [&](const char* text) { return places->find(*Address::parse(text)); };
  EXPECT_EQ(at("192.0.2.1").country, "FI");
  EXPECT_EQ(at("192.0.2.1").network, "Wide, Oy");
  EXPECT_EQ(at("192.0.2.1").as_number, 64500u);
  EXPECT_EQ(at("192.0.2.65").country, "US");
  EXPECT_EQ(at("192.0.2.200").country, "");
  EXPECT_EQ(at("192.0.2.200").network, "From the data");
  EXPECT_EQ(at("2001:db8::1").country, "SE");
  EXPECT_EQ(at("198.51.100.1").network, "");
  EXPECT_TRUE(at("10.2.0.1").local);
  EXPECT_FALSE(at("10.1.0.1").local);
  EXPECT_EQ(at("10.1.0.1").country, "DE");
  EXPECT_TRUE(at("224.0.0.251").local);
  EXPECT_TRUE(at("fe80::1").local);
}

TEST_F(PlacesTest, SaysWhatIsMissingAndWhomToThank) {
  const auto nothing = Places::none();
  EXPECT_FALSE(nothing->knows_countries());
  EXPECT_FALSE(nothing->knows_networks());
  EXPECT_NE(nothing->how().find("tattle data build"), std::string::npos);
  EXPECT_TRUE(nothing->attribution().empty());

  CompileCounts counts;
  DataFiles data;
  data.networks =
      write("networks.tattle", std::string(as_text(compile_networks("192.0.2.0,192.0.2.255,64496,X\n", "", counts))));
  const auto networks = Places::open(data, "");
  EXPECT_TRUE(networks->knows_networks());
  EXPECT_FALSE(networks->knows_countries());
  ASSERT_EQ(networks->attribution().size(), 1u);
  for (const char* name : {"Route Views", "DB-IP", "NRO", "CC BY 4.0"}) {
    EXPECT_NE(networks->attribution()[0].find(name), std::string::npos) << name;
  }
}

TEST_F(PlacesTest, AMistakeNamesItsLine) {
  for (const char* line : {"192.0.2.0/24,Finland,1,x", "192.0.2.0/24,FI,one,x", "nowhere,FI,1,x", "192.0.2.0/24,FI,1",
                           "192.0.2.0/40,FI,1,x", "192.0.2.0/24,fi,1,x"}) {
    const std::string path = write("wrong.csv", std::string("192.0.2.0/24,FI,1,x\n") + line + "\n");
    try {
      Places::open({}, path);
      ADD_FAILURE() << line;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find("wrong.csv:2:"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(Places::open({}, "/nonexistent/table.csv"), UserError);
}

TEST_F(PlacesTest, ADamagedFileIsTheUsersToKnow) {
  DataFiles data;
  data.networks = write("networks.tattle", "TATTLENW but not really");
  EXPECT_THROW(Places::open(data, ""), UserError);
  data.networks.clear();
  data.countries = {write("countries.mmdb", "no MaxMind DB")};
  EXPECT_THROW(Places::open(data, ""), UserError);
}

// The published data, when set-up has fetched it, line by line against what was compiled from it.
TEST_F(PlacesTest, AgreesWithThePublishedData) {
  const fs::path root(TATTLE_SOURCE_DIR);
  const fs::path csv = root / "node_modules/@ip-location-db/asn/asn-ipv4.csv";
  if (!fs::exists(csv) || !fs::exists(root / ".cache/data/networks.tattle")) return;
  const auto places = Places::open(find_data((root / ".cache/data").string()), "");
  std::ifstream file(csv);
  std::string line;
  std::vector<std::string> fields;
  for (int number = 0; std::getline(file, line); ++number) {
    if (number % 97 != 0) continue;
    split_csv_line(line, fields);
    for (const auto& end : {fields[0], fields[1]}) {
      const Place place = places->find(*Address::parse(end));
      if (place.local) continue;
      ASSERT_EQ(std::to_string(place.as_number), fields[2]) << line;
      ASSERT_EQ(place.network, fields[3]) << line;
    }
  }
  // Long-held addresses of the RIPE registry: FUNET (Finland) and i.root-servers.net (Netnod, Sweden).
  EXPECT_EQ(places->find(*Address::parse("193.166.3.2")).country, "FI");
  EXPECT_EQ(places->find(*Address::parse("192.36.148.17")).country, "SE");
}

struct CsvCase {
  const char* line;
  std::vector<std::string> fields;
};

TEST(Csv, SplitsALine) {
  for (const CsvCase& each : {CsvCase{"a,b", {"a", "b"}}, CsvCase{"", {""}}, CsvCase{"a,,", {"a", "", ""}},
                              CsvCase{"\"a,b\",c", {"a,b", "c"}}, CsvCase{"\"a\"\"b\"", {"a\"b"}},
                              CsvCase{"\"open", {"open"}}, CsvCase{"\"a\"x,b", {"ax", "b"}}}) {
    std::vector<std::string> fields;
    split_csv_line(each.line, fields);
    EXPECT_EQ(fields, each.fields) << each.line;
  }
}

}  // namespace
}  // namespace tattle
