#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/words.h"

namespace tattle {
namespace {

constexpr std::size_t kCards = 2000;  // more would make a page that no browser opens gladly

std::string where(const RecipientReport& recipient) {
  std::string text;
  if (!recipient.country.empty()) text = country_name(recipient.country);
  if (recipient.local) text = "local network";
  return text;
}

std::string sentence(const DisclosureReport& each, bool reveal) {
  const std::string host = recipient_label(each.recipient, reveal);
  std::string as;
  if (each.form != "plain") as = fmt::format(" ({})", form_label(each.form));
  const char* role = each.role == Role::proxy ? "the proxy " : each.role == Role::resolver ? "the name resolver " : "";
  const std::string place = where(each.recipient);
  if (each.direction == Travel::received) {
    return fmt::format("{}{} came back from {}{}{}", datum_label(each.datum), as, role, host,
                       place.empty() ? "" : fmt::format(", {}", place));
  }
  return fmt::format("{}{} sent to {}{}{}", datum_label(each.datum), as, role, host,
                     place.empty() ? "" : fmt::format(", {}", place));
}

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string chance_text(double chance) {
  if (chance < 1e-12) return "less than one in a trillion";
  if (chance < 1e-3) return fmt::format("about one in {:.0f}", 1 / chance);
  return fmt::format("{:.2g} accidental matches to be expected", chance);
}

std::string runs_text(const PacketRuns& runs) {
  std::string text;
  for (std::size_t i = 0; i < runs.size() && i < 4; ++i) {
    if (i) text += ", ";
    text += runs[i].first == runs[i].last ? fmt::format("{}", runs[i].first)
                                          : fmt::format("{}-{}", runs[i].first, runs[i].last);
  }
  return runs.size() > 4 ? text + ", \u2026" : text;
}

// A display filter that shows these packets in Wireshark.
std::string display_filter(const PacketRuns& runs) {
  std::string text = "frame.number in {";
  for (std::size_t i = 0; i < runs.size() && i < 8; ++i) {
    if (i) text += ", ";
    text += runs[i].first == runs[i].last ? fmt::format("{}", runs[i].first)
                                          : fmt::format("{}..{}", runs[i].first, runs[i].last);
  }
  return text + "}";
}

std::string path_html(const DisclosureReport& each, bool reveal) {
  if (each.path.empty()) return element("p", "soft", "In the bytes as they travelled, not wrapped in anything known.");
  std::string html = "<ol class=\"path\" aria-label=\"How the value was wrapped, outermost first\">";
  for (const PathReport& step : each.path) {
    html += fmt::format("<li><b>{}</b>{}</li>", escape_html(step.step),
                        step.detail.empty() ? "" : " <code>" + escape_html(step.detail.text(reveal)) + "</code>");
  }
  // What stands in neither target nor header is the body; a reader should not have to know that.
  if (each.path.back().step.starts_with("http/")) html += "<li><b>body</b></li>";
  return html + "</ol>";
}

// `key with 'lat'` is short for the machine; a reader wants a sentence.
std::string ground_text(const std::string& corroboration) {
  constexpr std::string_view kKey = "key with ";
  if (!corroboration.starts_with(kKey)) return corroboration;
  return "the name of the field that holds it contains " + corroboration.substr(kKey.size());
}

std::string fact(std::string_view name, const std::string& html) {
  return html.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", name, html);
}

std::string evidence_html(const AuditDocument& document, const DisclosureReport& each) {
  std::string html;
  bool filters = false;
  for (const Evidence& evidence : each.evidence) {
    const std::string capture =
        evidence.capture < document.captures.size() ? document.captures[evidence.capture].name : std::string();
    const bool one = evidence.packets.size() == 1 && evidence.packets[0].first == evidence.packets[0].last;
    const bool entry = document.unit_of(evidence.capture) == std::string_view("entry");
    html += fmt::format("<li>{} UTC, {} {} of {}, message {} of flow {}", to_rfc3339(evidence.time).substr(11, 12),
                        entry ? (one ? "entry" : "entries") : (one ? "packet" : "packets"), runs_text(evidence.packets),
                        escape_html(capture), evidence.message, evidence.flow);
    // Entries of an import are no packets that Wireshark could show.
    if (!entry) html += fmt::format(": <code>{}</code>", escape_html(display_filter(evidence.packets)));
    html += "</li>";
    filters |= !entry;
  }
  const char* which = each.count > each.evidence.size() ? "The first and the last occurrences" : "Every occurrence";
  return fmt::format("<details><summary>{}{}</summary><ul class=\"plain\">{}</ul></details>", which,
                     filters ? ", with a filter for Wireshark" : "", html);
}

std::string recipient_facts(const AuditDocument& document, const DisclosureReport& each) {
  const RecipientReport& recipient = each.recipient;
  const bool imported =
      !each.evidence.empty() && std::all_of(each.evidence.begin(), each.evidence.end(), [&](const Evidence& evidence) {
        return evidence.capture < document.captures.size() && document.captures[evidence.capture].entries;
      });
  std::string addresses;
  for (std::size_t i = 0; i < recipient.addresses.size() && i < 4; ++i) {
    addresses += (i ? ", " : "") + recipient.addresses[i];
  }
  std::string text = !addresses.empty() ? "at " + addresses
                     : imported         ? "address not recorded"
                                        : "address not seen: reached through a proxy";
  if (!recipient.organisation.empty()) text += fmt::format("; a host name of {}", recipient.organisation);
  if (!recipient.network.empty()) {
    text += recipient.local ? "; on the local network"
            : recipient.operated_by.empty()
                ? fmt::format("; hosted at {}, operator unknown", recipient.network)
                : fmt::format("; operated by {}, hosted at {}", recipient.operated_by, recipient.network);
  }
  if (!recipient.country.empty()) text += fmt::format("; address registered in {}", country_name(recipient.country));
  return escape_html(text);
}

std::string card(const AuditDocument& document, const DisclosureReport& each, bool reveal) {
  const bool clear = each.transport == Protection::clear, verified = each.certainty == Certainty::verified;
  std::string html = fmt::format("<article class=\"card{}{}\" id=\"{}\">\n<h3><span class=\"id\">{}</span>{}</h3>\n",
                                 clear ? " clear" : "", verified ? "" : " inferred", each.id, each.id,
                                 escape_html(capitalized(sentence(each, reveal))));
  html += fmt::format("<ul class=\"tags\"><li>{}</li><li class=\"{}\">{}</li><li>{}</li></ul>\n",
                      verified ? "verified" : "inferred from its shape",
                      clear                                   ? "clear"
                      : each.transport == Protection::unknown ? "unknown"
                                                              : "closed",
                      protection_label(each.transport), counted(each.count, "time"));
  html += path_html(each, reveal);
  html += "<dl class=\"facts\">";
  if (document.subjects.size() > 1 && each.subject < document.subjects.size()) {
    html += fact("Test person and phone", escape_html(document.subjects[each.subject].name.text(reveal)));
  }
  if (!each.entry.empty()) html += fact("Planted as", escape_html(each.entry.text(reveal)));
  html += fact("Value met", "<code>" + escape_html(each.value.text(reveal)) + "</code>");
  html += fact("Recipient", recipient_facts(document, each));
  std::string software = each.sender.name.empty() ? each.sender.kind : each.sender.name.text(reveal);
  if (!each.sender.ground.empty()) software += " (" + each.sender.ground.text(reveal) + ")";
  html += fact("Sent by (software)", each.direction == Travel::sent ? escape_html(software) : "");
  html += fact("Chance of an accident", escape_html(verified || !each.entry.empty() ? chance_text(each.chance) : ""));
  if (!each.corroboration.empty())
    html += fact("What speaks for it", escape_html(ground_text(each.corroboration.text(reveal))));
  html += "</dl>";
  return html + evidence_html(document, each) + "</article>\n";
}

std::string group(const AuditDocument& document, bool reveal, const char* title, const char* note, Certainty certainty,
                  Travel direction) {
  std::string cards;
  std::size_t shown = 0, all = 0;
  for (const DisclosureReport& each : document.disclosures) {
    if (each.certainty != certainty || each.direction != direction) continue;
    if (++all > kCards) continue;
    ++shown;
    cards += card(document, each, reveal);
  }
  if (all == 0) return {};
  std::string html = element("h3", "", fmt::format("{} ({})", title, all)) + element("p", "soft", note) + cards;
  if (all > shown) html += element("p", "notice", fmt::format("{} more are in audit.json.", all - shown));
  return html;
}

}  // namespace

std::string disclosures_section(const AuditDocument& document, bool reveal) {
  std::string html = "<section id=\"disclosures\">\n<h2>Each disclosure, gravest first</h2>\n";
  html += group(document, reveal, "Verified: sent by the phone",
                "A planted value was met in a form and number that chance does not explain.", Certainty::verified,
                Travel::sent);
  html += group(document, reveal, "Verified: came back to the phone",
                "A server sent a planted value to the phone: it had it. Never added to the counts above.",
                Certainty::verified, Travel::received);
  html += group(document, reveal, "Inferred: sent by the phone",
                "Not planted: the shape and the name beside it suggest private data. Look before you quote it.",
                Certainty::inferred, Travel::sent);
  html += group(document, reveal, "Inferred: came back to the phone", "As above, in answers.", Certainty::inferred,
                Travel::received);
  if (document.disclosures.empty()) html += element("p", "", "None in what could be read.");
  return html + "</section>\n";
}

}  // namespace tattle
