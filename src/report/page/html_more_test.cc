// What only some audits say: each member of the document, written by hand, must be in the page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/json/document_json.h"
#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/report_testing.h"

namespace tattle {
namespace {

using testing::HasSubstr;
using testing::Not;

AuditDocument document() {
  AuditDocument document =
      report_testing::small_document(report_testing::disclosure("D1", "location", "track.example", 43));
  DisclosureReport& each = document.disclosures.front();
  each.first = document.captures.front().first;
  each.last = document.captures.front().last;
  each.sender.ground = report_testing::shown("no sign of which software sent it");
  return document;
}

Json with_members(const AuditDocument& document) {
  Json json = to_json(document, false);
  json["actions"] = Json::parse(R"([
    {"time": "2012-11-05T18:03:25Z", "uncertainty-s": 2, "action": "sleep", "rest": true},
    {"time": "2012-11-05T18:04:10Z", "uncertainty-s": 5, "action": "open-camera", "setting": "Location: on",
     "default": "pre-ticked", "granted": "location", "screen": {"sha256": "0123456789abcdef0123", "text": "Use my location?"}}])");
  json["links"] = Json::parse(R"([{"kind": "account", "entry": "account-id", "datum": "account-id",
    "disclosures": ["D1"], "recipients": ["track.example"]}])");
  Json& each = json["disclosures"][0];
  each.update(Json::parse(R"({
    "dpv": ["https://w3id.org/dpv/pd#Location"], "linked": ["D1"], "told": "at-a-screen", "told-late": 3, "told-by": 1, "of-first": 40,
    "period": {"seconds": 270.1, "jitter-s": 3.2, "occurrences": 43, "burst-s": 2},
    "timing": {"idle": 30, "window-s": 10, "others": 1, "beside": [{"action": 1, "count": 12, "median-s": 1.9, "max-s": 7.5}]},
    "permission": {"state": "before-granted", "action": 1, "gap-s": 12.5, "count": 7},
    "prompting": {"kind": "server-message", "followed": 12, "of": 14, "p": 0.00012, "base-rate": 0.03,
      "latency-s": {"min": 0.4, "median": 1.2, "max": 3}, "ground": "That may be chance."}})"));
  each["sender"]["fingerprints"] = {{"ja4", "t13d1516h2_8daaf6152771_02713d6af862"}};
  each["recipient"].update(Json::parse(R"({
    "relation": "system-vendor", "relation-ground": "X was the vendor of its system on 2012-11-05",
    "owner": {"name": "Owner Oyj", "source": "register", "date": "2012-01-01"},
    "distance": {"rtt-ms": 12.1, "within-km": 1209, "ground": "smallest of 14 TCP handshakes"},
    "law": {"registered": "US", "registered-source": "IPtoASN", "registered-date": "2026-11-20", "eea-source": "agreement",
      "eea-date": "1994-01-03", "day": "2012-11-05", "eea": false,
      "entity": {"name": "Entity Ltd", "seat": "IE", "source": "terms", "date": "2012-10-01"},
      "parent": {"name": "Parent Inc.", "seat": "US", "head-office": "CA"},
      "adequacy": [{"decision": "2000/520/EC", "country": "US", "from": "2000-07-26", "until": "2015-10-06",
        "covers": "listed-organisation", "listed": true, "listed-entity": "Parent Inc.", "listed-from": "2001-06-29",
        "listed-until": "2014-06-29", "listed-source": "record 19225", "listed-date": "2013-06-29",
        "source": "judgment", "date": "2015-10-06"}]}})"));
  each["dpv-note"] = "an access point's name and address, from which a place follows";
  json["vocabulary"] = {{"name", "Personal Data extension (PD)"}, {"version", "2.2"}};
  return json;
}

std::string page_of(const AuditDocument& document, const Json& json, const Messages& say = Messages::english(),
                    const ReportRun* run = nullptr) {
  const std::string html = page_html({document, json, false, say, run});
  return html.substr(0, html.find("<script type=\"application/json\""));
}

