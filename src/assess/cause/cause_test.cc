// Period, timing and permission, by tables of invented times.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/cause/log_fit.h"
#include "assess/cause/median.h"
#include "assess/cause/period.h"
#include "assess/cause/permission.h"
#include "assess/cause/switches.h"
#include "assess/cause/timing.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Rows = std::vector<OccurrenceTimes::Row>;

Time at(double seconds) { return {1'353'945'600'000'000'000 + static_cast<std::int64_t>(seconds * 1e9)}; }

/// Messages of a tenth of a second, each on a flow of its own.
Rows rows_at(const std::vector<double>& seconds) {
  Rows rows;
  for (const double each : seconds) rows.push_back({at(each), at(each + 0.1), rows.size() + 1, 1});
  return rows;
}

struct PeriodCase {
  const char* name;
  std::vector<double> times;
  double seconds, jitter;  // 0: not regular
  std::uint64_t occurrences;
  double burst;
};
class Period : public testing::TestWithParam<PeriodCase> {};
TEST_P(Period, IsSaidOfRegularTimesAlone) {
  const auto found = period_of(rows_at(GetParam().times));
  if (GetParam().seconds == 0) {
    EXPECT_FALSE(found);
    return;
  }
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->seconds, GetParam().seconds, 1e-6);
  EXPECT_NEAR(found->jitter_s, GetParam().jitter, 1e-6);
  EXPECT_EQ(found->occurrences, GetParam().occurrences);
  EXPECT_EQ(found->burst_s, GetParam().burst);
}
INSTANTIATE_TEST_SUITE_P(
    Times, Period,
    testing::Values(
        PeriodCase{"None", {}, 0, 0, 0, 0}, PeriodCase{"FourMessages", {0, 10, 20, 30}, 0, 0, 0, 0},
        PeriodCase{"FiveMessages", {0, 10, 20, 30, 40}, 10, 0, 5, 0},
        // Intervals 271, 267, 272, 272, 267: median 271, distances 0, 4, 1, 1, 4.
        PeriodCase{"EveryFourAndAHalfMinutes", {0, 271, 538, 810, 1082, 1349}, 271, 1, 6, 0},
        PeriodCase{"OneOfFourOff", {0, 10, 20, 30, 45}, 0, 0, 0, 0},
        // The phone slept once: 10 of 11 intervals are near.
        PeriodCase{"AGapInALongRow", {0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 3600}, 60, 0, 12, 0},
        PeriodCase{"TwoGapsInSix", {0, 60, 120, 180, 600, 660, 1200}, 0, 0, 0, 0},
        // Near enough each, but every other one: the deviation is over a tenth.
        PeriodCase{"Alternating", {0, 8.5, 20, 28.5, 40, 48.5, 60}, 0, 0, 0, 0},
        PeriodCase{"TwoRequestsAnUpload", {0, 0.4, 100, 100.5, 200, 200.3, 300, 300.4, 400, 400.9}, 100, 0, 5, 1},
        PeriodCase{"SlowUploads", {0, 6, 11, 300, 304, 600, 609, 900, 1200, 1203}, 300, 0, 5, 10},
        PeriodCase{"EverySecond", {0, 1, 2, 3, 4, 5}, 1, 0, 6, 0},
        PeriodCase{"AllAtOnce", {0, 0, 0, 0, 0, 0, 0}, 0, 0, 0, 0},
        // Exponential times, mean 60 (python's random.seed(7)).
        PeriodCase{"Chance", {0, 23.5, 33.3, 96.4, 101.0, 147.0, 174.3, 177.9}, 0, 0, 0, 0}),
    [](const auto& each) { return each.param.name; });

TEST(Median, OfBothKinds) {
  EXPECT_EQ(median_of({5}), 5);
  EXPECT_EQ(median_of({9, 1, 5}), 5);
  EXPECT_EQ(median_of({9, 1, 5, 7}), 6);
}

Action done(double seconds, std::string what, std::string app = {}) {
  Action action;
  action.time = at(seconds);
  action.action = std::move(what);
  action.app = std::move(app);
  return action;
}
Action answered(double seconds, bool yes, double uncertainty = 1) {
  Action action;
  action.time = at(seconds);
  action.uncertainty_s = uncertainty;
  (yes ? action.granted : action.refused) = {"contact", "location"};
  action.recipients = {"everyone"};
  return action;
}
const Concerned kWeather{"", "api.weather.example", {}};
ActionLog log_of(std::vector<Action> actions) {
  ActionLog log;
  log.name = "log.yaml";
  log.actions = std::move(actions);
  return log;
}

