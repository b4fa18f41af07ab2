#include "attribute/where/gateway.h"

#include <gtest/gtest.h>

#include <GeographicLib/Geodesic.hpp>
#include <algorithm>
#include <limits>
#include <random>

#include "base/result.h"
#include "base/testing/scratch_folder.h"

namespace tattle {
namespace {

std::shared_ptr<const CountryAreas> areas() {
  static const auto all = CountryAreas::load(TATTLE_SOURCE_DIR "/data/country_areas.tsv");
  return all;
}

double geodesic_km(GeoPoint a, GeoPoint b) {
  double metres = 0;
  GeographicLib::Geodesic::WGS84().Inverse(a.latitude, a.longitude, b.latitude, b.longitude, metres);
  return metres / 1000;
}

TEST(CountryAreas, ABoxIsNeverNearerThanTheBoundAndNotMuchFurther) {
  std::mt19937 random(1);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  for (int i = 0; i < 600; ++i) {
    const double south = pick(-90, 89), west = pick(-180, 175);
    const GeoBox box{south, west, south + 1, west + pick(1, 5)};
    GeoPoint point{pick(-9000, 9000) / 100.0, pick(-18000, 18000) / 100.0};
    if (i % 2 == 1) {  // beside the box
      point.latitude = std::clamp(south + pick(-50, 150) / 100.0, -90.0, 90.0);
      point.longitude = std::clamp(west + pick(-100, 600) / 100.0, -180.0, 180.0);
    }
    double nearest = std::numeric_limits<double>::infinity();
    for (int row = 0; row <= 20; ++row) {
      for (int column = 0; column <= 20; ++column) {
        const GeoPoint inside{box.south + row / 20.0, box.west + column * (box.east - box.west) / 20};
        nearest = std::min(nearest, geodesic_km(point, inside));
      }
    }
    const double bound = least_km(point, box);
    EXPECT_LE(bound, nearest + 1e-9) << point.latitude << ',' << point.longitude << ' ' << south << '/' << west;
    // The sphere is one per cent too small, and the samples lie up to 14 km from the nearest point.
    EXPECT_GE(bound, nearest * 0.985 - 15) << point.latitude << ',' << point.longitude << ' ' << south << '/' << west;
  }
}

TEST(CountryAreas, HoldTheirCities) {
  const struct {
    const char* country;
    GeoPoint city;
  } cities[] = {
      {"FI", {60.17, 24.94}},   {"FI", {60.10, 19.93}},    {"AX", {60.10, 19.93}},  {"US", {38.90, -77.04}},
      {"US", {21.31, -157.86}}, {"US", {71.29, -156.79}},  {"US", {18.47, -66.11}}, {"US", {13.47, 144.75}},
      {"PR", {18.47, -66.11}},  {"IE", {53.35, -6.26}},    {"NL", {52.37, 4.90}},   {"NL", {12.11, -68.93}},
      {"GB", {51.51, -0.13}},   {"GB", {36.14, -5.35}},    {"FR", {48.86, 2.35}},   {"FR", {4.92, -52.31}},
      {"FR", {-20.88, 55.45}},  {"SG", {1.35, 103.82}},    {"MT", {35.90, 14.51}},  {"VA", {41.90, 12.45}},
      {"RU", {66.00, -170.00}}, {"RU", {54.71, 20.51}},    {"CN", {22.28, 114.16}}, {"TW", {25.03, 121.56}},
      {"NZ", {-36.85, 174.76}}, {"FJ", {-16.80, -179.97}}, {"UA", {44.95, 34.10}},  {"DK", {64.18, -51.72}},
      {"NO", {78.22, 15.63}},   {"PT", {37.74, -25.67}},   {"ES", {28.12, -15.43}}, {"BR", {-3.85, -32.42}},
  };
  for (const auto& each : cities) {
    const GeoPoint& city = each.city;
    const char* country = each.country;
    const auto* boxes = areas()->find(country);
    ASSERT_NE(boxes, nullptr) << country;
    EXPECT_TRUE(std::any_of(boxes->begin(), boxes->end(), [&](const GeoBox& box) { return least_km(city, box) == 0; }))
        << country << ' ' << city.latitude << ',' << city.longitude;
  }
  EXPECT_GE(areas()->size(), 249u);  // ISO 3166-1 has 249 codes
}

TEST(Gateway, BoundsTheDistanceToCountries) {
  const auto helsinki = Gateway::parse("60.17, 24.94", areas());
  EXPECT_EQ(helsinki->country(), "");
  EXPECT_EQ(*helsinki->least_km_to("FI"), 0);
  // To Tallinn's coast it is some 80 km, to the nearest Estonian island 50.
  EXPECT_LE(*helsinki->least_km_to("EE"), 51);
  // To the nearest Swedish rock 290, to Germany some 800. The nearest land of the United States is Point Barrow.
  EXPECT_LE(*helsinki->least_km_to("SE"), 300);
  EXPECT_GT(*helsinki->least_km_to("DE"), 700);
  EXPECT_LT(*helsinki->least_km_to("DE"), 850);
  const double barrow = geodesic_km({60.17, 24.94}, {71.39, -156.48});
  EXPECT_LE(*helsinki->least_km_to("US"), barrow);
  EXPECT_GT(*helsinki->least_km_to("US"), barrow - 150);
  EXPECT_FALSE(helsinki->least_km_to("EU"));  // what some registries write for a region
  EXPECT_FALSE(helsinki->least_km_to(""));
}

TEST(Gateway, OfACountryIsAnywhereInIt) {
  const auto finland = Gateway::parse("fi", areas());
  EXPECT_EQ(finland->country(), "FI");
  EXPECT_EQ(*finland->least_km_to("FI"), 0);
  for (const char* neighbour : {"SE", "NO", "RU", "EE", "AX"})
    EXPECT_EQ(*finland->least_km_to(neighbour), 0) << neighbour;
  // From Åland to Rügen, and from Utsjoki to Alaska.
  EXPECT_LE(*finland->least_km_to("DE"), geodesic_km({59.9, 19.9}, {54.68, 13.43}));
  EXPECT_GT(*finland->least_km_to("DE"), 300);
  EXPECT_LE(*finland->least_km_to("US"), geodesic_km({70.1, 27.0}, {71.39, -156.48}));
  EXPECT_GT(*finland->least_km_to("US"), geodesic_km({70.1, 27.0}, {71.39, -156.48}) - 300);
}

TEST(Gateway, MayStandAtTheBorder) {
  const ScratchFolder folder;
  const auto two = CountryAreas::load(folder.write("areas.tsv", "AA\t10/10/11\nBB\t12/10/11\nCC\t70/10/11\n"));
  const auto gateway = Gateway::parse("AA", two);
  EXPECT_LE(*gateway->least_km_to("BB"), geodesic_km({11, 10}, {12, 10}));
  EXPECT_GT(*gateway->least_km_to("BB"), 0);
  EXPECT_GT(*gateway->least_km_to("CC"), 6400);
}

TEST(Gateway, AnythingElseIsTheUsersMistake) {
  for (const char* text : {"", "Helsinki", "60.17", "91,0", "0,181", "60.17,24.94,3", "60.17,", ",24.94", "nan,24.94",
                           "inf,0", "XX", "60,17;24,94", "F1"}) {
    EXPECT_THROW(Gateway::parse(text, areas()), UserError) << text;
  }
}

TEST(CountryAreas, ADamagedFileNamesItsLine) {
  const ScratchFolder folder;
  EXPECT_EQ(CountryAreas::load("")->size(), 0u);
  EXPECT_THROW(CountryAreas::load("/nowhere/country_areas.tsv"), UserError);
  for (const char* line : {"FI 60/24/25", "FI\t60/24", "FI\t60/25/24", "FI\t90/24/25", "FI\t60/24/181",
                           "FI\t60/-181/24", "FI\tx/24/25", "FI\t60/24/25/26", "F"}) {
    const std::string path = folder.write("areas.tsv", std::string("# head\n") + line + "\n");
    try {
      CountryAreas::load(path);
      ADD_FAILURE() << line;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find("areas.tsv:2:"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace tattle