class CardMember : public testing::TestWithParam<const char*> {};
TEST_P(CardMember, IsSaid) {
  const AuditDocument made = document();
  const std::string plain = page_of(made, to_json(made, false)), full = page_of(made, with_members(made));
  EXPECT_THAT(full, HasSubstr(GetParam()));
  EXPECT_THAT(plain, Not(HasSubstr(GetParam()))) << "nobody said so";
}
INSTANTIATE_TEST_SUITE_P(
    All, CardMember,
    testing::Values(
        "every 4.5 minutes, give or take 3.2 seconds; 43 times", "messages within 2 seconds of each other",
        "30 times beside no action",
        "12 times after <a href=\"#A2\">open camera (Location: on) (2)</a>, median 1.9 s, longest 7.5 s",
        "1 time beside further actions", "begun within 10 s after it", "sent before it was granted, 12.5 s earlier",
        "7 of 43 times: sent before it was granted", "yes, at a screen that names this recipient or sender",
        "<a href=\"#A2\">open camera (Location: on) (2)</a>: \u201cUse my location?\u201d)</span>; 3 times before that",
        "those of the first 40 times", "12 of 14 times within seconds; by chance 3 % would be expected",
        "about one of 8,333 such recordings", "(p = 0.0001)", "after 1.2 s (from 0.4 to 3 s)", "(That may be chance.)",
        "vendor of its system", "(X was the vendor of its system on 2012-11-05)",
        "Owner Oyj <span class=\"soft\">(register, 2012-01-01)", "within 1,209 km", "(smallest of 14 TCP handshakes)",
        "address registered in United States <span class=\"soft\">(IPtoASN, 2026-11-20)",
        "outside the European Economic Area on 2012-11-05 <span class=\"soft\">(agreement, 1994-01-03)",
        "users in the European Economic Area: Entity Ltd, seat in Ireland <span class=\"soft\">(terms, 2012-10-01)",
        "Parent Inc., registered in United States, head office in Canada",
        "adequacy decision 2000/520/EC on United States, 2000-07-26 to 2015-10-06: covered the organisations on its "
        "list <span class=\"soft\">(judgment, 2015-10-06)",
        "on the list of 2000/520/EC on 2012-11-05: Parent Inc., known to be there from 2001-06-29 to 2014-06-29 <span "
        "class=\"soft\">(record 19225, 2013-06-29)",
        "ja4 <code>t13d1516h2_8daaf6152771_02713d6af862</code>",
        "<code>pd:Location</code>, "
        "<code>https://w3id.org/dpv/pd#Location</code> <span class=\"soft\">(Personal Data extension (PD) 2.2)</span>; "
        "an access point&#39;s name and address, from which a place follows",
        "<section id=\"links\">", "<b>account ID</b>: track.<wbr>example", "class=\"action\"",
        "2 open camera (Location: on)</text>", "class=\"sleep\"",
        "<tr id=\"A2\"><td>2</td><td>2012-11-05 18:04:10 \u00b15 s</td><td>open camera</td><td>Location: on; by "
        "default "
        "pre-ticked; granted: location; on the screen: \u201cUse my location?\u201d; photograph SHA-256 "
        "0123456789abcdef\u2026"));

TEST(More, TheLogsDoubtIsAWidth) {
  const AuditDocument made = document();
  const std::string html = page_of(made, with_members(made));
  // 100 s lie between x = 250 and x = 965, so that \u00b15 s are 71.5 wide, around 18:04:10 (50 s in).
  EXPECT_THAT(html, HasSubstr("<rect class=\"doubt\" x=\"571.8\""));
  EXPECT_THAT(html, HasSubstr("width=\"71.5\""));
  // Sleep lasts from 5 s to 50 s in, when the next action begins.
  EXPECT_THAT(html, HasSubstr("<rect class=\"sleep\" x=\"285.8\""));
  EXPECT_THAT(html, HasSubstr("width=\"321.8\""));
}

TEST(More, ADistanceThatIsWithheldSaysWhy) {
  const AuditDocument made = document();
  Json json = with_members(made);
  json["disclosures"][0]["recipient"]["distance"] = {{"withheld", "a proxy ended the connection"}};
  EXPECT_THAT(page_of(made, json), HasSubstr("cannot be told: a proxy ended the connection"));
  EXPECT_THAT(page_of(made, json, Messages::of("fi")), HasSubstr("yhteys päättyi välityspalvelimeen"));
}

