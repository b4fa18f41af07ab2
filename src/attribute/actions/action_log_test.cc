#include "attribute/actions/action_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attribute/actions/time_zone.h"
#include "base/result.h"
#include "base/testing/scratch_folder.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ActionLog yaml(std::string_view text, const std::string& folder = "/nonexistent") {
  return parse_action_log(text, ActionFormat::yaml, folder, "log.yaml", Limits());
}
ActionLog csv(std::string_view text) {
  return parse_action_log(text, ActionFormat::csv, "/nonexistent", "log.csv", Limits());
}
Time at(std::string_view text) { return *parse_rfc3339(text); }

TEST(ActionLog, ReadsEveryFieldOfYaml) {
  ScratchFolder folder;
  folder.write("prompt.jpg", "abc");
  const ActionLog log = yaml(R"(
timezone: "+02:00"
uncertainty-s: 2
window-s: 10
actions:
  - {time: "2012-11-26T18:21:40", action: open-camera, app: Camera}
  - time: 2012-11-26 18:21:45.5
    uncertainty-s: 0.5
    asked: [location, wifi-network]
    told: location
    screen: prompt.jpg
    screen-text: |
      Allow the camera
      to use your location?
  - {time: "2012-11-26T16:21:52Z", granted: "location; wifi-network"}
  - {time: "2012-11-26T18:22:00", setting: {Feedback: off, Tips: on}, default: pre-ticked}
  - {time: "2012-11-26T18:23:00", refused: contact, told-elsewhere: imei, trigger: locate}
)",
                             folder.path().string());
  ASSERT_EQ(log.actions.size(), 5u);
  EXPECT_EQ(log.name, "log.yaml");
  EXPECT_EQ(log.window_s, 10);
  EXPECT_THAT(log.warnings, IsEmpty());
  EXPECT_EQ(log.actions[0].time, at("2012-11-26T16:21:40Z"));
  EXPECT_EQ(log.actions[0].uncertainty_s, 2);
  EXPECT_EQ(log.actions[0].action, "open-camera");
  EXPECT_EQ(log.actions[0].app, "Camera");
  const Action& asked = log.actions[1];
  EXPECT_EQ(asked.time, at("2012-11-26T16:21:45.5Z"));
  EXPECT_EQ(asked.uncertainty_s, 0.5);
  EXPECT_THAT(asked.asked, ElementsAre("location", "wifi-network"));
  EXPECT_THAT(asked.told, ElementsAre("location"));
  EXPECT_EQ(asked.screen_text, "Allow the camera\nto use your location?\n");
  // FIPS 180-2, appendix B.1: the hash of "abc".
  EXPECT_EQ(asked.screen_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(asked.screen, folder.file("prompt.jpg"));
  EXPECT_EQ(log.actions[2].time, at("2012-11-26T16:21:52Z"));
  EXPECT_THAT(log.actions[2].granted, ElementsAre("location", "wifi-network"));
  EXPECT_EQ(log.actions[3].setting, "Feedback: off, Tips: on");
  EXPECT_EQ(log.actions[3].usual, "pre-ticked");
  EXPECT_THAT(log.actions[4].refused, ElementsAre("contact"));
  EXPECT_THAT(log.actions[4].told_elsewhere, ElementsAre("imei"));
  EXPECT_EQ(log.actions[4].trigger, "locate");
}

TEST(ActionLog, CsvSaysTheSame) {
  const ActionLog expected = yaml(R"(
actions:
  - {time: "2012-11-26T16:21:40Z", action: "open, then close", asked: [location, contact], uncertainty-s: 3}
  - {time: "2012-11-26T16:22:40Z", setting: "Feedback: off", default: on}
)");
  for (const char* text : {"\xef\xbb\xbftime,timezone,action,asked,uncertainty-s,setting,default\r\n"
                           "2012-11-26T16:21:40Z,,\"open, then close\",location;contact,3,,\r\n\r\n"
                           "2012-11-26 18:22:40,+02:00,,,,Feedback: off,on\r\n",
                           "time;timezone;action;asked;uncertainty-s;setting;default\n"
                           "2012-11-26T16:21:40Z;;open, then close;location, contact;3;;\n"
                           "2012-11-26 18:22:40;Europe/Helsinki;;;; Feedback: off ;on\n"
                           ";;;;;;\n"}) {
    const ActionLog log = csv(text);
    ASSERT_EQ(log.actions.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      Action same = log.actions[i];
      same.line = expected.actions[i].line;
      EXPECT_EQ(same, expected.actions[i]) << text;
    }
  }
}

