#include "report/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/json/document_json.h"
#include "report/report_testing.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using report_testing::disclosure;
using report_testing::shown;

std::string said(const AuditDocument& document, const nlohmann::ordered_json& json, const char* question,
                 const char* language = "en") {
  for (const Answer& answer : answers_of(document, json, false, Messages::of(language))) {
    if (answer.question != question) continue;
    std::string all(to_string(answer.answered));
    for (const std::string& sentence : answer.sentences) all += "\n" + sentence;
    return all;
  }
  return "not asked";
}

std::string said(const AuditDocument& document, const char* question) {
  return said(document, to_json(document, false), question);
}

TEST(Answers, NothingFoundIsNotCalledClean) {
  AuditDocument document;
  document.coverage.lines = {{Fate::opaque, "no-key", 37, 1, 0}, {Fate::read, "", 63, 1, 0}};
  document.coverage.bytes = 100;
  EXPECT_THAT(said(document, "who"), HasSubstr("part of its traffic stayed closed"));
  EXPECT_THAT(said(document, "more"), HasSubstr("37 %"));
  EXPECT_EQ(said(document, "protection"), "not asked");
  EXPECT_THAT(said(document, "design"), HasSubstr("unknowable"));
}

TEST(Answers, CountOnlyWhatWasSentAndVerified) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "sms", "backup.example", 3), disclosure("D2", "sms", "guess.example", 50),
                          disclosure("D3", "sms", "back.example", 70), disclosure("D4", "browsing", "px.example", 2)};
  document.disclosures[1].certainty = Certainty::inferred;
  document.disclosures[2].direction = Travel::received;
  document.disclosures[3].role = Role::proxy;
  document.disclosures[3].transport = Protection::clear;
  EXPECT_EQ(said(document, "who"),
            "in-part\nTo hosts whose operator this program does not know: backup.example (3 "
            "times), px.example (2 times).");
  EXPECT_EQ(said(document, "protection"),
            "answered\n2 of 5 messages with planted values could be read by anyone on the way.");
  EXPECT_EQ(said(document, "between"),
            "answered\nYes, the proxy px.example saw the whole address of 1 page (browsing#1).");
  EXPECT_THAT(said(document, "contents"),
              HasSubstr("text message: encrypted on the way (TLS); readable to backup.example."));
  EXPECT_THAT(said(document, "contents"), Not(HasSubstr("guess.example")));
  document.disclosures[0].recipient.organisation = "Backup Oy";
  document.disclosures[3].recipient.organisation = "Backup Oy";
  // Whose name a host bears is not who operates it: the card says so too.
  EXPECT_EQ(said(document, "who"),
            "in-part\nTo hosts that bear a name of Backup Oy (5 times); who operates them, no recording shows.");
  document.disclosures[0].recipient.operated_by = document.disclosures[3].recipient.operated_by = "Backup Oy";
  EXPECT_EQ(said(document, "who"), "answered\nTo Backup Oy (5 times).");
}

TEST(Answers, AHashIsNotReadable) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "photo", "backup.example", 1)};
  document.disclosures[0].form = "sha1";
  EXPECT_THAT(said(document, "contents"), HasSubstr("No message or photo"));
}

TEST(Answers, WithoutALogNothingIsSaidOfAsking) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "location", "track.example", 4)};
  EXPECT_THAT(said(document, "told"), HasSubstr("not-tested\nNo log"));
  EXPECT_THAT(said(document, "by-itself"), HasSubstr("not-tested\nNo log"));
}

TEST(Answers, SayWhatTheLogAndTheClockShow) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "location", "track.example", 43),
                          disclosure("D2", "sms", "backup.example", 1)};
  document.disclosures[0].timing = TimingReport{30, 12, {}, 0};
  nlohmann::ordered_json json = to_json(document, false);
  json["actions"] = {{{"setting", "Feedback"}, {"default", "on"}}, {{"setting", "Feedback"}, {"default", "on"}}};
  json["disclosures"][0]["period"] = {{"seconds", 270.1}, {"jitter-s", 3.0}, {"occurrences", 43}};
  json["disclosures"][0]["prompting"] = {{"kind", "unexplained"}};
  EXPECT_THAT(said(document, json, "by-itself"), HasSubstr("answered\n12 of 44 messages"));
  EXPECT_THAT(said(document, json, "by-itself"), HasSubstr("location to track.example every"));
  EXPECT_THAT(said(document, json, "prompting"), HasSubstr("nobody asked as far as recorded: track.example."));
  // Members of other types say nothing.
  for (const char* member : {"period", "told", "permission", "prompting"}) json["disclosures"][0][member] = 7;
  EXPECT_THAT(said(document, json, "by-itself"), Not(HasSubstr("every")));
}

