#include "report/format/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/format/letter.h"
#include "report/report_testing.h"

namespace tattle {
namespace {

using testing::HasSubstr;
using testing::Not;

struct FieldCase {
  const char* name;
  std::string text, field;
};

class CsvField : public testing::TestWithParam<FieldCase> {};
TEST_P(CsvField, IsQuotedAndNoFormula) { EXPECT_EQ(csv_field(GetParam().text), GetParam().field); }

// RFC 4180 section 2; OWASP, CSV Injection.
INSTANTIATE_TEST_SUITE_P(
    Rfc4180, CsvField,
    testing::Values(FieldCase{"Plain", "imei", "imei"}, FieldCase{"Empty", "", ""},
                    FieldCase{"Comma", "a,b", "\"a,b\""}, FieldCase{"Quote", "a\"b", "\"a\"\"b\""},
                    FieldCase{"LineEnd", "a\r\nb", "\"a\r\nb\""}, FieldCase{"Formula", "=1+1", "\"'=1+1\""},
                    FieldCase{"FormulaWithComma", "=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""},
                    FieldCase{"Plus", "+358", "\"'+358\""}, FieldCase{"Minus", "-1", "\"'-1\""},
                    FieldCase{"At", "@SUM(1)", "\"'@SUM(1)\""}, FieldCase{"Tab", "\t=1", "\"'\t=1\""},
                    FieldCase{"Wide", "\uFF1D1", "\"'\uFF1D1\""}, FieldCase{"Blank", " =1", "\"' =1\""},
                    FieldCase{"NotUtf8", "a\xff", "a\uFFFD"}),
    [](const auto& each) { return each.param.name; });

AuditDocument document() {
  DisclosureReport each = report_testing::disclosure("D1", "sms", "api.example", 3);
  each.transport = Protection::clear;
  each.value = {"the planted one", "the\u2022\u2022\u2022one"};
  each.path = {{"json", {"$.x", "$.x"}}};
  AuditDocument document = report_testing::small_document(std::move(each));
  document.subjects.front().maker = "Maker|er";
  document.subjects.front().model = "One";
  document.captures.front().sha256 = "00ff";
  return document;
}

TEST(Csv, OneLineForEachDisclosure) {
  const std::string csv = to_csv(document(), false);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
  EXPECT_THAT(csv, testing::StartsWith("id,key,subject,entry,datum,"));
  EXPECT_THAT(csv, HasSubstr(",clear,3,2012-11-05T18:03:21.000000Z,"));
  EXPECT_THAT(csv, Not(HasSubstr("the planted one")));
  EXPECT_THAT(to_csv(document(), true), HasSubstr("the planted one"));
}

TEST(Letter, NamesTimesHostsAndQuestionsButNoValue) {
  for (const char* language : {"en", "fi"}) {
    AuditDocument asked = document();
    const std::string letter = to_letter(asked, Messages::of(language));
    EXPECT_THAT(letter, HasSubstr("| D1 | ")) << language;
    const char* time = std::string_view(language) == "en" ? "2012-11-05 18:03:21" : "5.11.2012 18.03.21";
    EXPECT_THAT(letter, HasSubstr(std::string("| api.example | 3 | ") + time + " |"));
    EXPECT_THAT(letter, HasSubstr("`00ff`"));
    EXPECT_THAT(letter, HasSubstr("Maker\\|er One"));
    EXPECT_THAT(letter, Not(HasSubstr("planted one")));
    EXPECT_THAT(letter, Not(HasSubstr("\u2022"))) << "nor a masked value";
    EXPECT_THAT(letter, Not(HasSubstr("{"))) << "every placeholder was filled";
    asked.disclosures.front().certainty = Certainty::inferred;
    EXPECT_THAT(to_letter(asked, Messages::of(language)), Not(HasSubstr("| D1 |")))
        << "what is inferred accuses nobody";
  }
}

// The page that was read is the value, and its host tells it.
TEST(Letter, DoesNotNameTheSitesThatWereVisited) {
  AuditDocument asked = document();
  asked.disclosures.push_back(report_testing::disclosure("D2", "browsing", "health.example", 1));
  asked.disclosures.push_back(report_testing::disclosure("D3", "user-agent", "health.example", 1));
  asked.disclosures.push_back(report_testing::disclosure("D4", "browsing", "proxy.example", 1));
  asked.disclosures.back().role = Role::proxy;
  for (const char* language : {"en", "fi"}) {
    const std::string letter = to_letter(asked, Messages::of(language));
    EXPECT_THAT(letter, HasSubstr("| D3 | "));
    EXPECT_THAT(letter, Not(HasSubstr("health")));
    EXPECT_THAT(letter, HasSubstr("proxy.example"));
    EXPECT_THAT(letter, Not(HasSubstr("sealed"))) << "whether anything was sealed is not known";
  }
}

// Times are those of the log's own clock, and what the log does not cover is not counted.
TEST(Letter, SaysWhatTheLogSays) {
  AuditDocument asked = document();
  EXPECT_THAT(to_letter(asked, Messages::english()), Not(HasSubstr("written down")));
  asked.log_cover = LogCover{Time{1352138600'000000000}, Time{1352138660'000000000}};
  asked.clock_offset_s = 7200;
  TimingReport timing;
  timing.idle = timing.not_covered = 1;
  asked.disclosures.front().timing = timing;
  const std::string letter = to_letter(asked, Messages::english());
  EXPECT_THAT(letter, HasSubstr("from 2012-11-05 20:03:20 to 2012-11-05 20:04:20 UTC+02:00. Of the 2 times above that "
                                "fall into it, 1 came beside nothing"));
  EXPECT_THAT(letter, HasSubstr("First (UTC+02:00)"));
}

}  // namespace
}  // namespace tattle
