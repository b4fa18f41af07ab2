#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/clock.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kAddresses = 4;
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

// Steps that are plain words have one in every language; the rest are names of formats.
std::string step_name(const std::string& step, const Messages& say) {
  const std::string key = "step." + step;
  return say.has(key) ? say.text(key) : step;
}

std::string path_html(const DisclosureReport& each, const Page& page) {
  const Messages& say = page.messages;
  if (each.path.empty()) return element("p", "soft", say.text("card.path.none"));
  std::string html = fmt::format("<ol class=\"path\" aria-label=\"{}\">", escape_html(say.text("card.path")));
  for (const PathReport& step : each.path) {
    html += fmt::format("<li><b>{}</b>{}</li>", escape_html(step_name(step.step, page.messages)),
                        step.detail.empty() ? "" : " <code>" + escape_html(step.detail.text(page.reveal)) + "</code>");
  }
  // What stands in neither target nor header is the body; a reader should not have to know that.
  if (each.path.back().step.starts_with("http/")) {
    html += fmt::format("<li><b>{}</b></li>", escape_html(say.text("card.path.body")));
  }
  return html + "</ol>";
}

// What the name of the host rests on, and what must be said beside it.
std::string name_facts(const RecipientReport& recipient, const Messages& say) {
  std::string html;
  if (recipient.host_ground != HostGround::none) {
    const std::string key = fmt::format("card.host-ground.{}", to_string(recipient.host_ground));
    if (say.has(key)) html += "; " + escape_html(say.text(key));
  }
  if (!recipient.hosted_by.empty()) {
    html += "; " + escape_html(say.text("card.hosted-by", {{"organisation", recipient.hosted_by}}));
  }
  if (recipient.anycast) {
    html += "; " + escape_html(say.text("card.anycast"));
    if (!recipient.anycast_ground.empty()) {
      html += " <span class=\"soft\">(" + said_html(say, recipient.anycast_ground) + ")</span>";
    }
  }
  if (!recipient.note.empty()) html += "; " + said_html(say, recipient.note);
  return html;
}

std::string several(const std::vector<std::string>& names, const std::string& one) {
  return names.empty() ? one : fmt::format("{}", fmt::join(names, ", "));
}

std::string address_text(const DisclosureReport& each, const Page& page) {
  const AuditDocument& document = page.document;
  const std::vector<std::string>& all = each.recipient.addresses;
  if (!all.empty()) {
    return page.messages.text(
        "card.at",
        {{"addresses", fmt::format("{}{}", fmt::join(all.begin(), all.begin() + std::min(all.size(), kAddresses), ", "),
                                   all.size() > kAddresses ? ", \u2026" : "")}});
  }
  const bool imported =
      !each.evidence.empty() && std::all_of(each.evidence.begin(), each.evidence.end(), [&](const Evidence& evidence) {
        return evidence.capture < document.captures.size() && document.captures[evidence.capture].entries;
      });
  return page.messages.text(imported ? "card.address-not-recorded" : "card.address-behind-proxy");
}

std::string recipient_facts(const DisclosureReport& each, const Json& json, const Page& page) {
  const Messages& say = page.messages;
  const RecipientReport& recipient = each.recipient;
  std::string html = escape_html(address_text(each, page));
  if (!recipient.organisation.empty()) {
    html += "; " + escape_html(say.text("card.organisation", {{"organisation", recipient.organisation}})) +
            source_html(member(json, "recipient"), "organisation-");
  }
  if (const std::string network = several(recipient.networks, recipient.network); !network.empty()) {
    html +=
        "; " + escape_html(recipient.local ? say.text("card.local")
                                           : say.text(recipient.operated_by.empty() ? "card.hosted" : "card.operated",
                                                      {{"operator", recipient.operated_by}, {"network", network}}));
  }
  std::vector<std::string> countries;
  for (const std::string& code : recipient.countries) countries.push_back(country_name(code, say));
  if (!recipient.country.empty()) countries = {country_name(recipient.country, say)};
  if (!countries.empty()) {
    html += "; " + escape_html(say.text("card.registered", {{"country", several(countries, "")}})) +
            source_html(member(json, "recipient"), "country-");
  }
  return html + name_facts(recipient, say);
}

std::string seen(const DisclosureReport& each, const Page& page) {
  const Messages& say = page.messages;
  const Clock clock(page.document, say);
  // To the second, as it is shown: two in one second are no stretch of time.
  const std::string first = clock.second(each.first), last = clock.second(each.last);
  return say.text(
      first == last ? "card.times.at" : "card.times.between",
      {{"times", say.counted("count.times", each.count)}, {"first", first}, {"last", last}, {"zone", clock.zone()}});
}

std::string sender_html(const DisclosureReport& each, const Page& page) {
  if (each.direction != Travel::sent) return {};
  std::string html = escape_html(page.messages.word("sender", each.sender.kind));
  if (!each.sender.name.empty()) html += ": " + escape_html(each.sender.name.text(page.reveal));
  if (each.sender.ground.empty()) return html;
  return html + " <span class=\"soft\">(" + said_html(page.messages, each.sender.ground.text(page.reveal)) + ")</span>";
}

// `key with 'lat'` is short for the machine; a reader wants a sentence, in English too.
std::string ground_html(const std::string& corroboration, const Messages& say) {
  constexpr std::string_view kKey = "key with ";
  if (!corroboration.starts_with(kKey)) return said_html(say, corroboration);
  return escape_html(say.text("card.ground.key", {{"word", corroboration.substr(kKey.size())}}));
}

std::string facts(const DisclosureReport& each, const nlohmann::ordered_json& json, const Page& page) {
  const AuditDocument& document = page.document;
  const Messages& say = page.messages;
  std::string html = "<dl class=\"facts\">";
  if (document.subjects.size() > 1 && each.subject < document.subjects.size()) {
    html += fact_row(say, "card.subject", escape_html(document.subjects[each.subject].name.text(page.reveal)));
  }
  if (!each.entry.empty())
    html +=
        fact_row(say, "card.entry", escape_html(entry_label(document, each.entry.text(page.reveal), each.datum, say)));
  html += fact_row(say, "card.value", "<code>" + escape_html(each.value.text(page.reveal)) + "</code>");
  html += fact_row(say, "card.times", escape_html(seen(each, page)));
  html += cause_facts(page, json) + fact_row(say, "card.recipient", recipient_facts(each, json, page));
  html += recipient_more(page, json) + fact_row(say, "card.sender", sender_html(each, page));
  html += fingerprint_fact(page, json);
  if (each.certainty == Certainty::verified || !each.entry.empty()) {
    html += fact_row(say, "card.chance", escape_html(chance_text(each.chance, say)));
  }
  html += fact_row(say, "card.ground", ground_html(each.corroboration.text(page.reveal), say));
  return html + last_facts(page, json) + "</dl>";
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
                      escape_html(transport_label(each, say)), escape_html(say.counted("count.times", each.count)));
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
  if (all > 0) html += element("p", "soft only-print", say.text("disclosures.wireshark"));
  for (const Certainty certainty : {Certainty::verified, Certainty::inferred}) {
    for (const Travel direction : {Travel::sent, Travel::received}) html += group(page, certainty, direction);
  }
  if (all == 0) html += element("p", "", say.text("disclosures.none"));
  return html + "</section>\n";
}

}  // namespace tattle