TEST(Answers, SumsAreOfMessagesThatCarryAValue) {
  AuditDocument document;
  // One request through a proxy: both read the text, which is in it twice.
  document.disclosures = {disclosure("D1", "sms", "site.example", 2), disclosure("D2", "sms", "px.example", 2),
                          disclosure("D3", "sms", "site.example", 1)};
  for (DisclosureReport& each : document.disclosures) each.recipient.organisation = "Backup Oy";
  document.carried = {{{0, 1}, 2, 0, {}}, {{0, 1, 2}, 1, 0, {}}};
  EXPECT_EQ(said(document, "who"),
            "in-part\nTo hosts that bear a name of Backup Oy (3 times); who operates them, no recording shows.");
  EXPECT_EQ(said(document, "software"), "in-part\nAs far as the traffic tells: unknown (3 times).");
}

TEST(Answers, PagesThatAProxySawInPartAndWhatWentPastIt) {
  AuditDocument document;
  document.subjects.emplace_back();
  for (const char* name : {"news", "health", "bank"}) {
    const std::string url = std::string("https://") + name + ".example/";
    document.subjects[0].entries.push_back({{name, name}, "browsing", "browsing", {url, "•••"}});
    document.disclosures.push_back(disclosure(name, "browsing", "px.example", 1));
    document.disclosures.back().entry = {name, name};
    document.disclosures.back().role = Role::proxy;
  }
  document.disclosures[1].form = "host-name";
  document.disclosures[2].form = "host-name";
  document.disclosures[2].role = Role::resolver;
  document.disclosures[2].recipient.host = {"dns.example", "dns.example"};
  // Browser identification is no page.
  document.disclosures.push_back(disclosure("D4", "user-agent", "px.example", 3));
  document.disclosures[3].role = Role::proxy;
  ContactReport direct;
  direct.recipient.host = {"bank.example", "bank.example"};
  direct.recipient.addresses = {"203.0.113.9"};
  direct.opaque_flows = 1;
  document.recipients = {direct};
  EXPECT_EQ(said(document, "between"),
            "answered\nYes, the proxy px.example saw the whole address of 1 page (news), and only the site's name of 1 "
            "page (health) (CONNECT).\nThe name resolver dns.example was asked for the name of the site of 1 page "
            "(bank).\nEncrypted, and past the proxy, the phone reached the site of 1 page (bank).");
}

TEST(Answers, NameOldVersionsAndWhatIsReadableToWhom) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "sms", "new.example", 1), disclosure("D2", "sms", "old.example", 1),
                          disclosure("D3", "sms", "clear.example", 1), disclosure("D4", "sms", "number.example", 1)};
  document.disclosures[0].path = {{"tls", {"1.3", "1.3"}}};
  document.disclosures[1].path = {{"tls", {"1.0", "1.0"}}};
  document.disclosures[2].transport = Protection::clear;
  document.disclosures[3].parts = {"from"};
  const std::string contents = said(document, "contents");
  EXPECT_THAT(contents, HasSubstr("text message: encrypted on the way (TLS 1.3); readable to new.example."));
  EXPECT_THAT(contents, HasSubstr("encrypted on the way (TLS 1.0, since deprecated); readable to old.example."));
  EXPECT_THAT(contents, HasSubstr("in clear, readable by anyone on the way; readable to clear.example."));
  EXPECT_THAT(contents, Not(HasSubstr("number.example"))) << "a correspondent's number is no text";
  EXPECT_THAT(said(document, "protection"), HasSubstr("since been deprecated: TLS 1.0: old.example (1 time)."));
}

TEST(Answers, UntouchedOnTheTable) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "location", "push.example", 3), disclosure("D2", "imei", "push.example", 1)};
  document.disclosures[0].recipient.country = document.disclosures[1].recipient.country = "US";
  document.actions.resize(1);
  document.actions[0].action = {"left-alone on the table", "left-alone on the table"};
  document.carried = {{{0}, 2, 1, {}}, {{0, 1}, 1, 1, 0}};
  EXPECT_THAT(said(document, "by-itself"),
              HasSubstr("it sent: to push.example, United States, 1 time: location, IMEI (device number)."));
  document.carried[1].left_alone.reset();
  EXPECT_THAT(said(document, "by-itself"),
              HasSubstr("Beside no action it sent: to push.example, United States, 2 times"));
}

