#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "assess/message_sums.h"
#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

// Facts beside each other, each with its source; what follows from them is for a lawyer.

std::string item(const std::string& what, const Json& fact = {}, const std::string& prefix = {}) {
  return "<li>" + escape_html(what) + source_html(fact, prefix) + "</li>";
}

// One day, or from the first to the last.
std::string day_in(const Json& law) {
  const std::string day = text_in(law, "day"), last = text_in(law, "last-day");
  return last.empty() ? day : day + " \u2013 " + last;
}

std::string country_in(const Messages& say, const Json& object, const char* name) {
  const std::string code = text_in(object, name);
  return code.empty() ? say.text("place.unknown") : say.country(code);
}

std::string entity(const Messages& say, const Json& law, const char* who) {
  const Json& fact = member(law, who);
  if (!fact.is_object()) {
    const bool day = who == std::string_view("entity") && !text_in(law, "day").empty();
    return day ? item(say.text("card.law.entity-unknown", {{"day", day_in(law)}})) : std::string();
  }
  const bool elsewhere = !text_in(fact, "head-office").empty();
  return item(say.text(fmt::format("card.law.{}{}", who, elsewhere ? "-elsewhere" : ""),
                       {{"name", text_in(fact, "name")},
                        {"country", country_in(say, fact, "seat")},
                        {"office", country_in(say, fact, "head-office")}}),
              fact);
}

std::string covers(const Messages& say, const Json& decision) {
  const std::string what = text_in(decision, "covers");
  const Json& listed = member(decision, "listed");
  if (what == "country") return say.text("card.law.covers.country");
  if (what == "listed-organisation" && listed.is_boolean()) {
    return say.text(listed.get<bool>() ? "card.law.covers.list" : "card.law.covers.not-listed");
  }
  return say.text("card.law.covers.unknown");
}

std::string decisions(const Messages& say, const Json& law) {
  const Json& all = member(law, "adequacy");
  std::string items;
  if (!all.is_array()) return items;
  for (const Json& each : all) {
    const std::string until = text_in(each, "until"), name = text_in(each, "name");
    items += item(say.text("card.law.adequacy",
                           {{"decision", text_in(each, "decision") + (name.empty() ? "" : " (" + name + ")")},
                            {"country", country_in(say, each, "country")},
                            {"from", text_in(each, "from")},
                            {"until", until.empty() ? say.text("card.law.today") : until},
                            {"covers", covers(say, each)}}),
                  each);
    // Who stands on the list another source says than what the decision is.
    if (const std::string entity = text_in(each, "listed-entity"); !entity.empty()) {
      items += item(say.text("card.law.listed", {{"entity", entity},
                                                 {"decision", text_in(each, "decision")},
                                                 {"day", day_in(law)},
                                                 {"from", text_in(each, "listed-from")},
                                                 {"until", text_in(each, "listed-until")}}),
                    each, "listed-");
    }
  }
  const Json& eea = member(law, "eea");
  // What differs between the days was left out, and may have been a decision.
  const bool changed = member(law, "changed").is_boolean();
  if (all.empty() && eea.is_boolean() && !eea.get<bool>() && !changed) items += item(say.text("card.law.no-adequacy"));
  if (changed) items += item(say.text("card.law.changed", {{"day", day_in(law)}}));
  return items;
}

}  // namespace

std::string source_html(const Json& fact, const std::string& prefix) {
  std::string source = text_in(fact, (prefix + "source").c_str());
  if (const std::string date = text_in(fact, (prefix + "date").c_str()); !date.empty()) {
    source += (source.empty() ? "" : ", ") + date;
  }
  return source.empty() ? source : fmt::format(" <span class=\"soft\">({})</span>", escape_html(source));
}

std::string law_items(const Messages& say, const Json& law) {
  std::string items;
  const Json& eea = member(law, "eea");
  if (!text_in(law, "registered").empty()) {
    items +=
        item(say.text("card.law.registered", {{"country", country_in(say, law, "registered")}}), law, "registered-");
    if (eea.is_boolean()) {
      items +=
          item(say.text(eea.get<bool>() ? "card.law.eea" : "card.law.not-eea", {{"day", day_in(law)}}), law, "eea-");
    }
  }
  if (const std::string arrangement = text_in(law, "arrangement"); !arrangement.empty()) {
    items += "<li>" + said_html(say, arrangement) + source_html(law, "eea-") + "</li>";
  }
  return items + entity(say, law, "entity") + entity(say, law, "parent") + decisions(say, law);
}