TEST(ActionLog, ActionsAreInOrderOfTimeAndASlipIsPointedOut) {
  const ActionLog log = yaml(
      "actions:\n- {time: 2012-11-26T17:00:00Z, action: b}\n"
      "- {time: 2012-11-26T16:00:00Z, action: a}\n");
  EXPECT_EQ(log.actions[0].action, "a");
  EXPECT_THAT(log.warnings, ElementsAre("log.yaml:3: time: is before that of the action above it; check both"));
}

TEST(ActionLog, KnowsTheClockThatItWasReadFrom) {
  EXPECT_EQ(yaml("timezone: Europe/Helsinki\nactions:\n- {time: 2012-11-26 18:00:00, action: a}\n").offset_s, 7200);
  EXPECT_EQ(yaml("actions:\n- {time: 2012-11-26T18:00:00.5-03:30, action: a}\n").offset_s, -12600);
  EXPECT_EQ(yaml("actions:\n- {time: 2012-11-26T18:00:00Z, action: a}\n").offset_s, 0);
  EXPECT_FALSE(yaml("timezone: Europe/Helsinki\nactions:\n- {time: 2012-10-27 18:00:00, action: a}\n"
                    "- {time: 2012-10-28 18:00:00, action: a}\n")
                   .offset_s)
      << "clocks were put back in between";
}

TEST(ActionLog, SaysOfWhatTimeItIs) {
  const ActionLog log = yaml(
      "timezone: '+02:00'\nfrom: 2012-11-26 18:00\nuntil: 2012-11-26T18:30:00Z\n"
      "actions:\n- {time: 2012-11-26T16:30:00Z, action: a}\n");
  EXPECT_EQ(log.from, at("2012-11-26T16:00:00Z"));
  EXPECT_EQ(log.until, at("2012-11-26T18:30:00Z"));
  EXPECT_THAT(log.warnings, IsEmpty());
  const ActionLog none = yaml("actions:\n- {time: 2012-11-26T16:30:00Z, action: a}\n");
  EXPECT_FALSE(none.from || none.until);
  // In CSV on a line of their own, or on another's.
  for (const char* text :
       {"time,action,from,until,timezone\n,,2012-11-26T18:00:00,2012-11-26T18:30:00Z,+02:00\n2012-11-26T16:30:00Z,a\n",
        "time,action,from,until\n2012-11-26T16:30:00Z,a,2012-11-26T16:00:00Z,2012-11-26T18:30:00Z\n"}) {
    const ActionLog same = csv(text);
    ASSERT_EQ(same.actions.size(), 1u) << text;
    EXPECT_EQ(same.from, log.from);
    EXPECT_EQ(same.until, log.until);
  }
  EXPECT_THAT(yaml("from: 2012-11-26T17:00:00Z\nactions:\n- {time: 2012-11-26T16:30:00Z, action: a}\n").warnings,
              ElementsAre("log.yaml:3: time: is outside of the log's from and until; check them"));
}

TEST(ActionLog, AnEmptyLogIsPointedOut) {
  EXPECT_THAT(yaml("actions: []").warnings, ElementsAre("log.yaml: lists no action"));
  EXPECT_THAT(csv("time,action\n").warnings, ElementsAre("log.csv: lists no action"));
}