TEST(Answers, TheLocalNetworkIsNoCompanyAndCountriesOfMereContactStandApart) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "imei", "a.example", 1), disclosure("D2", "imei", "192.0.2.1", 1)};
  document.disclosures[0].recipient.organisation = "Backup Oy";
  document.disclosures[0].recipient.country = document.disclosures[1].recipient.country = "FI";
  document.disclosures[1].recipient.local = true;
  ContactReport maps;
  maps.recipient.host = {"maps.example", "maps.example"};
  maps.recipient.country = "SG";
  document.recipients = {maps};
  EXPECT_EQ(said(document, "who"),
            "in-part\nTo hosts that bear a name of Backup Oy (1 time); who operates them, no recording shows.\nAnd to "
            "the local network, which is no company: 1 time.");
  EXPECT_THAT(said(document, "where"), HasSubstr("registered in Finland (1 time)."));
  EXPECT_THAT(said(document, "where"), HasSubstr("without any planted value seen: Singapore (maps.example)."));
}

TEST(Answers, CountUnaskedOnlyWhileTheLogWasKept) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "location", "track.example", 43),
                          disclosure("D2", "sms", "backup.example", 1)};
  nlohmann::ordered_json json = to_json(document, false);
  json["actions"] = {{{"action", "a"}}};
  document.disclosures[0].timing = TimingReport{};
  document.disclosures[0].timing->idle = 12;
  document.disclosures[0].timing->not_covered = 20;
  EXPECT_THAT(
      said(document, json, "by-itself"),
      StartsWith("in-part\n12 of 24 messages with planted values went out beside no action in the tester's log.\n"
                 "20 times more lie outside the time that the log covers: neither asked nor unasked."));
  document.disclosures[0].timing->idle = 0;
  document.disclosures[0].timing->not_covered = 43;
  document.disclosures[1].timing = TimingReport{};
  document.disclosures[1].timing->not_covered = 1;
  EXPECT_THAT(
      said(document, json, "by-itself"),
      StartsWith(
          "not-tested\nAll of it lies outside the time that the tester's log covers: neither asked nor unasked."));
}

// 2012-11-26T16:21:46Z and later.
Time at(int seconds) { return {1'353'946'906'000'000'000 + seconds * 1'000'000'000ll}; }

ActionReport line(int seconds) {
  ActionReport report;
  report.time = at(seconds);
  return report;
}

AuditDocument of_a_log() {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "location", "weather.example", 2), disclosure("D2", "imei", "a.example", 2),
                          disclosure("D3", "sms", "backup.example", 1), disclosure("D4", "contact", "b.example", 1)};
  document.actions = {line(0), line(60), line(120)};
  document.actions[0].screen_text = {"Allow camera?", "Allow camera?"};
  document.actions[1].setting = {"feedback: off", "feedback: off"};
  document.actions[1].usual = "pre-ticked";
  document.actions[2].trigger = {"locate pressed", "locate pressed"};
  return document;
}

TEST(Answers, AScreenThatNamesNobodyToldOfNobody) {
  AuditDocument document = of_a_log();
  document.disclosures[0].told = ToldReport{Told::asked, 1, 0};
  document.disclosures[1].told = ToldReport{Told::mentioned, 1, 0};
  document.disclosures[2].told = ToldReport{Told::at_a_screen, 0, 0};
  document.disclosures[3].told = ToldReport{};
  document.disclosures[0].permission = PermissionReport{PermissionState::before_first_prompt, 1, 0, 1018};
  document.disclosures[1].permission = PermissionReport{PermissionState::after_first_prompt, 2, 0, 10};
  document.disclosures[2].permission = PermissionReport{PermissionState::after_refused, 1, 1, 10};
  const std::string told = said(document, "told");
  EXPECT_THAT(told, HasSubstr("compared with 4 disclosures"));
  EXPECT_THAT(told, HasSubstr("\n1 were told at a screen that names"));
  EXPECT_THAT(told,
              HasSubstr("Of 1 a screen mentioned this kind of data; that it told of this recipient is not shown."));
  EXPECT_THAT(told, HasSubstr("Of 1 a prompt asked"));
  EXPECT_THAT(told, HasSubstr("\n1 were not mentioned"));
  EXPECT_THAT(told, HasSubstr("Before the first prompt for such data in the log, whoever's it was (A1: \u201cAllow "
                              "camera?\u201d): location to weather.example (1 time)."));
  EXPECT_THAT(told, HasSubstr("Although permission had been refused (A2: \u201cfeedback: off\u201d): text message to "
                              "backup.example (1 time)."));
  EXPECT_THAT(told, Not(HasSubstr("Before the permission was given")));
  document.disclosures[2].told = ToldReport{};
  EXPECT_THAT(said(document, "told"), HasSubstr("None was told at a screen"));
}

