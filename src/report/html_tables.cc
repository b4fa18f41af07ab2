#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/words.h"

namespace tattle {
namespace {

constexpr std::size_t kRows = 1000;

std::string cell(std::string_view label, std::string_view css, const std::string& html) {
  return fmt::format("<td data-label=\"{}\"{}>{}</td>", label, css.empty() ? "" : fmt::format(" class=\"{}\"", css),
                     html);
}

std::string ids_html(const ContactReport& contact) {
  std::string html;
  for (std::size_t i = 0; i < contact.disclosures.size() && i < 6; ++i) {
    html += fmt::format("{0}<a href=\"#{1}\">{1}</a>", i ? " " : "", contact.disclosures[i]);
  }
  if (contact.disclosures.size() > 6) html += fmt::format(" and {} more", contact.disclosures.size() - 6);
  if (!html.empty()) return html;
  const char* none = contact.opaque_bytes == 0
                         ? contact.raw_bytes == 0 ? "none seen" : "none seen in what was understood"
                     : contact.messages == 0 ? "nothing could be read"
                                             : "none seen in the part that could be read";
  return fmt::format("<span class=\"soft\">{}</span>", none);
}

std::string who(const RecipientReport& recipient) {
  if (recipient.local) return "local network";
  std::string text = recipient.organisation;
  if (!recipient.network.empty())
    text += (text.empty() ? "" : ", ") + fmt::format("hosted at {}, operator unknown", recipient.network);
  return text.empty() ? "not known" : text;
}

// Long names of hosts break after their dots, not within a word.
std::string breakable(const std::string& html) {
  std::string out;
  for (const char each : html) out += each == '.' ? std::string(".<wbr>") : std::string(1, each);
  return out;
}

std::string contact_row(const ContactReport& contact, bool reveal) {
  std::string roles;
  for (Role role : contact.roles) {
    if (role != Role::destination) roles += fmt::format(" ({})", to_string(role));
  }
  const double bytes = static_cast<double>(contact.sent_bytes + contact.received_bytes);
  const std::string closed = contact.opaque_bytes == 0 ? "nothing"
                             : bytes > 0
                                 ? readable_share(std::min(1.0, static_cast<double>(contact.opaque_bytes) / bytes))
                                 : "all";
  std::string html = "<tr>";
  html += cell("Host", "host", breakable(escape_html(recipient_label(contact.recipient, reveal) + roles)));
  html += cell("Run by", "", escape_html(who(contact.recipient)));
  html += cell("Registered in", "",
               contact.recipient.country.empty() ? "not known" : escape_html(country_name(contact.recipient.country)));
  // What went through a proxy's connection is counted there, and is not nothing.
  const bool behind = contact.recipient.addresses.empty() && bytes == 0 && contact.messages > 0;
  html += cell("Sent", "number", behind ? "by proxy" : readable_size(contact.sent_bytes));
  html += cell("Received", "number", behind ? "by proxy" : readable_size(contact.received_bytes));
  html += cell("Stayed closed", "number", closed);
  html += cell("Disclosures", "", ids_html(contact));
  return html + "</tr>\n";
}

std::string not_seen(const AuditDocument& document, bool reveal) {
  std::string html;
  for (std::size_t i = 0; i < document.subjects.size(); ++i) {
    std::set<std::string> seen;
    for (const DisclosureReport& each : document.disclosures) {
      if (each.subject == i) seen.insert(each.entry.clear);
    }
    std::string names;
    for (const SubjectReport::Entry& entry : document.subjects[i].entries) {
      if (!seen.contains(entry.name.clear)) names += (names.empty() ? "" : ", ") + escape_html(entry.name.text(reveal));
    }
    if (!names.empty()) html += "<p>Planted and not seen in what could be read: " + names + ".</p>\n";
  }
  return html;
}

}  // namespace

std::string recipients_section(const AuditDocument& document, bool reveal) {
  std::string html = "<section id=\"recipients\">\n<h2>Everyone the phone talked to</h2>\n";
  html +=
      element("p", "soft", "A country is where the address is registered, which need not be where the disk stands.");
  html +=
      "<table class=\"wide\"><thead><tr><th scope=\"col\">Host</th><th scope=\"col\">Run by</th><th "
      "scope=\"col\">Registered in</th>"
      "<th scope=\"col\" class=\"number\">Sent</th><th scope=\"col\" class=\"number\">Received</th><th scope=\"col\" "
      "class=\"number\">Stayed closed</th>"
      "<th scope=\"col\">Disclosures</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < document.recipients.size() && i < kRows; ++i)
    html += contact_row(document.recipients[i], reveal);
  html += "</tbody></table>\n";
  if (document.recipients.size() > kRows) {
    html += element("p", "notice", fmt::format("{} more are in audit.json.", document.recipients.size() - kRows));
  }
  for (const CoverageLine& line : document.coverage.lines) {
    if (line.fate != Fate::opaque || line.reason != "encrypted-tunnel") continue;
    html += element("p", "notice",
                    fmt::format("{} went through an encrypted tunnel: this list says where the tunnel ended, as far as "
                                "its packets show it, and not who stands behind it.",
                                readable_size(line.bytes)));
  }
  for (const std::string& attribution : document.places.attribution) html += element("p", "soft", attribution);
  return html + "</section>\n";
}

std::string coverage_section(const AuditDocument& document) {
  const CoverageReport& coverage = document.coverage;
  std::string html = "<section id=\"coverage\">\n<h2>What could be seen, and what could not</h2>\n";
  html += element(
      "p", "",
      fmt::format("{} in {} and {} were captured; {} of the phone were read.", readable_size(coverage.bytes),
                  counted_units(coverage), counted(coverage.flows, "flow"), counted(coverage.messages, "message")));
  const double total = static_cast<double>(std::max<std::uint64_t>(coverage.bytes, 1));
  constexpr std::pair<Fate, const char*> kFates[] = {{Fate::read, "read"},
                                                     {Fate::searched_raw, "searched as it is"},
                                                     {Fate::opaque, "encrypted, closed"},
                                                     {Fate::other_device, "other devices"},
                                                     {Fate::unread, "not read"},
                                                     {Fate::framing, "headers and handshakes"}};
  // No style attributes under the policy: widths are drawn.
  std::string bar, legend;
  double x = 0;
  constexpr const char* kFill[] = {"#3f8f6b", "#9ecfb5", "#333c4a", "#c9cfd8", "#e3b23c", "#eceff3"};
  for (std::size_t i = 0; i < std::size(kFates); ++i) {
    const auto [fate, label] = kFates[i];
    const double share = static_cast<double>(coverage.bytes_of(fate)) / total;
    if (share <= 0) continue;
    bar +=
        fmt::format("<rect x=\"{:.2f}\" y=\"0\" width=\"{:.2f}\" height=\"24\" fill=\"{}\"><title>{} {}</title></rect>",
                    x * 1000, share * 1000, kFill[i], label, readable_share(share));
    x += share;
    legend += fmt::format("<li><span class=\"swatch fate-{}\"></span>{} {}</li>", to_string(fate), label,
                          readable_share(share));
  }
  html += fmt::format(
      "<svg viewBox=\"0 0 1000 24\" width=\"100%\" height=\"24\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"Shares of the captured bytes\">{}</svg><ul class=\"legend\">{}</ul>\n<ul class=\"plain\">",
      bar, legend);
  for (const std::string& sentence : coverage_sentences(coverage)) html += element("li", "", sentence);
  html += "</ul>\n<h3>What this place in the network cannot show at all</h3>\n<ul class=\"plain\">";
  for (const std::string& sentence : blind_spots()) html += element("li", "", sentence);
  return html + "</ul>\n</section>\n";
}

std::string method_section(const AuditDocument& document, bool reveal) {
  std::string html = "<section id=\"method\">\n<h2>Method</h2>\n";
  for (const SubjectReport& subject : document.subjects) {
    std::string addresses;
    for (const Shown& address : subject.addresses)
      addresses += (addresses.empty() ? "" : ", ") + escape_html(address.text(reveal));
    html +=
        fmt::format("<h3>Test person and phone: {}</h3><dl class=\"facts\">", escape_html(subject.name.text(reveal)));
    auto fact = [&](const char* name, const std::string& text) {
      if (!text.empty()) html += fmt::format("<dt>{}</dt><dd>{}</dd>", name, text);
    };
    fact("Phone", escape_html(fmt::format("{} {}", subject.maker, subject.model)));
    fact("System",
         escape_html(subject.system + (subject.system_vendor.empty() ? "" : ", by " + subject.system_vendor)));
    fact("On the network", addresses);
    fact("Known by", escape_html(subject.ground));
    fact("Values planted", std::to_string(subject.entries.size()));
    html += "</dl>";
    for (const std::string& warning : subject.warnings) html += element("p", "notice calm", warning);
  }
  html += not_seen(document, reveal);
  html += "<h3>Captures</h3>\n";
  for (const CaptureReport& capture : document.captures) {
    html += fmt::format(
        "<dl class=\"facts\"><dt>File</dt><dd class=\"mono\">{}</dd><dt>SHA-256</dt><dd class=\"mono\">{}</dd>"
        "<dt>Size</dt><dd>{}, {}, {}{}</dd></dl>\n",
        escape_html(capture.name), capture.sha256, readable_size(capture.bytes),
        counted(capture.packets, capture.entries ? "entry" : "packet", capture.entries ? "entries" : "packets"),
        escape_html(capture.format), capture.cut ? "; cut short, what was whole was read" : "");
  }
  if (!document.anomalies.empty()) {
    html += "<h3>Oddities of the input</h3>\n<details><summary>" + counted(document.anomalies.size(), "kind") +
            " counted, none of them fatal</summary><table class=\"wide\"><thead><tr><th scope=\"col\">Name</th><th "
            "scope=\"col\">Meaning</th>"
            "<th scope=\"col\" class=\"number\">Times</th><th scope=\"col\" class=\"number\">First "
            "met</th></tr></thead><tbody>\n";
    for (const AnomalyReport& each : document.anomalies) {
      html +=
          "<tr>" + cell("Name", "mono", escape_html(each.name)) +
          cell("Meaning", "", escape_html(anomaly_meaning(each.name))) +
          cell("Times", "number", std::to_string(each.count)) +
          cell("First met", "number", fmt::format("{} {}", document.unit_of(each.first.capture), each.first.number)) +
          "</tr>\n";
    }
    html += "</tbody></table></details>\n";
  }
  return html + "</section>\n";
}

}  // namespace tattle
