#include "report/html.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <set>

#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/utf8.h"
#include "report/words.h"

namespace tattle {

extern const std::string_view kReportStyle;  // web/report.css, embedded

namespace {

std::string style_hash() {
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(kReportStyle.data(), kReportStyle.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return "sha256-" + to_base64(digest);
}

std::string title_of(const AuditDocument& document, bool reveal) {
  std::string names;
  for (const SubjectReport& subject : document.subjects) {
    if (!names.empty()) names += ", ";
    names += subject.name.text(reveal);
  }
  return names.empty() ? "What the phone told" : names;
}

std::string tile(const std::string& number, const std::string& text) {
  return fmt::format("<li><strong>{}</strong><span>{}</span></li>\n", escape_html(number), escape_html(text));
}

std::string tiles(const AuditDocument& document) {
  std::uint64_t verified = 0, inferred = 0, back = 0, sent = 0, clear = 0, unknown = 0;
  std::set<std::string> hosts;
  for (const DisclosureReport& each : document.disclosures) {
    // What came back was known to the server already: told apart, never added.
    ++(each.direction == Travel::received ? back : each.certainty == Certainty::verified ? verified : inferred);
    if (each.direction != Travel::sent || each.certainty != Certainty::verified) continue;
    sent += each.count;
    if (each.transport == Protection::clear) clear += each.count;
    if (each.transport == Protection::unknown) unknown += each.count;
    hosts.insert(recipient_label(each.recipient, true));
  }
  std::string html = "<ul class=\"tiles\">\n";
  std::string what = "verified disclosures";
  if (inferred) what += fmt::format(", and {} inferred", inferred);
  if (back) what += fmt::format("; {} came back", back);
  html += tile(std::to_string(verified), what);
  html += tile(std::to_string(sent), "times a planted value left the phone");
  html += tile(std::to_string(clear), unknown == 0
                                          ? std::string("of these without encryption")
                                          : fmt::format("of these without encryption; of {} it is not known", unknown));
  html += tile(std::to_string(hosts.size()),
               fmt::format("recipients of planted values, of {} contacted", document.recipients.size()));
  html += tile(readable_share(document.coverage.opaque_share()), "of the phone's traffic stayed closed");
  return html + "</ul>\n";
}

std::string header(const AuditDocument& document, bool reveal) {
  std::string html = element("p", "kicker", "Tattle: what a phone tells about its owner, to whom, and the proof");
  html += element("h1", "", title_of(document, reveal));
  Time first, last;
  for (const CaptureReport& capture : document.captures) {
    if (capture.packets == 0) continue;
    if (first.ns == 0 || capture.first < first) first = capture.first;
    last = std::max(last, capture.last);
  }
  if (first.ns != 0) {
    html += element("p", "kicker",
                    fmt::format("Recorded {} to {} UTC, {}", to_rfc3339(first).substr(0, 16).replace(10, 1, " "),
                                to_rfc3339(last).substr(0, 16).replace(10, 1, " "), readable_duration(first, last)));
  }
  html += element("p", "lead", headline(document));
  html += tiles(document);
  for (const std::string& warning : document.warnings) html += element("p", "notice", warning);
  const CoverageReport& coverage = document.coverage;
  if (coverage.opaque_share() > 0 || coverage.raw_share() > 0 || coverage.missing_bytes > 0 ||
      coverage.left_out_bytes() > 0) {
    html += element("p", "notice",
                    coverage_in_short(coverage) + " What that held is unknown; this report does not call it clean.");
  }
  if (!document.places.known) {
    html += element("p", "notice calm",
                    "Countries and network holders are unknown or incomplete in this report. " + document.places.how);
  }
  html += reveal ? element("p", "notice", "This copy shows the planted values. Keep it as private as they are.")
                 : element("p", "soft", "Planted values are masked; the option --reveal shows them.");
  html +=
      "<nav class=\"contents\" aria-label=\"Contents\"><a href=\"#matrix\">Who got what</a><a "
      "href=\"#timeline\">When</a>"
      "<a href=\"#disclosures\">Each disclosure</a><a href=\"#recipients\">Recipients</a><a href=\"#coverage\">What "
      "could "
      "be seen</a><a href=\"#method\">Method</a></nav>\n";
  return html;
}

}  // namespace

std::string to_html(const AuditDocument& document, bool reveal) {
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; base-uri 'none'; "
      "form-action 'none'\">\n",
      style_hash());
  html +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" "
      "content=\"no-referrer\">\n";
  html += element("title", "", title_of(document, reveal) + ": what the phone told") + "\n";
  html += fmt::format("<style>{}</style>\n</head>\n<body>\n<main>\n", kReportStyle);
  html += header(document, reveal);
  html += matrix_section(document, reveal);
  html += timeline_section(document, reveal);
  html += disclosures_section(document, reveal);
  html += recipients_section(document, reveal);
  html += coverage_section(document);
  html += method_section(document, reveal);
  html += fmt::format("<footer>{}</footer>\n</main>\n</body>\n</html>\n",
                      element("p", "",
                              fmt::format("Made by Tattle {}. A disclosure is a fact about traffic: that a value "
                                          "travelled to a recipient. Why, and whether that was lawful, no capture "
                                          "can show.",
                                          document.version)));
  return html;
}

}  // namespace tattle
