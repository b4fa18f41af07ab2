#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/words.h"

namespace tattle {
namespace {

constexpr std::size_t kCards = 500;  // of all groups together; more would make a page that no browser opens gladly

std::string where(const RecipientReport& recipient, const Messages& say) {
  if (recipient.local) return say.text("place.local");
  return recipient.country.empty() ? std::string() : country_name(recipient.country, say);
}

std::string sentence(const DisclosureReport& each, const Page& page) {
  const Messages& say = page.messages;
  const std::string place = where(each.recipient, say);
  return say.text(
      each.direction == Travel::received ? "card.received" : "card.sent",
      {{"datum", datum_label(each.datum, say)},
       {"form", each.form == "plain" ? "" : say.text("card.form", {{"form", form_label(each.form, say)}})},
       {"role", each.role == Role::destination ? "" : say.text(fmt::format("card.role.{}", to_string(each.role)))},
       {"host", recipient_label(each.recipient, page.reveal, say)},
       {"place", place.empty() ? "" : say.text("card.place", {{"place", place}})}});
}

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string chance_text(double chance, const Messages& say) {
  if (chance < 1e-12) return say.text("card.chance.tiny");
  if (chance < 1e-3) return say.text("card.chance.one-in", {{"count", say.grouped(1 / chance)}});
  return say.text("card.chance.expected", {{"count", fmt::format("{:.2g}", chance)}});
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

std::string path_html(const DisclosureReport& each, const Page& page) {
  const Messages& say = page.messages;
  if (each.path.empty()) return element("p", "soft", say.text("card.path.none"));
  std::string html = fmt::format("<ol class=\"path\" aria-label=\"{}\">", escape_html(say.text("card.path")));
  for (const PathReport& step : each.path) {
    html += fmt::format("<li><b>{}</b>{}</li>", escape_html(step.step),
                        step.detail.empty() ? "" : " <code>" + escape_html(step.detail.text(page.reveal)) + "</code>");
  }
  // What stands in neither target nor header is the body; a reader should not have to know that.
  if (each.path.back().step.starts_with("http/")) {
    html += fmt::format("<li><b>{}</b></li>", escape_html(say.text("card.path.body")));
  }
  return html + "</ol>";
}

// `key with 'lat'` is short for the machine; a reader wants a sentence.
std::string ground_text(const std::string& corroboration, const Messages& say) {
  constexpr std::string_view kKey = "key with ";
  if (!corroboration.starts_with(kKey)) return corroboration;
  return say.text("card.ground.key", {{"word", corroboration.substr(kKey.size())}});
}

std::string fact(const Messages& say, const char* term, const std::string& html) {
  return html.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(say.text(term)), html);
}

std::string occurrence(const Evidence& evidence, const Page& page) {
  const AuditDocument& document = page.document;
  const bool one = evidence.packets.size() == 1 && evidence.packets[0].first == evidence.packets[0].last;
  const bool entry = document.unit_of(evidence.capture) == std::string_view("entry");
  const char* unit = entry ? (one ? "card.occurrence.entry" : "card.occurrence.entries")
                           : (one ? "card.occurrence.packet" : "card.occurrence.packets");
  std::string html =
      "<li>" +
      escape_html(page.messages.text(
          "card.occurrence",
          {{"time", to_rfc3339(evidence.time).substr(11, 12)},
           {"packets", page.messages.text(unit, {{"runs", runs_text(evidence.packets)}})},
           {"capture", evidence.capture < document.captures.size() ? document.captures[evidence.capture].name : ""},
           {"message", std::to_string(evidence.message)},
           {"flow", std::to_string(evidence.flow)}}));
  // Entries of an import are no packets that Wireshark could show.
  if (!entry) html += fmt::format(": <code>{}</code>", escape_html(display_filter(evidence.packets)));
  return html + "</li>";
}

std::string evidence_html(const DisclosureReport& each, const Page& page) {
  const Messages& say = page.messages;
  std::string html;
  bool filters = false;
  for (const Evidence& evidence : each.evidence) {
    html += occurrence(evidence, page);
    filters |= page.document.unit_of(evidence.capture) != std::string_view("entry");
  }
  std::string which =
      say.text(each.count > each.evidence.size() ? "card.occurrences.first-and-last" : "card.occurrences.every");
  if (filters) which += say.text("card.occurrences.filter");
  return fmt::format("<details><summary>{}</summary><ul class=\"plain\">{}</ul></details>", escape_html(which), html);
}

std::string recipient_facts(const DisclosureReport& each, const Page& page) {
  const AuditDocument& document = page.document;
  const Messages& say = page.messages;
  const RecipientReport& recipient = each.recipient;
  const bool imported =
      !each.evidence.empty() && std::all_of(each.evidence.begin(), each.evidence.end(), [&](const Evidence& evidence) {
        return evidence.capture < document.captures.size() && document.captures[evidence.capture].entries;
      });
  std::string addresses;
  for (std::size_t i = 0; i < recipient.addresses.size() && i < 4; ++i) {
    addresses += (i ? ", " : "") + recipient.addresses[i];
  }
  std::string text = !addresses.empty() ? say.text("card.at", {{"addresses", addresses}})
                     : imported         ? say.text("card.address-not-recorded")
                                        : say.text("card.address-behind-proxy");
  if (!recipient.organisation.empty()) {
    text += "; " + say.text("card.organisation", {{"organisation", recipient.organisation}});
  }
  if (!recipient.network.empty()) {
    text += "; " + (recipient.local ? say.text("card.local")
                                    : say.text(recipient.operated_by.empty() ? "card.hosted" : "card.operated",
                                               {{"operator", recipient.operated_by}, {"network", recipient.network}}));
  }
  if (!recipient.country.empty()) {
    text += "; " + say.text("card.registered", {{"country", country_name(recipient.country, say)}});
  }
  if (recipient.anycast) text += "; " + say.text("card.anycast");
  return escape_html(text);
}

std::string facts(const DisclosureReport& each, const nlohmann::ordered_json& json, const Page& page) {
  const AuditDocument& document = page.document;
  const Messages& say = page.messages;
  std::string html = "<dl class=\"facts\">";
  if (document.subjects.size() > 1 && each.subject < document.subjects.size()) {
    html += fact(say, "card.subject", escape_html(document.subjects[each.subject].name.text(page.reveal)));
  }
  if (!each.entry.empty()) html += fact(say, "card.entry", escape_html(each.entry.text(page.reveal)));
  html += fact(say, "card.value", "<code>" + escape_html(each.value.text(page.reveal)) + "</code>");
  html += fact(say, "card.recipient", recipient_facts(each, page));
  std::string software =
      escape_html(each.sender.name.empty() ? say.word("sender", each.sender.kind) : each.sender.name.text(page.reveal));
  if (!each.sender.ground.empty()) {
    software += fmt::format(" (<span lang=\"en\">{}</span>)", escape_html(each.sender.ground.text(page.reveal)));
  }
  html += fact(say, "card.sender", each.direction == Travel::sent ? software : "");
  html += more_facts(page, json);
  if (each.certainty == Certainty::verified || !each.entry.empty()) {
    html += fact(say, "card.chance", escape_html(chance_text(each.chance, say)));
  }
  if (!each.corroboration.empty()) {
    html += fact(say, "card.ground", escape_html(ground_text(each.corroboration.text(page.reveal), say)));
  }
  return html + "</dl>";
}

std::string card(const DisclosureReport& each, const nlohmann::ordered_json& json, const Page& page) {
  const Messages& say = page.messages;
  const bool clear = each.transport == Protection::clear, verified = each.certainty == Certainty::verified;
  std::string html = fmt::format("<article class=\"card{}{}\" id=\"{}\">\n<h4><span class=\"id\">{}</span>{}</h4>\n",
                                 clear ? " clear" : "", verified ? "" : " inferred", each.id, each.id,
                                 escape_html(capitalized(sentence(each, page))));
  html += fmt::format("<ul class=\"tags\"><li>{}</li><li class=\"{}\">{}</li><li>{}</li></ul>\n",
                      escape_html(say.word("certainty", to_string(each.certainty))),
                      clear                                   ? "clear"
                      : each.transport == Protection::unknown ? "unknown"
                                                              : "closed",
                      escape_html(protection_label(each.transport, say)),
                      escape_html(say.counted("count.times", each.count)));
  html += path_html(each, page) + facts(each, json, page);
  return html + evidence_html(each, page) + "</article>\n";
}

std::string group(const Page& page, Certainty certainty, Travel direction) {
  const AuditDocument& document = page.document;
  std::string cards;
  std::size_t all = 0;
  for (std::size_t i = 0; i < document.disclosures.size(); ++i) {
    const DisclosureReport& each = document.disclosures[i];
    if (each.certainty != certainty || each.direction != direction) continue;
    ++all;
    if (i < kCards) cards += card(each, page.json["disclosures"][i], page);
  }
  if (all == 0) return {};
  const std::string key = fmt::format("disclosures.group.{}.{}", to_string(certainty), to_string(direction));
  return element("h3", "", fmt::format("{} ({})", page.messages.text(key), all)) +
         element("p", "soft", page.messages.text(key + ".note")) + cards;
}

}  // namespace

std::string disclosures_section(const Page& page) {
  const Messages& say = page.messages;
  const std::size_t all = page.document.disclosures.size();
  std::string html = "<section id=\"disclosures\">\n" + element("h2", "", say.text("disclosures.title")) + "\n";
  if (all > kCards) {
    html += element("p", "notice calm",
                    say.text("disclosures.bounded", {{"shown", std::to_string(kCards)}, {"all", std::to_string(all)}}));
  }
  for (const Certainty certainty : {Certainty::verified, Certainty::inferred}) {
    for (const Travel direction : {Travel::sent, Travel::received}) html += group(page, certainty, direction);
  }
  if (all == 0) html += element("p", "", say.text("disclosures.none"));
  return html + "</section>\n";
}

}  // namespace tattle
