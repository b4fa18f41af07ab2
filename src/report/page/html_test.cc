#include "report/page/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "report/page/html_text.h"
#include "report/say/words.h"
#include "report/terminal.h"

namespace tattle {
namespace {

using testing::HasSubstr;
using testing::Not;

struct EscapeCase {
  const char* name;
  std::string text;
  std::string html;
};

class Escape : public testing::TestWithParam<EscapeCase> {};
TEST_P(Escape, MakesTextHarmless) { EXPECT_EQ(escape_html(GetParam().text), GetParam().html); }

INSTANTIATE_TEST_SUITE_P(
    Hostile, Escape,
    testing::Values(EscapeCase{"Markup", "<script>alert(\"1\")</script>",
                               "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"},
                    EscapeCase{"Attribute", "' onload='x", "&#39; onload=&#39;x"},
                    EscapeCase{"Entity", "&lt;", "&amp;lt;"},
                    EscapeCase{"NotUtf8",
                               "a\xff\xfe"
                               "b",
                               "a\xEF\xBF\xBD\xEF\xBF\xBD"
                               "b"},
                    EscapeCase{"Control", std::string("a\x1b[31m\0b", 8), "a[U+001B][31m[U+0000]b"},
                    EscapeCase{"DirectionOverride", "\u202Egnp.exe", "[U+202E]gnp.exe"},
                    EscapeCase{"ZeroWidth", "pay\u200Bpal", "pay[U+200B]pal"},
                    EscapeCase{"Letters", "N\u00e4hd\u00e4\u00e4n \u6f22", "N\u00e4hd\u00e4\u00e4n \u6f22"}),
    [](const auto& each) { return each.param.name; });

// What stands in the page without script: the islands hold the messages of all cases, and the document again.
std::string static_part(const AuditDocument& document, bool reveal) {
  const std::string html = to_html(document, reveal);
  return html.substr(0, html.find("<script type=\"application/json\""));
}

// A document whose every string from traffic is hostile.
AuditDocument hostile_document() {
  const std::string evil = "\"><img src=x onerror=alert(1)>\x1b]0;title\x07\xff";
  AuditDocument document;
  document.version = "0";
  SubjectReport subject;
  subject.name = {evil, evil};
  subject.ground = evil;
  document.subjects.push_back(subject);
  CaptureReport capture;
  capture.name = evil;
  capture.packets = 2;
  capture.first = Time{1352138601000000000};
  capture.last = Time{1352138701000000000};
  document.captures.push_back(capture);
  DisclosureReport disclosure;
  disclosure.id = "D1";
  disclosure.datum = "imei";
  disclosure.form = "plain";
  disclosure.certainty = Certainty::verified;
  disclosure.transport = Protection::clear;
  disclosure.value = disclosure.entry = disclosure.corroboration = {"the planted one", evil};
  disclosure.path = {{"json", {evil, evil}}};
  disclosure.recipient.host = {evil, evil};
  disclosure.recipient.network = evil;
  disclosure.sender.ground = {evil, evil};
  disclosure.count = 1;
  disclosure.first = disclosure.last = capture.first;
  disclosure.evidence = {{0, {{0, 1, 2}}, 1, 1, capture.first}};
  document.disclosures.push_back(disclosure);
  ContactReport contact;
  contact.recipient = disclosure.recipient;
  contact.roles = {Role::destination};
  contact.first = capture.first;
  contact.last = capture.last;
  contact.disclosures = {"D1"};
  document.recipients.push_back(contact);
  document.anomalies.push_back({evil, 1, {}});
  return document;
}

TEST(Report, ShowsHostileStringsHarmlessly) {
  const std::string html = static_part(hostile_document(), false);
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("\x1b")));
  EXPECT_THAT(html, Not(HasSubstr("\xff")));
  EXPECT_THAT(html, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
}

TEST(Report, NoStringEndsTheScriptElementThatHoldsTheDocument) {
  AuditDocument document = hostile_document();
  document.disclosures.front().recipient.host = {"</script><!--<script>\u2028\u2029",
                                                 "</script><!--<script>\u2028\u2029"};
  const std::string html = to_html(document, false);
  const std::size_t begin = html.find("<script type=\"application/json\" id=\"audit\">");
  if (begin == html.npos) GTEST_SKIP() << "built without npm: the page has no script";
  const std::size_t open = html.find('>', begin) + 1;
  const std::string island = html.substr(open, html.find("</script>", open) - open);
  EXPECT_THAT(island, Not(HasSubstr("<")));
  EXPECT_THAT(island, Not(HasSubstr("\u2028")));
  // Another reader gets the same text back.
  EXPECT_EQ(nlohmann::json::parse(island)["disclosures"][0]["recipient"]["host"], "</script><!--<script>\u2028\u2029");
}

TEST(Report, HidesPlantedValuesUnlessAsked) {
  EXPECT_THAT(to_html(hostile_document(), false), Not(HasSubstr("the planted one")));
  EXPECT_THAT(static_part(hostile_document(), false), Not(HasSubstr("the planted one")));
  EXPECT_THAT(static_part(hostile_document(), true), HasSubstr("the planted one"));
}

TEST(Report, NeverCallsOpaqueTrafficClean) {
  AuditDocument document;
  document.coverage.lines = {{Fate::opaque, "no-key", 37, 1, 0}, {Fate::read, "", 63, 1, 0}};
  document.coverage.bytes = 100;
  EXPECT_DOUBLE_EQ(document.coverage.opaque_share(), 0.37);
  EXPECT_THAT(
      static_part(document, false),
      HasSubstr("37 % of what the phone itself sent and received, headers and handshakes left out, was encrypted and "
                "stayed closed"));
  EXPECT_THAT(headline(document), HasSubstr("part of its traffic stayed closed"));
  EXPECT_THAT(terminal_summary(document, false, false), HasSubstr("37 % was\nencrypted and stayed closed"));
}

TEST(Report, NeverCallsUnknownOrMissingTrafficClean) {
  AuditDocument document;
  document.coverage.lines = {{Fate::searched_raw, "", 20, 1, 0}, {Fate::read, "", 80, 1, 0}};
  document.coverage.bytes = 100;
  EXPECT_EQ(coverage_in_short(document.coverage),
            "Of what the phone sent and received, headers and handshakes left out, 20 % followed no known protocol and "
            "was searched only as it stands.");
  EXPECT_THAT(headline(document), HasSubstr("could not be understood"));
  document.coverage.lines.erase(document.coverage.lines.begin());
  EXPECT_EQ(coverage_in_short(document.coverage), "All of the phone's traffic could be read.");
  document.coverage.missing_bytes = 1500;
  EXPECT_EQ(coverage_in_short(document.coverage), "1.5 kB are missing from the capture.");
  EXPECT_THAT(headline(document), HasSubstr("could not be understood"));
  EXPECT_THAT(static_part(document, false), HasSubstr("does not call it clean"));
}

TEST(Report, NeverCallsWhatNobodyLookedIntoClean) {
  AuditDocument document;
  document.coverage.lines = {{Fate::read, "", 80, 1, 0}, {Fate::unread, "no-transport", 1500, 0, 1}};
  document.coverage.bytes = 1580;
  EXPECT_EQ(coverage_in_short(document.coverage),
            "All of the phone's TCP and UDP traffic could be read; 1.5 kB of other or damaged packets were not looked "
            "into.");
  EXPECT_EQ(headline(document), "No planted value was seen leaving the phone.");
  document.coverage.lines[1].reason = "fragment-lost";
  EXPECT_THAT(headline(document), HasSubstr("could not be understood"));
  document.coverage.lines[1].reason = "duplicate";
  EXPECT_EQ(coverage_in_short(document.coverage), "All of the phone's traffic could be read.");
  document.coverage.partly_decoded_messages = 2;
  EXPECT_EQ(coverage_in_short(document.coverage), "2 messages could be decoded only in part.");
  EXPECT_THAT(headline(document), HasSubstr("could not be understood"));
}

TEST(Report, SaysWhoIsNotAmongThoseTalkedTo) {
  AuditDocument document = hostile_document();
  EXPECT_THAT(static_part(document, false), Not(HasSubstr("stands behind it")));
  document.recipients.front().disclosures.clear();
  EXPECT_THAT(static_part(document, false), HasSubstr("none seen<"));
  document.recipients.front().raw_bytes = 5;
  EXPECT_THAT(static_part(document, false), HasSubstr("none seen in what was understood"));
  document.coverage.lines = {{Fate::opaque, "encrypted-tunnel", 37, 0, 1}};
  EXPECT_THAT(static_part(document, false),
              HasSubstr("where the tunnel ended, as far as its packets show it, and not who stands behind it"));
}

TEST(Report, NeverCallsAnAbsentPhoneClean) {
  AuditDocument document;
  document.coverage.lines = {{Fate::other_device, "", 63, 1, 0}};
  document.coverage.bytes = 100;
  EXPECT_THAT(headline(document), HasSubstr("nothing can be said"));
  EXPECT_THAT(terminal_summary(document, false, false), Not(HasSubstr("could be read")));
}

TEST(Report, ShowsWhereAValueStoodEvenWithoutWrapping) {
  AuditDocument document = hostile_document();
  document.disclosures.front().path = {{"http/1.1", {}}};
  EXPECT_THAT(static_part(document, false), HasSubstr("<b>http/1.1</b></li><li><b>body</b></li></ol>"));
  document.disclosures.front().path = {};
  EXPECT_THAT(static_part(document, false), HasSubstr("In the bytes as they travelled"));
}

TEST(Report, SaysWhichOfSeveralPhones) {
  AuditDocument document = hostile_document();
  EXPECT_THAT(static_part(document, false), Not(HasSubstr("<dt>Test person and phone</dt>")));
  EXPECT_THAT(headline(document), HasSubstr("The phone sent"));
  document.subjects.push_back(document.subjects.front());
  document.subjects.back().name = {"Second", "Second"};
  document.disclosures.front().subject = 1;
  EXPECT_THAT(static_part(document, false), HasSubstr("<dt>Test person and phone</dt><dd>Second</dd>"));
  EXPECT_THAT(headline(document), HasSubstr("The phones together sent"));
}

TEST(Report, AMatrixCellNeverMixesCertainties) {
  AuditDocument document = hostile_document();
  document.disclosures.push_back(document.disclosures.front());
  document.disclosures.back().certainty = Certainty::inferred;
  document.disclosures.back().count = 5;
  document.disclosures.back().id = "D2";
  EXPECT_THAT(static_part(document, false), HasSubstr("href=\"#D1\" title=\"IMEI (device number) to "));
  EXPECT_THAT(static_part(document, false), HasSubstr(">1</a></td>"));
  EXPECT_THAT(static_part(document, false), Not(HasSubstr(">6</a></td>")));
}

TEST(Report, NeverCallsUnknownProtectionEncrypted) {
  AuditDocument document = hostile_document();
  document.disclosures.front().transport = Protection::unknown;
  document.disclosures.front().recipient.addresses.clear();
  document.captures.front().entries = true;
  const std::string html = static_part(document, false);
  EXPECT_THAT(html, HasSubstr("1 message, protection unknown"));
  EXPECT_THAT(html, Not(HasSubstr("1 time, encrypted on the way")));
  EXPECT_THAT(html, HasSubstr("of these without encryption; of 1 it is not known"));
  EXPECT_THAT(html, HasSubstr("the import does not say whether it was encrypted"));
  EXPECT_THAT(html, HasSubstr("sent, protection unknown"));
  EXPECT_THAT(html, HasSubstr("address not recorded")) << "nobody said that there was a proxy";
  EXPECT_THAT(static_part(hostile_document(), false), Not(HasSubstr("protection unknown")));
}

TEST(Report, TicksOfSeveralDaysNameTheDay) {
  AuditDocument document = hostile_document();
  document.recipients.front().last = Time{document.recipients.front().first.ns + 5 * 86400'000'000'000};
  // 2012-11-05T18:03:21Z and five days on.
  EXPECT_THAT(static_part(document, false), HasSubstr("text-anchor=\"middle\">11-07</text>"));
}

TEST(Report, ListsTheGravestOfVeryManyAndSaysSo) {
  AuditDocument document = hostile_document();
  document.disclosures.resize(501, document.disclosures.front());
  for (std::size_t i = 0; i < 501; ++i) document.disclosures[i].id = "D" + std::to_string(i + 1);
  const std::string html = static_part(document, false);
  EXPECT_THAT(html, HasSubstr("id=\"D500\""));
  EXPECT_THAT(html, Not(HasSubstr("id=\"D501\"")));
  EXPECT_THAT(html, HasSubstr("the 500 gravest of 501 disclosures"));
}

TEST(Report, LeadsWithOneSentenceOfVerifiedFacts) {
  AuditDocument document = hostile_document();
  document.captures.front().last = Time{document.captures.front().first.ns + 9'000'000'000'000};
  DisclosureReport& first = document.disclosures.front();
  first.datum = "location";
  first.recipient.organisation = "Microsoft";
  first.count = 43;
  first.transport = Protection::tls;
  EXPECT_THAT(static_part(document, false),
              HasSubstr("43 times in 2.5 hours this phone told Microsoft where it was.<"));
  document.disclosures.push_back(first);
  document.disclosures.back().count = 7;
  document.disclosures.back().transport = Protection::clear;
  EXPECT_THAT(static_part(document, false),
              HasSubstr("50 times in 2.5 hours this phone told Microsoft where it was, 7 of them readable by anyone "
                        "on the way."));
  for (DisclosureReport& each : document.disclosures) each.certainty = Certainty::inferred;
  EXPECT_THAT(static_part(document, false), Not(HasSubstr("told Microsoft"))) << "inferred ones make no headline";
}

TEST(Report, SpeaksFinnish) {
  const Messages& finnish = Messages::of("fi");
  const std::string html = to_html(hostile_document(), false, finnish);
  EXPECT_THAT(html, HasSubstr("<html lang=\"fi\">"));
  EXPECT_THAT(html, HasSubstr("Jokainen luovutus, vakavin ensin"));
  EXPECT_EQ(country_name("FI", finnish), "Suomi");
  EXPECT_EQ(readable_size(1'250'000, finnish), "1,2 MB");
  EXPECT_THROW(Messages::of("xx"), UserError);
}

TEST(TerminalSummary, FitsTheScreenAndCannotBeSteered) {
  AuditDocument document = hostile_document();
  for (int i = 0; i < 100; ++i) {
    document.disclosures.push_back(document.disclosures.front());
    document.disclosures.back().recipient.host = {"h" + std::to_string(i), "h" + std::to_string(i)};
  }
  document.disclosures.push_back(document.disclosures.front());
  document.disclosures.back().datum = "sms";
  const std::string text = terminal_summary(document, false, false);
  EXPECT_THAT(text, HasSubstr("101x in clear    to   ")) << "many recipients of one kind of data share its line";
  EXPECT_THAT(text, HasSubstr(" and 100 more\n"));
  EXPECT_THAT(text, HasSubstr("text message "));
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 22);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x07")));
  EXPECT_THAT(terminal_summary(document, false, true), HasSubstr("\x1b[31m"));
}

TEST(TerminalSummary, ALineClaimsNoMoreProtectionThanAllOfItHad) {
  AuditDocument document = hostile_document();
  document.disclosures.front().transport = Protection::tls;
  document.disclosures.push_back(document.disclosures.front());
  document.disclosures.back().transport = Protection::unknown;
  EXPECT_THAT(terminal_summary(document, false, false), HasSubstr("2x 1 unknown "));
  document.disclosures.back().transport = Protection::quic;
  EXPECT_THAT(terminal_summary(document, false, false), HasSubstr("2x encrypted "));
  document.disclosures.back().transport = Protection::clear;
  EXPECT_THAT(terminal_summary(document, false, false), HasSubstr("2x 1 in clear"));
  document.disclosures.back().transport = Protection::tls;
  EXPECT_THAT(terminal_summary(document, false, false), HasSubstr("2x under TLS "));
}

TEST(Words, RoundingNeverSaysNothingOrAll) {
  EXPECT_EQ(readable_share(0), "0 %");
  EXPECT_EQ(readable_share(0.0001), "under 1 %");
  EXPECT_EQ(readable_share(0.37), "37 %");
  EXPECT_EQ(readable_share(0.9999), "over 99 %");
  EXPECT_EQ(readable_share(1), "100 %");
}

TEST(Words, SizesAndCounts) {
  EXPECT_EQ(readable_size(1), "1 byte");
  EXPECT_EQ(readable_size(999), "999 bytes");
  EXPECT_EQ(readable_size(1000), "1.0 kB");
  EXPECT_EQ(readable_size(999'950), "1.0 MB");
  EXPECT_EQ(readable_size(1'250'000), "1.2 MB");
  EXPECT_EQ(counted(1, "packet"), "1 packet");
  EXPECT_EQ(counted(2, "kind of data", "kinds of data"), "2 kinds of data");
  EXPECT_EQ(country_name("FI"), "Finland");
}

}  // namespace
}  // namespace tattle