TEST(Timing, TheLatestActionWithinItsWindowCounts) {
  Action wide = done(300, "wide");
  wide.uncertainty_s = 20;
  const ActionLog log = log_of({done(100, "a"), done(110, "b"), wide, done(500, "sleep"), done(505, "")});
  struct Case {
    double time;
    std::size_t action;
  };
  // The window is 30 s, the uncertainty 1 s but once.
  for (const Case& each : std::vector<Case>{{98.9, kNoAction},
                                            {99, 0},
                                            {100, 0},
                                            {109, 0},
                                            {110, 1},
                                            {141, 1},
                                            {141.1, kNoAction},
                                            {279.9, kNoAction},
                                            {280, 2},
                                            {350, 2},
                                            {350.1, kNoAction},
                                            {501, kNoAction},
                                            {505, kNoAction}}) {
    EXPECT_THAT(actions_beside(rows_at({each.time}), log), ElementsAre(each.action)) << each.time;
  }
}

TEST(Timing, CountsOccurrencesByWhatWasDone) {
  const ActionLog log = log_of({done(100, "camera"), done(200, "news"), done(300, "camera")});
  Rows rows = rows_at({50, 101, 202, 303, 305, 400});
  rows[0].count = 7;
  rows[2].count = 2;
  const TimingReport report = timing_of(rows, actions_beside(rows, log), log, {at(0), at(1000)});
  EXPECT_EQ(report.idle, 8u);
  EXPECT_EQ(report.not_covered, 0u);
  EXPECT_EQ(report.window_s, 30);
  ASSERT_EQ(report.beside.size(), 2u);
  EXPECT_EQ(report.beside[0].action, 0u) << "the first of its kind";
  EXPECT_EQ(report.beside[0].count, 3u);
  EXPECT_NEAR(report.beside[0].median_s, 3, 1e-6);
  EXPECT_EQ(report.beside[1].action, 1u);
  EXPECT_EQ(report.beside[1].count, 2u);
  EXPECT_EQ(report.others, 0u);
}

// Outside of the time that the log covers nothing is unasked; what is beside one of its actions is so anywhere.
TEST(Timing, WhatALogDoesNotCoverIsNeitherAskedNorUnasked) {
  ActionLog log = log_of({done(100, "camera"), done(200, "news"), done(300, "camera")});
  const Rows rows = rows_at({50, 98.5, 131.5, 250, 310, 400});
  const auto counts = [&] {
    const TimingReport report = timing_of(rows, actions_beside(rows, log), log, cover_of(log));
    return std::vector<std::uint64_t>{report.idle, report.not_covered};
  };
  EXPECT_THAT(counts(), ElementsAre(2, 3)) << "50, 98.5 and 400 lie outside of 101 to 299; 310 is beside the camera";
  log.from = at(0);
  EXPECT_THAT(counts(), ElementsAre(4, 1));
  log.until = at(399.9);
  EXPECT_THAT(counts(), ElementsAre(4, 1));
  log.until = at(400);
  EXPECT_THAT(counts(), ElementsAre(5, 0));
  log.until = at(240);
  EXPECT_THAT(counts(), ElementsAre(3, 2));
}

TEST(LogCover, IsFromTheFirstLineToTheLastAsFarAsTheyAreSure) {
  const LogCover plain = cover_of(log_of({done(100, "a"), answered(300, true, 5)}));
  EXPECT_EQ(plain.from, at(101));
  EXPECT_EQ(plain.until, at(295));
  const LogCover rest = cover_of(log_of({done(100, "a"), done(300, "left-alone until the morning")}));
  EXPECT_EQ(rest.from, at(101));
  EXPECT_FALSE(rest.until) << "nothing is done from then on";
  ActionLog stated = log_of({done(100, "a"), done(300, "sleep")});
  stated.until = at(400);
  EXPECT_EQ(cover_of(stated).until, at(400));
  stated.from = at(0);
  EXPECT_EQ(cover_of(stated).from, at(0));
  const LogCover single = cover_of(log_of({done(100, "a")}));
  EXPECT_FALSE(single.holds(at(90)) || single.holds(at(110)));
}