struct DoneCase {
  const char* name;
  const char* fields;
  bool by_tester, rest;
};
class WhatWasDone : public testing::TestWithParam<DoneCase> {};
TEST_P(WhatWasDone, CanAskForAnUpload) {
  const ActionLog log = yaml(std::string("actions: [{time: 2012-11-26T16:00:00Z, ") + GetParam().fields + "}]");
  EXPECT_EQ(log.actions[0].by_tester(), GetParam().by_tester);
  EXPECT_EQ(log.actions[0].is_rest(), GetParam().rest);
}
INSTANTIATE_TEST_SUITE_P(
    Fields, WhatWasDone,
    testing::Values(DoneCase{"Action", "action: open-camera", true, false},
                    DoneCase{"Rest", "action: sleep on the table", false, true},
                    DoneCase{"Idle", "action: idle until morning", false, true},
                    DoneCase{"RestAlone", "action: untouched", false, true},
                    DoneCase{"SleepTracker", "action: 'sleep-tracker opened, sync pressed'", true, false},
                    DoneCase{"UntouchedPhoto", "action: untouched photo uploaded", true, false},
                    DoneCase{"SleepModeOff", "action: sleep, setting: {sleep: off}", true, false},
                    DoneCase{"IdleGrant", "action: idle, granted: imei", true, false},
                    DoneCase{"Prompt", "asked: location", false, false},
                    DoneCase{"Screen", "told: location, screen-text: We use it", false, false},
                    DoneCase{"Granted", "granted: location", true, false},
                    DoneCase{"Refused", "refused: location", true, false},
                    DoneCase{"Setting", "setting: {Feedback: off}", true, false},
                    DoneCase{"Trigger", "trigger: locate", true, false}, DoneCase{"App", "app: Camera", true, false},
                    DoneCase{"ScreenOfAnApp", "app: Camera, asked: location", false, false},
                    DoneCase{"AnswerInAnApp", "app: Camera, granted: location", true, false},
                    DoneCase{"Elsewhere", "told-elsewhere: imei", false, false}),
    [](const auto& each) { return each.param.name; });

struct ErrorCase {
  const char* name;
  ActionFormat format;
  std::string text, message;
};
class ActionLogError : public testing::TestWithParam<ErrorCase> {};
TEST_P(ActionLogError, NamesLineAndFieldAndWhatToDo) {
  try {
    parse_action_log(GetParam().text, GetParam().format, "/nonexistent", "log", Limits());
    ADD_FAILURE() << "no error";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
    EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos);
  }
}

