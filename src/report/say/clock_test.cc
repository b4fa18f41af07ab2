#include "report/say/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace tattle {
namespace {

constexpr Time kEvening{1353968520'345000000};  // 2012-11-26T22:22:00.345Z

TEST(Clock, IsTheLogsOwnElseUtc) {
  AuditDocument document;
  const Messages& english = Messages::english();
  EXPECT_EQ(Clock(document, english).zone(), "UTC");
  EXPECT_EQ(Clock(document, english).offset(), "");
  EXPECT_EQ(Clock(document, english).second(kEvening), "2012-11-26 22:22:00");
  document.clock_offset_s = 7200;
  const Clock helsinki(document, english);
  EXPECT_EQ(helsinki.zone(), "UTC+02:00");
  EXPECT_EQ(helsinki.zone_and_ground(), "UTC+02:00, the clock of the tester's log");
  EXPECT_EQ(helsinki.second(kEvening), "2012-11-27 00:22:00") << "of the next day";
  EXPECT_EQ(helsinki.exact_of_day(kEvening), "00:22:00.345");
  document.clock_offset_s = -12600;
  EXPECT_EQ(Clock(document, english).zone(), "UTC-03:30");
  EXPECT_EQ(Clock(document, english).minute(kEvening), "2012-11-26 18:52");
  document.clock_offset_s = 0;
  EXPECT_EQ(Clock(document, english).zone(), "UTC");
}

TEST(Clock, WritesAsTheLanguageDoes) {
  AuditDocument document;
  document.clock_offset_s = 7200;
  const Clock finnish(document, Messages::of("fi"));
  EXPECT_EQ(finnish.second(Time{1351839723'000000000}), "2.11.2012 09.02.03");  // 2012-11-02T07:02:03Z
  EXPECT_EQ(finnish.day_of_year(kEvening), "27.11.");
  EXPECT_EQ(finnish.exact_of_day(kEvening), "00.22.00,345");
}

TEST(Clock, StaysWithinTime) {
  AuditDocument document;
  document.clock_offset_s = 7200;
  const Time end{std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(Clock(document, Messages::english()).local(end), end);
}

}  // namespace
}  // namespace tattle
