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
            "in-part\nAnd to hosts whose operator this program does not know: backup.example (3 "
            "times), px.example (2 times).");
  EXPECT_EQ(said(document, "protection"), "answered\n2 of 5 times it could be read by anyone on the way.");
  EXPECT_EQ(said(document, "between"), "answered\nYes, a proxy: px.example (2 times).");
  EXPECT_THAT(said(document, "contents"), HasSubstr("text message: in readable form at backup.example."));
  EXPECT_THAT(said(document, "contents"), Not(HasSubstr("guess.example")));
  document.disclosures[0].recipient.organisation = "Backup Oy";
  document.disclosures[3].recipient.organisation = "Backup Oy";
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
  nlohmann::ordered_json json = to_json(document, false);
  json["actions"] = {{{"setting", "Feedback"}, {"default", "on"}}, {{"setting", "Feedback"}, {"default", "on"}}};
  json["disclosures"][0]["timing"] = {{"idle", 12}};
  json["disclosures"][0]["period"] = {{"seconds", 270.1}, {"jitter-s", 3.0}, {"occurrences", 43}};
  json["disclosures"][0]["told"] = "at-a-screen";
  json["disclosures"][0]["permission"] = {{"state", "before-granted"}, {"gap-s", 12.0}};
  json["disclosures"][0]["prompting"] = {{"kind", "unexplained"}};
  EXPECT_THAT(said(document, json, "by-itself"), HasSubstr("answered\n12 of 44 times"));
  EXPECT_THAT(said(document, json, "by-itself"), HasSubstr("location to track.example every"));
  EXPECT_THAT(said(document, json, "told"), HasSubstr("Of 2 disclosures 1 were told at a screen, 0 elsewhere, 1 not"));
  EXPECT_THAT(said(document, json, "told"), HasSubstr("1 happened before the permission"));
  EXPECT_THAT(said(document, json, "prompting"), HasSubstr("nobody asked as far as recorded: track.example."));
  EXPECT_THAT(said(document, json, "switch"), HasSubstr("Settings in the tester's log: Feedback (by default on)."));
  // Members of other types say nothing.
  for (const char* member : {"timing", "period", "told", "permission", "prompting"}) {
    json["disclosures"][0][member] = 7;
  }
  EXPECT_THAT(said(document, json, "by-itself"), HasSubstr("0 of 44 times"));
}

TEST(Answers, CountUnaskedOnlyWhileTheLogWasKept) {
  AuditDocument document;
  document.disclosures = {disclosure("D1", "location", "track.example", 43),
                          disclosure("D2", "sms", "backup.example", 1)};
  nlohmann::ordered_json json = to_json(document, false);
  json["actions"] = {{{"action", "a"}}};
  json["disclosures"][0]["timing"] = {{"idle", 12}, {"not-covered", 20}};
  EXPECT_EQ(said(document, json, "by-itself"),
            "in-part\n12 of 24 times it lay beside no action in the tester's log.\n20 times more lie outside the time "
            "that the log covers: neither asked nor unasked.");
  json["disclosures"][0]["timing"] = {{"idle", 0}, {"not-covered", 43}};
  json["disclosures"][1]["timing"] = {{"idle", 0}, {"not-covered", 1}};
  EXPECT_EQ(said(document, json, "by-itself"),
            "not-tested\nAll of it lies outside the time that the tester's log covers: neither asked nor unasked.");
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