constexpr ActionFormat kYaml = ActionFormat::yaml, kCsv = ActionFormat::csv;
const std::string kHead = "actions:\n- {time: 2012-11-26T16:00:00Z, ";
INSTANTIATE_TEST_SUITE_P(
    Mistakes, ActionLogError,
    testing::Values(
        ErrorCase{"NoZone", kYaml, "actions:\n- {action: a,\n   time: 2012-11-26T16:00:00}",
                  "log:3: time: '2012-11-26T16:00:00' has no time zone; write +02:00 or Z behind it"},
        ErrorCase{"SpanWithoutZone", kYaml, "until: 2012-11-26T16:00:00\nactions: []",
                  "log:1: until: '2012-11-26T16:00:00' has no time zone"},
        ErrorCase{"SpanTurned", kYaml, "from: 2012-11-26T16:00:00Z\nuntil: 2012-11-26T16:00:00Z\nactions: []",
                  "log:2: until: is not after from"},
        ErrorCase{"CsvSpanTwice", kCsv, "from\n2012-11-26T16:00:00Z\n2012-11-26T16:00:01Z\n",
                  "log:3: from: stands twice, with different times"},
        ErrorCase{"NoTime", kYaml, "actions:\n- {action: a}", "log:2: time: is missing"},
        ErrorCase{"NoTimeOfDay", kYaml, "actions:\n- {time: 2012-11-26}", "log:2: time: '2012-11-26' is no date with"},
        ErrorCase{"FinnishTime", kYaml, "actions:\n- {time: 26.11.2012 18.00}",
                  "log:2: time: '26.11.2012 18.00' is no"},
        ErrorCase{"WrongZone", kYaml, "timezone: Finland\nactions: []", "log:1: timezone: 'Finland' is no time zone"},
        ErrorCase{"WrongZoneOfRow", kYaml, kHead + "timezone: EEST, action: a}", "log:2: timezone: 'EEST' is no time"},
        ErrorCase{"ClocksPutBack", kYaml,
                  "timezone: Europe/Helsinki\nactions:\n- {time: 2012-10-28T03:30:00, action: a}",
                  "log:3: time: '2012-10-28T03:30:00' was twice or never in Europe/Helsinki"},
        ErrorCase{"ClocksPutForward", kYaml,
                  "timezone: Europe/Helsinki\nactions:\n- {time: 2012-03-25T03:30:00, action: a}",
                  "log:3: time: '2012-03-25T03:30:00' was twice or never in Europe/Helsinki"},
        ErrorCase{"UnknownField", kYaml, kHead + "aksed: location}",
                  "log:2: aksed: is not known here; did you mean 'asked'?"},
        ErrorCase{
            "RecipientAlone", kYaml, kHead + "action: a, recipient: maker.example}",
            "log:2: recipient: says nothing of its own; name beside it which data were asked for, granted or told "
            "of"},
        ErrorCase{"UnknownDatum", kYaml, kHead + "asked: locaton}",
                  "log:2: asked: 'locaton' is no kind of data; did you mean 'location'?"},
        ErrorCase{"NoDatum", kYaml, kHead + "asked: the whole house}",
                  "log:2: asked: 'the whole house' is no kind of data; write"},
        ErrorCase{"Default", kYaml, kHead + "setting: a, default: yes}",
                  "log:2: default: 'yes' is none of on, off and pre-ticked"},
        ErrorCase{"LoneDefault", kYaml, kHead + "action: a, default: on}", "log:2: default: says nothing of its own"},
        ErrorCase{"Both", kYaml, kHead + "granted: location, refused: location}",
                  "log:2: refused: 'location' is granted"},
        ErrorCase{"Nothing", kYaml, kHead + "uncertainty-s: 2}", "log:2: action: is missing"},
        ErrorCase{"Negative", kYaml, kHead + "action: a, uncertainty-s: -1}",
                  "log:2: uncertainty-s: '-1' is no number"},
        ErrorCase{"NotFinite", kYaml, kHead + "action: a, uncertainty-s: nan}",
                  "log:2: uncertainty-s: 'nan' is no number"},
        ErrorCase{"Screen", kYaml, kHead + "screen: none.jpg}",
                  "log:2: screen: 'none.jpg' cannot be read; put the photograph"},
        ErrorCase{"ScreenIsNoFile", kYaml, kHead + "screen: /}", "log:2: screen: '/' cannot be read"},
        ErrorCase{"MapForText", kYaml, kHead + "action: {a: b}}", "log:2: action: is not a single value"},
        ErrorCase{"NoList", kYaml, "actions: {time: a}", "log:1: actions: is not a list"},
        ErrorCase{"NoMap", kYaml, "- a", "log:1: file: is not a log of actions"},
        ErrorCase{"Missing", kYaml, "timezone: Z", "log:1: actions: is missing"},
        ErrorCase{"Syntax", kYaml, "actions: [\n", "mend the syntax"},
        ErrorCase{"CsvColumn", kCsv, "time,akcion\n", "log:1: akcion: is not known here; did you mean 'action'?"},
        ErrorCase{"CsvTwice", kCsv, "time,time\n", "log:1: time: stands twice"},
        ErrorCase{"CsvNoZone", kCsv, "time,action\n\n2012-11-26T16:00:00,a\n",
                  "log:3: time: '2012-11-26T16:00:00' has no time zone"},
        ErrorCase{"CsvTooMany", kCsv, "time,action\n2012-11-26T16:00:00Z,a,b\n",
                  "log:2: columns: are more than the first line names"},
        ErrorCase{"CsvOpenQuote", kCsv, "time,action\n2012-11-26T16:00:00Z,\"a\nb\"\n",
                  "log:2: quotes: are not closed on this line"},
        ErrorCase{"CsvEmpty", kCsv, "", "log:1: file: is empty"},
        ErrorCase{"CsvNotUtf8", kCsv, "time,action\n2012-11-26T16:00:00Z,\xe4\n",
                  "log:2: action: is not UTF-8; save the file as UTF-8"},
        ErrorCase{"CsvControl", kCsv, "time,action\n2012-11-26T16:00:00Z,a\x1b[2J\n",
                  "log:2: action: holds a control character"}),
    [](const auto& each) { return each.param.name; });