TEST(More, ChanceIsSaidInWords) {
  const AuditDocument made = document();
  Json json = with_members(made);
  json["disclosures"][0]["prompting"]["p"] = 0.3;
  EXPECT_THAT(page_of(made, json), HasSubstr("nothing follows from it"));
  json["disclosures"][0]["prompting"]["p"] = 1e-12;
  EXPECT_THAT(page_of(made, json), HasSubstr("less than one of a billion"));
}

// Members of another type, or of a version to come, break nothing and say nothing.
TEST(More, OddMembersAreHarmless) {
  const AuditDocument made = document();
  for (const Json& odd : {Json(7), Json("x"), Json(nullptr), Json::array({1, "D1", nullptr}), Json::object()}) {
    Json json = with_members(made);
    for (const char* name : {"actions", "links"}) json[name] = odd;
    for (const char* name : {"dpv", "linked", "told", "period", "timing", "permission", "prompting", "sender"}) {
      json["disclosures"][0][name] = odd;
    }
    for (const char* name : {"relation", "owner", "distance", "law"}) json["disclosures"][0]["recipient"][name] = odd;
    EXPECT_THAT(page_of(made, json), HasSubstr("</main>")) << odd.dump();
  }
}

TEST(More, TheMethodSaysWhatWasRecordedAndWhatNot) {
  AuditDocument made = document();
  made.anomalies.push_back({"tcp.limit", 4, {}});
  const Json json = to_json(made, false);
  const std::string bare = page_of(made, json);
  EXPECT_THAT(bare, HasSubstr("<dt>How it was run</dt><dd>not recorded</dd>"));
  EXPECT_THAT(bare, HasSubstr("No log of the tester&#39;s actions was given."));
  EXPECT_THAT(bare, HasSubstr("With whose secrets is not recorded"));
  EXPECT_THAT(bare, HasSubstr("tcp.limit: 4 times"));
  EXPECT_THAT(bare, HasSubstr("One recording."));
  ReportRun run{"abc123", "g++ 12", "feed", {{"--keys", "keys.log", "beef"}}, {"--host a.example"}, {{"flows", 7}}};
  const std::string full = page_of(made, with_members(made), Messages::english(), &run);
  for (const char* said :
       {"Built from commit abc123 by g++ 12; SHA-256 of the program feed.", "--keys keys.log, SHA-256 <code>beef",
        "Only a part was looked at: --host a.example", "limit flows changed to 7", "opened with 1 key files",
        "may be off by up to 5 s", "proxy was installed on the phone: not recorded"}) {
    EXPECT_THAT(full, HasSubstr(said));
  }
  Json told = with_members(made);
  told["actions"][0]["action"] = "install-certificate";
  EXPECT_THAT(page_of(made, told, Messages::english(), &run), HasSubstr("log tells of: install certificate."));
}

// A reader is not told what follows in law, and no sentence of the page is left in English by a Finnish one.
TEST(More, NoLanguageSpeaksOfTransfersOrUnlawfulness) {
  const AuditDocument made = document();
  for (const std::string& language : Messages::languages()) {
    const std::string html = page_of(made, with_members(made), Messages::of(language));
    for (const char* word : {"transfer", "unlawful", "illegal", "lainvastai", "laiton", "tiedonsiir"}) {
      EXPECT_THAT(html, Not(HasSubstr(word))) << language;
    }
  }
  const std::string finnish = page_of(made, with_members(made), Messages::of("fi"));
  EXPECT_THAT(finnish, HasSubstr("lähettäneestä ohjelmistosta ei ole merkkiä"));
  EXPECT_THAT(finnish, HasSubstr("pienin 14 TCP-kättelystä"));
  EXPECT_THAT(finnish, HasSubstr("<span lang=\"en\">no sign</span>")) << "a sentence that no catalogue knows";
}

}  // namespace
}  // namespace tattle