namespace {

constexpr std::size_t kRows = 200;

struct Recipient {
  std::string host;
  std::string name;   // of the organisation, HTML; empty: not known
  std::string facts;  // HTML
  std::uint64_t count = 0;
  std::vector<std::string> ids;
};

std::string relation_html(const Messages& say, const Json& recipient) {
  const std::string word = text_in(recipient, "relation");
  std::string html = escape_html(say.word("relation", word.empty() ? "unknown" : word));
  if (const std::string ground = text_in(recipient, "relation-ground"); !ground.empty()) {
    html += "<br><span class=\"soft\">" + said_html(say, ground) + "</span>";
  }
  return html;
}

// As the card says it: whose name the host bears is one thing, who operates it another.
std::string name_html(const Messages& say, const RecipientReport& recipient, const Json& json) {
  if (recipient.organisation.empty()) return {};
  return escape_html(say.text("card.organisation", {{"organisation", recipient.organisation}})) +
         source_html(json, "organisation-");
}

std::vector<Recipient> recipients_of(const Page& page) {
  const AuditDocument& document = page.document;
  const Json& list = member(page.json, "disclosures");
  std::vector<Recipient> all;
  std::map<std::string, std::size_t> known;
  std::map<const DisclosureReport*, std::size_t> index_of;
  for (std::size_t i = 0; i < document.disclosures.size() && i < list.size(); ++i) {
    const DisclosureReport& each = document.disclosures[i];
    if (each.certainty != Certainty::verified || each.direction != Travel::sent || each.recipient.local) continue;
    const Json& recipient = member(list[i], "recipient");
    const std::string host = recipient_label(each.recipient, page.reveal, page.messages);
    const std::string items = law_items(page.messages, member(recipient, "law"));
    std::string facts = fmt::format(
        "<td data-label=\"{}\">{}</td><td data-label=\"{}\">{}</td>", escape_html(page.messages.text("card.relation")),
        relation_html(page.messages, recipient), escape_html(page.messages.text("card.law")),
        items.empty() ? escape_html(page.messages.text("place.unknown"))
                      : fmt::format("<ul class=\"plain\">{}</ul>", items));
    // On another day another thing may be so: then it is another row.
    const auto [at, fresh] = known.emplace(fmt::format("{}\n{}", host, facts), all.size());
    if (fresh) all.push_back({host, name_html(page.messages, each.recipient, recipient), std::move(facts), 0, {}});
    Recipient& into = all[at->second];
    index_of.emplace(&each, at->second);
    into.ids.push_back(each.id);
  }
  const auto sums = message_sums<std::size_t>(document, [&](const DisclosureReport& each, auto& keys) {
    if (const auto found = index_of.find(&each); found != index_of.end()) keys.push_back(found->second);
  });
  for (const auto& [index, sum] : sums) all[index].count = sum.messages;
  std::stable_sort(all.begin(), all.end(), [](const Recipient& a, const Recipient& b) { return a.count > b.count; });
  return all;
}

std::string row(const Recipient& each, const Messages& say) {
  std::string html = "<tr><th scope=\"row\">" + breakable(escape_html(each.host));
  if (!each.name.empty()) html += "<br><span class=\"soft\">" + each.name + "</span>";
  return html + "</th>" + each.facts +
         fmt::format("<td class=\"number\" data-label=\"{}\">{}</td></tr>\n", escape_html(say.text("map.times")),
                     each.count);
}

}  // namespace

std::string law_section(const Page& page) {
  const Messages& say = page.messages;
  const std::vector<Recipient> all = recipients_of(page);
  if (all.empty()) return {};
  std::string html = "<section id=\"law\">\n" + element("h2", "", say.text("law.title")) + "\n" +
                     element("p", "soft", say.text("law.note")) + "<table class=\"wide law\"><thead><tr>";
  for (const char* head : {"card.recipient", "card.relation", "card.law", "map.times"}) {
    html += fmt::format("<th scope=\"col\"{}>{}</th>", head == std::string_view("map.times") ? " class=\"number\"" : "",
                        escape_html(say.text(head)));
  }
  html += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < all.size() && i < kRows; ++i) html += row(all[i], say);
  html += "</tbody></table>\n";
  if (all.size() > kRows) {
    html += element("p", "notice", say.text("recipients.more", {{"count", std::to_string(all.size() - kRows)}}));
  }
  return html + "</section>\n";
}

}  // namespace tattle