TEST(ActionLog, IsRefusedOverItsLimits) {
  Limits limits;
  limits.actions = 1;
  const std::string text =
      "actions:\n- {time: 2012-11-26T16:00:00Z, action: a}\n- {time: 2012-11-26T16:00:00Z, action: b}";
  EXPECT_THROW(parse_action_log(text, kYaml, "", "log", limits), UserError);
  limits.actions = 2;
  EXPECT_EQ(parse_action_log(text, kYaml, "", "log", limits).actions.size(), 2u);
  // One long text that stands in thousands of places.
  std::string many = "actions:\n- &one {time: 2012-11-26T16:00:00Z, action: " + std::string(16000, 'a') + "}\n";
  for (int i = 0; i < 5000; ++i) many += "- *one\n";
  EXPECT_THROW(yaml(many), UserError);
  EXPECT_THROW(yaml("actions:\n- {time: 2012-11-26T16:00:00Z, action: " + std::string(17000, 'a') + "}"), UserError);
}

TEST(ActionLog, AFileThatIsNotThereIsSaid) {
  EXPECT_THROW(load_action_log("/nonexistent/log.yaml", Limits()), UserError);
  ScratchFolder folder;
  EXPECT_THROW(load_action_log(folder.path().string(), Limits()), UserError);
  EXPECT_EQ(load_action_log(folder.write("LOG.CSV", "time,action\n2012-11-26T16:00:00Z,a\n"), Limits()).actions.size(),
            1u);
}

struct ZoneCase {
  const char* name;
  std::string local, zone, utc;  // utc empty: never or twice
};
class Zone : public testing::TestWithParam<ZoneCase> {};
TEST_P(Zone, LocalTimesBecomeUtc) {
  const auto local = parse_local_time(GetParam().local);
  ASSERT_TRUE(local && !local->zone);
  ASSERT_TRUE(is_time_zone(GetParam().zone));
  const auto found = from_zone(local->time, GetParam().zone);
  EXPECT_EQ(found ? to_rfc3339(*found) : "", GetParam().utc.empty() ? "" : GetParam().utc + ".000000Z");
}
// By python's zoneinfo.
INSTANTIATE_TEST_SUITE_P(
    Iana, Zone,
    testing::Values(ZoneCase{"Winter", "2012-11-26T18:00:00", "Europe/Helsinki", "2012-11-26T16:00:00"},
                    ZoneCase{"Summer", "2012-07-01 18:00:00", "Europe/Helsinki", "2012-07-01T15:00:00"},
                    ZoneCase{"SoonAfterBack", "2012-10-28T04:00:00", "Europe/Helsinki", "2012-10-28T02:00:00"},
                    ZoneCase{"SoonBeforeBack", "2012-10-28T02:59:59", "Europe/Helsinki", "2012-10-27T23:59:59"},
                    ZoneCase{"Twice", "2012-10-28T03:00:00", "Europe/Helsinki", ""},
                    ZoneCase{"Never", "2012-03-25T03:59:59", "Europe/Helsinki", ""},
                    ZoneCase{"West", "2012-11-26T18:00:00", "America/New_York", "2012-11-26T23:00:00"},
                    ZoneCase{"Fixed", "2012-11-26T18:00:00", "+05:30", "2012-11-26T12:30:00"},
                    ZoneCase{"FixedWest", "2012-11-26T18:00:00", "-02:00", "2012-11-26T20:00:00"},
                    ZoneCase{"Z", "2012-11-26T18:00:00", "Z", "2012-11-26T18:00:00"},
                    ZoneCase{"Utc", "2012-11-26T18:00:00", "UTC", "2012-11-26T18:00:00"}),
    [](const auto& each) { return each.param.name; });

TEST(Zone, WhatIsNone) {
  for (const char* text : {"", "Finland/Helsinki", "+2", "+25:00", "+02:00x", "18:00", "GMT+99", "\xff"}) {
    EXPECT_FALSE(is_time_zone(text)) << text;
  }
  for (const char* text : {"", "2012-11-26", "18:00", "2012-11-26T25:00:00"})
    EXPECT_FALSE(parse_local_time(text)) << text;
  EXPECT_TRUE(parse_local_time("2012-11-26T18:00-02:00")->zone);
}

}  // namespace
}  // namespace tattle