TEST(LogCover, WhatLiesOutsideIsSaid) {
  AuditDocument document;
  for (const std::uint64_t open : {2, 0}) {
    DisclosureReport& each = document.disclosures.emplace_back();
    each.timed = 5;
    each.timing = TimingReport{};
    each.timing->not_covered = open;
  }
  std::vector<std::string> warnings;
  warn_of_cover(log_of({done(0, "a"), done(100, "b")}), document, warnings);
  EXPECT_THAT(warnings, ElementsAre("log.yaml: 2 of 10 occurrences lie outside the time that it covers "
                                    "(2012-11-26T16:00:01.000000Z to 2012-11-26T16:01:39.000000Z), so they are neither "
                                    "asked nor unasked; if all that was done is in it for longer, say so with from and "
                                    "until"));
}

TEST(Timing, ManyKindsOfActionsAreSummedUp) {
  std::vector<Action> actions;
  std::vector<double> times;
  for (int i = 0; i < 25; ++i) {
    actions.push_back(done(i * 100, "number " + std::to_string(i)));
    times.push_back(i * 100 + 1);
  }
  const ActionLog log = log_of(actions);
  const Rows rows = rows_at(times);
  const TimingReport report = timing_of(rows, actions_beside(rows, log), log, cover_of(log));
  EXPECT_EQ(report.beside.size(), 20u);
  EXPECT_EQ(report.others, 5u);
}

struct AppCase {
  const char* name;
  std::vector<Action> actions;
  std::vector<double> times;
  std::string app;
};
class AppByTiming : public testing::TestWithParam<AppCase> {};
TEST_P(AppByTiming, NeedsAllOfBoth) {
  const ActionLog log = log_of(GetParam().actions);
  const Rows rows = rows_at(GetParam().times);
  EXPECT_EQ(app_by_timing(rows, actions_beside(rows, log), log), GetParam().app);
}
const std::vector<Action> kCamera{done(0, "start"), done(1000, "open", "Camera"), done(2000, "open", "Camera"),
                                  done(3000, "open", "Camera"), done(4000, "end")};
INSTANTIATE_TEST_SUITE_P(
    Times, AppByTiming,
    testing::Values(AppCase{"ThreeOfThree", kCamera, {1002, 2001, 3004}, "Camera"},
                    AppCase{"TwoOfThree", kCamera, {1002, 2001}, ""},
                    AppCase{"OneOutside", kCamera, {1002, 1500, 2001, 3004}, ""},
                    AppCase{"OneActionWithout", kCamera, {1002, 1003, 2001}, ""},
                    AppCase{"BesideAnother", kCamera, {2, 1002, 2001, 3004}, ""},
                    AppCase{"NoAppNamed", {done(0, "a"), done(1000, "b"), done(2000, "c")}, {1, 1001, 2001}, ""},
                    // Of 240 s the windows take most: chance does it too.
                    AppCase{"TooDense",
                            {done(0, "start"), done(40, "open", "Camera"), done(80, "open", "Camera"),
                             done(120, "open", "Camera"), done(200, "end")},
                            {42, 81, 124},
                            ""}),
    [](const auto& each) { return each.param.name; });