TEST(Answers, WhatASwitchLeftIsSeenAndNotTested) {
  AuditDocument document = of_a_log();
  document.disclosures[1].transport = Protection::clear;
  document.switches = {{1, {{"D2", 1, 1, at(10), at(360)}}, {"D1", "D3"}, {}}};
  const std::string found = said(document, "switch");
  EXPECT_THAT(found, HasSubstr("in-part\n\u201cfeedback: off\u201d was set at 16:22:46. Seen before and still "
                               "afterwards: IMEI (device number) to a.example, in clear (1 time, first at 16:27:46). "
                               "Seen before and not afterwards: 2 disclosures.\n"));
  EXPECT_THAT(found, HasSubstr("no test of the switch"));
  EXPECT_THAT(found, HasSubstr("by time: 16:22:46 feedback: off (by default pre-ticked)."));
  document.switches[0].still.clear();
  EXPECT_THAT(said(document, "switch"), HasSubstr("Nothing that was seen before it was seen afterwards"));
  document.actions[1].setting = {"feedback: on", "feedback: on"};
  EXPECT_THAT(said(document, "switch"), HasSubstr("not-tested\nThis audit does not test it"));
}

TEST(Answers, WhatCameAfterATriggerAndTooFewForATest) {
  AuditDocument document = of_a_log();
  document.disclosures[0].timing = TimingReport{30, 1, {{2, 1, 10.021, 10.021}}, 0};
  PromptingReport& prompting = document.disclosures[1].prompting.emplace();
  prompting.kind = "not-shown";
  prompting.server = {"push.example", "push.example"};
  prompting.following.followed = prompting.following.of = 2;
  prompting.following.latency = Latency{0.009, 0.0135, 0.018};
  const std::string found = said(document, "prompting");
  EXPECT_THAT(found, HasSubstr("After \u201clocate pressed\u201d (16:23:46): location to weather.example, 10.0 s "
                               "later.\nSo near in time is no proof"));
  EXPECT_THAT(found, HasSubstr("IMEI (device number) to a.example: 2 of 2 uploads came no more than 0.018 s after a "
                               "message of push.example.\nNo trigger in the tester's log explains these messages."));
  EXPECT_THAT(found, Not(HasSubstr("No sending followed")));
}

TEST(Answers, OneValueAtSeveralRecipientsJoinsThem) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "imei", "a.example", 1), disclosure("D2", "imei", "a.example", 1),
                          disclosure("D3", "sms", "b.example", 1)};
  EXPECT_THAT(said(document, "joined"), HasSubstr("No planted value"));
  document.links = {{"same-value", 0, shown("imei#1"), "imei", {"D1", "D4"}, {shown("a.example"), shown("b.example")}},
                    {"account", 0, shown("account-id#1"), "account-id", {"D5", "D1", "D3"}, {shown("b.example")}},
                    {"account", 0, shown("email#1"), "email", {"D6"}, {shown("b.example")}}};
  const std::string joined = said(document, "joined");
  EXPECT_THAT(joined, HasSubstr("several recipients: IMEI (device number) (2 recipients)."));
  EXPECT_THAT(joined, HasSubstr("together what was sent with it: account ID (2 disclosures)."));
}

TEST(Answers, EveryLanguageHasEveryTextOfThem) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "imei", "a.example", 1)};
  for (const std::string& language : Messages::languages()) {
    const Messages& say = Messages::of(language);
    for (const Answer& answer : answers_of(document, to_json(document, false), false, say)) {
      EXPECT_TRUE(say.has("answers." + answer.question + ".question")) << language << " " << answer.question;
      EXPECT_TRUE(say.has("answers.state." + std::string(to_string(answer.answered)))) << language;
      for (const std::string& sentence : answer.sentences)
        EXPECT_THAT(sentence, Not(HasSubstr("answers."))) << language;
    }
  }
}

}  // namespace
}  // namespace tattle
