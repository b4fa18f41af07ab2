#include "report/page/html.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <set>

#include "assess/message_sums.h"
#include "report/json/document_json.h"
#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/clock.h"
#include "report/say/lead.h"
#include "report/say/words.h"
#include "report/utf8.h"

namespace tattle {

extern const std::string_view kReportStyle;  // web/report.css, embedded

namespace {

std::string style_hash() {
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(kReportStyle.data(), kReportStyle.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return "sha256-" + to_base64(digest);
}

std::string names_of(const Page& page) {
  std::string names;
  for (const SubjectReport& subject : page.document.subjects) {
    if (!names.empty()) names += ", ";
    names += subject.name.text(page.reveal);
  }
  return names.empty() ? page.messages.text("page.untitled") : names;
}

std::string tile(const std::string& number, const std::string& text) {
  return fmt::format("<li><strong>{}</strong><span>{}</span></li>\n", escape_html(number), escape_html(text));
}

std::string tiles(const Page& page) {
  const Messages& say = page.messages;
  std::uint64_t verified = 0, inferred = 0, back = 0;
  bool local = false;
  std::set<std::string> hosts;
  for (const DisclosureReport& each : page.document.disclosures) {
    // What came back was known to the server already: told apart, never added.
    ++(each.direction == Travel::received ? back : each.certainty == Certainty::verified ? verified : inferred);
    if (each.direction != Travel::sent || each.certainty != Certainty::verified) continue;
    // A router at home is nobody's company.
    if (each.recipient.local) {
      local = true;
    } else {
      hosts.insert(recipient_label(each.recipient, true));
    }
  }
  const MessageSum sum = message_sum(page.document, is_told);
  const auto contacted = std::count_if(page.document.recipients.begin(), page.document.recipients.end(),
                                       [](const ContactReport& each) { return !each.recipient.local; });
  std::string what = say.text("tile.verified");
  if (inferred) what += say.text("tile.inferred", {{"count", std::to_string(inferred)}});
  if (back) what += say.text("tile.back", {{"count", std::to_string(back)}});
  std::string html = "<ul class=\"tiles\">\n" + tile(std::to_string(verified), what);
  html += tile(std::to_string(sum.messages), say.text("tile.times"));
  html += tile(std::to_string(sum.clear),
               sum.unknown == 0 ? say.text("tile.clear")
                                : say.text("tile.clear-unknown", {{"count", std::to_string(sum.unknown)}}));
  html += tile(std::to_string(hosts.size()), say.text(local ? "tile.recipients-and-local" : "tile.recipients",
                                                      {{"count", std::to_string(contacted)}}));
  html += tile(readable_share(page.document.coverage.opaque_share(), say), say.text("tile.closed"));
  return html + "</ul>\n";
}

std::string recorded(const Page& page) {
  Time first, last;
  for (const CaptureReport& capture : page.document.captures) {
    if (capture.packets == 0) continue;
    if (first.ns == 0 || capture.first < first) first = capture.first;
    last = std::max(last, capture.last);
  }
  if (first.ns == 0) return {};
  const Clock clock(page.document, page.messages);
  return element("p", "kicker",
                 page.messages.text("page.recorded", {{"from", clock.minute(first)},
                                                      {"to", clock.minute(last)},
                                                      {"zone", clock.zone_and_ground()},
                                                      {"duration", readable_duration(first, last, page.messages)}}));
}

std::string notices(const Page& page) {
  const AuditDocument& document = page.document;
  const Messages& say = page.messages;
  std::string html;
  for (const std::string& warning : document.warnings)
    html += "<p class=\"notice\">" + said_html(say, warning) + "</p>";
  const CoverageReport& coverage = document.coverage;
  if (coverage.opaque_share() > 0 || coverage.raw_share() > 0 || coverage.missing_bytes > 0 ||
      coverage.left_out_bytes() > 0) {
    html += element("p", "notice", coverage_in_short(coverage, say) + " " + say.text("page.not-clean"));
  }
  if (!document.places.known) {
    html += "<p class=\"notice calm\">" + escape_html(say.text("page.places-unknown")) + " " +
            said_html(say, document.places.how) + "</p>";
  }
  return html + (page.reveal ? element("p", "notice", say.text("page.revealed"))
                             : "<p class=\"soft\">" + unbroken_options(escape_html(say.text("page.masked"))) + "</p>");
}

std::string header(const Page& page, const std::string& body) {
  const Messages& say = page.messages;
  std::string html = element("p", "kicker", say.text("page.kicker"));
  html += element("h1", "", names_of(page)) + recorded(page);
  const Lead lead = lead_of(page.document, page.json, page.reveal, say);
  if (!lead.sentence.empty()) html += element("p", "first", lead.sentence);
  if (!lead.note.empty()) html += element("p", "soft", lead.note);
  html += element("p", "lead", headline(page.document, say));
  html += tiles(page) + notices(page);
  if (!script_policy().empty()) {
    html += "<noscript>" + element("p", "soft", say.text("page.no-script")) + "</noscript>\n";
  }
  html += fmt::format("<nav class=\"contents\" aria-label=\"{}\">", escape_html(say.text("page.contents")));
  for (const char* section : {"matrix", "timeline", "answers", "disclosures", "links", "changes", "law", "recipients",
                              "coverage", "method"}) {
    if (body.find(fmt::format("<section id=\"{}\">", section)) == body.npos) continue;
    html += fmt::format("<a href=\"#{}\">{}</a>", section, escape_html(say.text(fmt::format("nav.{}", section))));
  }
  return html + "</nav>\n";
}

std::string head(const Page& page) {
  std::string html =
      fmt::format("<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n", page.messages.language());
  html += fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; {}style-src '{}'; base-uri 'none'; "
      "form-action 'none'\">\n",
      script_policy(), style_hash());
  html +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" "
      "content=\"no-referrer\">\n";
  html += element("title", "", page.messages.text("page.title", {{"subject", names_of(page)}})) + "\n";
  return html + fmt::format("<style>{}</style>\n</head>\n", kReportStyle);
}

}  // namespace

std::string page_html(const Page& page) {
  std::string body = matrix_section(page) + timeline_section(page) + answers_section(page) + disclosures_section(page);
  body += links_section(page) + changes_section(page) + law_section(page) + recipients_section(page);
  body += coverage_section(page) + method_section(page);
  std::string html = head(page) + "<body>\n<main>\n" + header(page, body) + body;
  html += fmt::format("<footer>{}</footer>\n</main>\n",
                      element("p", "", page.messages.text("page.footer", {{"version", page.document.version}})));
  return html + script_part(page) + "</body>\n</html>\n";
}

std::string to_html(const AuditDocument& document, bool reveal, const Messages& messages, const ReportRun* run) {
  const nlohmann::ordered_json json = to_json(document, reveal);
  return page_html({document, json, reveal, messages, run});
}

}  // namespace tattle