struct PermissionCase {
  const char* name;
  std::vector<Action> answers;
  std::vector<double> times;
  PermissionState state;
  std::uint64_t count;
  std::size_t action;
  double gap;
};
class Permission : public testing::TestWithParam<PermissionCase> {};
TEST_P(Permission, IsTheGravestStateOfAll) {
  const PermissionReport found =
      permission_of(rows_at(GetParam().times), log_of(GetParam().answers), "location", kWeather);
  EXPECT_EQ(to_string(found.state), to_string(GetParam().state));
  EXPECT_EQ(found.count, GetParam().count);
  EXPECT_EQ(found.action, GetParam().action);
  EXPECT_NEAR(found.gap_s, GetParam().gap, 1e-6);
}
using enum PermissionState;
// Messages last a tenth of a second.
INSTANTIATE_TEST_SUITE_P(
    Answers, Permission,
    testing::Values(
        PermissionCase{"NoAnswer", {done(100, "a")}, {50, 150}, unknown, 2, 0, 0},
        PermissionCase{"Before", {answered(100, true)}, {50, 90, 150}, before_granted, 2, 0, 49.9},
        PermissionCase{"JustBefore", {answered(100, true)}, {98.8}, before_granted, 1, 0, 1.1},
        PermissionCase{"TooClose", {answered(100, true)}, {99.5, 150}, too_close, 1, 0, 0.4},
        PermissionCase{"TooCloseByTheLog", {answered(100, true, 60)}, {50}, too_close, 1, 0, 49.9},
        PermissionCase{"AMessageThatEndsTooClose", {answered(100, true)}, {98.95}, too_close, 1, 0, 0.95},
        PermissionCase{"After", {answered(100, true)}, {101.1, 150}, after_granted, 2, 0, 1.1},
        PermissionCase{"StillTooClose", {answered(100, true)}, {101}, too_close, 1, 0, 1},
        PermissionCase{"Refused", {answered(100, false)}, {50, 150, 160}, after_refused, 2, 0, 50},
        PermissionCase{"BeforeTheRefusal", {answered(100, false)}, {50}, before_refused, 1, 0, 49.9},
        PermissionCase{
            "RefusedThenGranted", {answered(100, false), answered(200, true)}, {250}, after_granted, 1, 1, 50},
        PermissionCase{"BetweenThem", {answered(100, false), answered(200, true)}, {150, 250}, after_refused, 1, 0, 50},
        PermissionCase{"BeforeBoth", {answered(100, false), answered(200, true)}, {50}, before_granted, 1, 1, 149.9},
        PermissionCase{
            "GrantedThenRefused", {answered(100, true), answered(200, false)}, {150, 250}, after_refused, 1, 1, 50},
        PermissionCase{"AskedAgain", {answered(100, true), answered(200, true)}, {200.2}, after_granted, 1, 0, 100.2},
        PermissionCase{
            "GrantedAroundTheRefusal", {answered(100, false), answered(200, true)}, {200}, too_close, 1, 1, 0}),
    [](const auto& each) { return each.param.name; });

TEST(Permission, AnswersToOtherDataAreNone) {
  EXPECT_EQ(permission_of(rows_at({50}), log_of({answered(100, true)}), "imei", kWeather).state, unknown);
}

// A line is about a disclosure when it names who sent it or who got it.
TEST(ConcernedBy, NamesOfSenderHostAndOrganisation) {
  const Concerned concerned{"Camera", "eu.api.vendor.example", {"Example Vendor"}};
  const auto by = [&](std::string app, std::vector<std::string> recipients) {
    Action action;
    action.app = std::move(app);
    action.recipients = std::move(recipients);
    return concerned.by(action);
  };
  EXPECT_TRUE(by("Camera", {}));
  EXPECT_TRUE(by("camera", {}));
  EXPECT_FALSE(by("Cam", {}));
  EXPECT_FALSE(by("", {}));
  EXPECT_TRUE(by("", {"eu.api.vendor.example"}));
  EXPECT_TRUE(by("Settings", {"maker.example", "Vendor.example"}));
  EXPECT_TRUE(by("", {"example vendor"}));
  EXPECT_TRUE(by("", {"everyone"}));
  EXPECT_FALSE(by("", {"dor.example"})) << "no domain above it";
  EXPECT_FALSE(by("", {"example"})) << "a top level names nobody";
  EXPECT_FALSE(by("", {"Vendor"}));
  // What is not known is named by nothing.
  Action empty;
  empty.app = "Camera";
  EXPECT_FALSE((Concerned{}.by(empty)));
  EXPECT_FALSE(Concerned{}.by(Action{}));
}

TEST(Permission, OfSomebodyElseIsNone) {
  Action prompt = done(90, "", "Camera");
  prompt.asked = {"location"};
  Action yes = done(100, "", "Camera");
  yes.granted = {"location"};
  const ActionLog log = log_of({prompt, yes});
  const auto state = [&](const std::vector<double>& times, const Concerned& concerned) {
    const PermissionReport found = permission_of(rows_at(times), log, "location", concerned);
    return fmt::format("{} {} A{} {:.1f}", to_string(found.state), found.count, found.action + 1, found.gap_s);
  };
  EXPECT_EQ(state({50, 150}, kWeather), "before-first-prompt 1 A1 39.9");
  EXPECT_EQ(state({95}, kWeather), "after-first-prompt 1 A1 5.0");
  EXPECT_EQ(state({90.5, 150}, kWeather), "too-close 1 A1 0.5");
  EXPECT_EQ(state({50, 95, 150}, {"Camera", "", {}}), "before-granted 2 A2 49.9");
}

