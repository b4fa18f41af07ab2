#include "attribute/facts/day.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

TEST(Day, IsReadAsTheCalendarHasIt) {
  EXPECT_EQ(to_string(*parse_day("2014-04-25")), "2014-04-25");
  EXPECT_TRUE(parse_day("2000-02-29"));
  for (const char* text : {"1900-02-29", "2014-13-01", "2014-00-10", "2014-04-31", "2014-4-25", "2014-04-25 ", "",
                           "25.4.2014", "2014-04-2x", "+014-04-25", "2014/04/25"}) {
    EXPECT_FALSE(parse_day(text)) << text;
  }
}

TEST(Day, OfAPacketIsThatOfUtc) {
  EXPECT_EQ(to_string(day_of(*parse_rfc3339("2014-04-24T23:59:59.999999Z"))), "2014-04-24");
  EXPECT_EQ(to_string(day_of(*parse_rfc3339("2014-04-25T01:30:00+02:00"))), "2014-04-24");
  EXPECT_EQ(to_string(day_of(*parse_rfc3339("1969-12-31T23:59:59Z"))), "1969-12-31");
}

TEST(Period, IncludesItsFirstAndItsLastDay) {
  const auto day = [](const char* text) { return *parse_day(text); };
  const Period year{day("2013-01-01"), day("2013-12-31")};
  EXPECT_FALSE(year.holds(day("2012-12-31")));
  EXPECT_TRUE(year.holds(day("2013-01-01")));
  EXPECT_TRUE(year.holds(day("2013-12-31")));
  EXPECT_FALSE(year.holds(day("2014-01-01")));
  EXPECT_TRUE((Period{{}, day("2013-12-31")}).holds(day("1970-01-01")));
  EXPECT_TRUE((Period{day("2013-01-01"), {}}).holds(day("2200-01-01")));
  EXPECT_TRUE(Period{}.holds(day("2013-01-01")));
}

}  // namespace
}  // namespace tattle
