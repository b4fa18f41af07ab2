#include "report/format/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/format/letter.h"

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
  AuditDocument document;
  document.version = "0";
  SubjectReport subject;
  subject.name = {"Phone", "Phone"};
  subject.maker = "Maker|er";
  subject.model = "One";
  document.subjects.push_back(subject);
  CaptureReport capture;
  capture.name = "a.pcap";
  capture.sha256 = "00ff";
  capture.packets = 2;
  capture.first = capture.last = Time{1352138601000000000};
  document.captures.push_back(capture);
  DisclosureReport each;
  each.id = "D1";
  each.datum = "sms";
  each.form = "plain";
  each.certainty = Certainty::verified;
  each.transport = Protection::clear;
  each.value = {"the planted one", "the\u2022\u2022\u2022one"};
  each.recipient.host = {"api.example", "api.example"};
  each.path = {{"json", {"$.x", "$.x"}}};
  each.count = 3;
  each.first = each.last = capture.first;
  each.evidence = {{0, {{0, 1, 2}}, 1, 1, capture.first}};
  document.disclosures.push_back(each);
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
    EXPECT_THAT(letter, HasSubstr("| api.example | 3 | 2012-11-05 18:03:21 |"));
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

}  // namespace
}  // namespace tattle