TEST(ToldOwner, ByAScreenInTimeOrElsewhere) {
  Action screen = done(100, "");
  screen.told = {"location"};
  Action prompt = done(100, "");
  prompt.asked = {"location"};
  Action book = done(900, "");
  book.told_elsewhere = {"location"};
  const auto told = [](const std::vector<double>& times, std::vector<Action> actions) {
    const ToldReport found = told_of(rows_at(times), log_of(std::move(actions)), "location", kWeather);
    return std::string(to_string(found.told)) + " " + std::to_string(found.late);
  };
  EXPECT_EQ(told({150}, {screen}), "mentioned 0") << "of whom it spoke is not recorded";
  EXPECT_EQ(told({50, 60, 150}, {screen}), "mentioned 2");
  EXPECT_EQ(told({50}, {book}), "mentioned-elsewhere 0");
  EXPECT_EQ(told({150}, {prompt, book}), "asked 0");
  EXPECT_EQ(told({150}, {prompt, screen}), "mentioned 0");
  for (Action* each : {&screen, &prompt, &book}) each->recipients = {"weather.example"};
  EXPECT_EQ(told({150}, {screen}), "at-a-screen 0");
  EXPECT_EQ(told({150}, {prompt}), "asked 0") << "a prompt tells of no recipient";
  EXPECT_EQ(told({50, 60, 150}, {screen}), "at-a-screen 2");
  EXPECT_EQ(told({50, 60, 150}, {prompt}), "asked 2");
  EXPECT_EQ(told({98.95}, {screen}), "at-a-screen 0") << "within the uncertainty";
  EXPECT_EQ(told({98.8}, {screen}), "not-as-far-as-recorded 0");
  EXPECT_EQ(told({50}, {book}), "elsewhere 0");
  EXPECT_EQ(told({50}, {screen, book}), "elsewhere 0") << "the screen came when all was over";
  EXPECT_EQ(told({50}, {}), "not-as-far-as-recorded 0");
  screen.recipients = {"maker.example"};
  EXPECT_EQ(told({150}, {screen}), "mentioned 0");
  Action first = done(20, "");
  first.told = {"location"};
  EXPECT_EQ(told_of(rows_at({150}), log_of({first, screen}), "location", kWeather).action, 0u);
}

TEST(Switches, WhatWasSeenBeforeAndAfter) {
  Action off = done(100, "switch-off");
  off.setting = "feedback: off";
  AuditDocument document;
  std::vector<Aggregate> aggregates(4);
  const std::vector<std::vector<double>> times{{50, 60, 150, 160}, {50, 99.5}, {101.5}, {50, 150}};
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (const auto& row : rows_at(times[i])) aggregates[i].times.add(row.time, row.last, row.flow, true);
    DisclosureReport& each = document.disclosures.emplace_back();
    each.id = "D" + std::to_string(i + 1);
    each.certainty = Certainty::verified;
    each.numbers = {i + 1};
  }
  document.disclosures[3].direction = Travel::received;
  const auto found = switches_of(log_of({done(10, "a"), off}), document, aggregates);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].action, 1u);
  ASSERT_EQ(found[0].still.size(), 1u);
  EXPECT_EQ(found[0].still[0].disclosure, "D1");
  EXPECT_EQ(found[0].still[0].before, 2u);
  EXPECT_EQ(found[0].still[0].after, 2u);
  EXPECT_EQ(found[0].still[0].last_before, at(60));
  EXPECT_EQ(found[0].still[0].first_after, at(150));
  EXPECT_THAT(found[0].only_before, ElementsAre("D2")) << "and what was too near is on neither side";
  EXPECT_THAT(found[0].only_after, ElementsAre("D3"));
}

TEST(LogFit, ALogOfAnotherTimeIsOfNoUse) {
  CaptureReport capture;
  capture.first = at(0);
  capture.last = at(1000);
  const auto fits = [&](std::vector<Action> actions, std::vector<std::string>& warnings) {
    warnings.clear();
    return fits_captures(log_of(std::move(actions)), {capture}, warnings);
  };
  std::vector<std::string> warnings;
  EXPECT_TRUE(fits({done(10, "a"), done(-500, "before the capture began"), done(1500, "b")}, warnings));
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_TRUE(fits({done(10, "a"), done(7200, "b")}, warnings));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("1 of its 2 actions lie outside the capture")));
  // Two hours off: the zone was forgotten.
  EXPECT_FALSE(fits({done(7210, "a"), done(7300, "b")}, warnings));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("none of its 2 actions lies within the capture (2012-11-26T16:00:00")));
  EXPECT_FALSE(fits({}, warnings));
}

}  // namespace
}  // namespace tattle
