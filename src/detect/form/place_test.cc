#include "detect/form/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "detect/detect_testing.h"

namespace tattle {
namespace {

using testing_detect::Sample;
using testing_detect::subject_of;

struct PlaceCase {
  const char* name;
  const char* body;
  bool found;
  bool corroborated;
};
void PrintTo(const PlaceCase& c, std::ostream* out) { *out << c.body; }

class HelsinkiPlace : public testing::TestWithParam<PlaceCase> {};

TEST_P(HelsinkiPlace, IsMetOnceOrNot) {
  Sample sample(GetParam().body);
  sample.message.direction = Direction::to_client;  // nothing is inferred
  const auto& hits =
      sample.inspect({subject_of({"{datum: location, latitude: 60.16952, longitude: 24.93545, radius-m: 250}"})});
  ASSERT_EQ(hits.size(), GetParam().found ? 1u : 0u);
  for (const Hit& hit : hits) EXPECT_EQ(hit.corroborated, GetParam().corroborated) << hit.context;
}

// Distances by geod(1): 0.001 degrees of latitude are 111.4 m here, of longitude 55.6 m.
INSTANTIATE_TEST_SUITE_P(
    Table, HelsinkiPlace,
    testing::Values(PlaceCase{"Json", R"({"lat":60.16952,"lon":24.93545})", true, true},
                    PlaceCase{"Order", R"({"lon":24.93545,"lat":60.16952})", true, true},
                    PlaceCase{"Pair", "at 60.1695,24.9354 now", true, true},
                    PlaceCase{"PairReversed", "[24.9354, 60.1695]", true, true},
                    PlaceCase{"Query", "y=60.16952&z=1&x=24.93545", true, false},
                    PlaceCase{"Xml", "<p lat=\"60.16952\" lon=\"24.93545\"/>", true, true},
                    PlaceCase{"Elements", "<a>60.16952</a>\n<b>24.93545</b>", true, false},
                    PlaceCase{"ThreeDecimals", R"({"a":60.170,"b":24.935})", true, false},
                    PlaceCase{"TwoDecimals", R"({"lat":60.17,"lon":24.93})", false, false},
                    PlaceCase{"ManyDecimals", R"({"lat":60.169520000000001,"lon":24.935449999999999})", true, true},
                    PlaceCase{"Comma", "60,16952; 24,93545", true, true},
                    PlaceCase{"IntegerList", "[7,60,1695,3,24,9354,5]", false, false},
                    PlaceCase{"Inside240m", R"({"lat":60.17165,"lon":24.93545})", true, true},
                    PlaceCase{"Outside260m", R"({"lat":60.17186,"lon":24.93545})", false, false},
                    PlaceCase{"Inside220mEast", R"({"lat":60.16952,"lon":24.93940})", true, true},
                    PlaceCase{"Outside280mEast", R"({"lat":60.16952,"lon":24.94045})", false, false},
                    PlaceCase{"NegativeLatitude", R"({"lat":-60.16952,"lon":24.93545})", false, false},
                    PlaceCase{"NegativeLongitude", R"({"lat":60.16952,"lon":-24.93545})", false, false},
                    PlaceCase{"Alone", R"({"lat":60.16952})", false, false},
                    PlaceCase{"LongerNumber", R"({"lat":160.16952,"lon":24.93545})", false, false},
                    PlaceCase{"North", "60.16952N 24.93545E", true, false},
                    PlaceCase{"NorthBefore", "N60.16952 E24.93545", true, false},
                    PlaceCase{"South", "60.16952S 24.93545E", false, false},
                    PlaceCase{"SouthBefore", "S 60.16952, E 24.93545", false, false},
                    PlaceCase{"West", "60.16952\u00b0 N, 24.93545\u00b0 W", false, false},
                    PlaceCase{"Words", "60.16952 Stuttgart 24.93545 We", true, false},
                    PlaceCase{"Iso6709", "\"+60.16952+024.93545/\"", true, false},
                    PlaceCase{"Iso6709West", "\"+60.16952-024.93545/\"", false, false},
                    PlaceCase{"Exponent", R"({"lat":60.16952e3,"lon":24.93545})", false, false},
                    PlaceCase{"Version", R"(60.16952.1 and 24.93545.2)", false, false}),
    [](const auto& info) { return info.param.name; });

TEST(Place, TooFarApart) {
  EXPECT_TRUE(testing_detect::met({"{datum: location, latitude: 60.16952, longitude: 24.93545}"},
                                  "60.16952" + std::string(250, ' ') + "24.93545")
                  .empty());
}

TEST(Place, SouthWest) {
  EXPECT_EQ(testing_detect::met({"{datum: location, latitude: -43.53871, longitude: -116.20585}"},
                                R"({"la":-43.5387,"lo":-116.2059,"z":[-43.53871,-116.20585]})")
                .size(),
            2u);
}

TEST(Place, SouthWestByLettersAndByIso6709) {
  for (const char* body : {"43.53871S 116.20585W", "S43.53871 W116.20585", "43.53871 S, 116.20585 W",
                           "43.53871\u00b0S 116.20585\u00b0W", "\"-43.53871-116.20585/\""}) {
    EXPECT_EQ(testing_detect::met({"{datum: location, latitude: -43.53871, longitude: -116.20585}"}, body).size(), 1u)
        << body;
  }
  EXPECT_TRUE(
      testing_detect::met({"{datum: location, latitude: -43.53871, longitude: -116.20585}"}, "43.53871-116.20585")
          .empty());
}

TEST(Place, DecimalCommaInAWidePlace) {
  EXPECT_EQ(testing_detect::met({"{datum: location, latitude: 61.49911, longitude: 23.78712, radius-m: 20000}"},
                                "61,49911; 23,78712")
                .size(),
            1u);
}

TEST(Place, NullIslandBothSides) {
  const std::string entry = "{datum: location, latitude: 0.0005, longitude: -0.0005, radius-m: 250}";
  EXPECT_EQ(testing_detect::met({entry}, "-0.0004,0.0001").size(), 1u);
  EXPECT_EQ(testing_detect::met({entry}, "-0.0104,0.0001").size(), 0u);
}

TEST(Place, PathIsTheLatitudes) {
  Sample sample(R"({"e":[{"la":60.16952,"lo":24.93545},{"la":60.16952,"lo":24.93545}]})");
  const auto& hits = sample.inspect({subject_of({"{datum: location, latitude: 60.16952, longitude: 24.93545}"})});
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[0].path, (std::vector<PathStep>{{"json", "$.e[*].la"}}));
  EXPECT_EQ(hits[1].path, (std::vector<PathStep>{{"json", "$.e[*].la"}}));
}

TEST(Place, ValueIsBothNumbers) {
  for (const char* body : {R"({"lat":60.16952,"lon":24.93545})", "60.16952,24.93545", "[24.93545, 60.16952]"}) {
    Sample sample(body);
    const auto& hits = sample.inspect({subject_of({"{datum: location, latitude: 60.16952, longitude: 24.93545}"})});
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].value, "60.16952, 24.93545");
  }
}

TEST(Place, ProbabilityIsTheArea) {
  // 250 m: 196350 m2 of 5.1e14 m2 is 2^-31.3; a pair takes 14 bytes.
  EXPECT_NEAR(log2_probability(Entry::Place{60, 25, 250}), -31.27 - 3.81, 0.02);
}

}  // namespace
}  // namespace tattle
