#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "assess/message_sums.h"
#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

// Facts beside each other, each with its source; what follows from them is for a lawyer.

std::string item(const std::string& what, const Json& fact = {}) {
  std::string source = text_in(fact, "source");
  if (const std::string date = text_in(fact, "date"); !date.empty()) source += (source.empty() ? "" : ", ") + date;
  return "<li>" + escape_html(what) +
         (source.empty() ? "" : fmt::format(" <span class=\"soft\">({})</span>", escape_html(source))) + "</li>";
}

std::string country_in(const Messages& say, const Json& object, const char* name) {
  const std::string code = text_in(object, name);
  return code.empty() ? say.text("place.unknown") : say.country(code);
}

std::string entity(const Messages& say, const Json& law, const char* who) {
  const Json& fact = member(law, who);
  if (!fact.is_object()) return {};
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
    return say.text(listed.get<bool>() ? "card.law.covers.listed" : "card.law.covers.not-listed",
                    {{"entity", text_in(decision, "listed-entity")}});
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
  }
  const Json& eea = member(law, "eea");
  if (all.empty() && eea.is_boolean() && !eea.get<bool>()) items += item(say.text("card.law.no-adequacy"));
  return items;
}

}  // namespace

std::string law_items(const Messages& say, const Json& law) {
  std::string items;
  const Json& eea = member(law, "eea");
  if (!text_in(law, "registered").empty()) {
    std::string what = say.text("card.law.registered", {{"country", country_in(say, law, "registered")}});
    if (eea.is_boolean()) {
      what += "; " + say.text(eea.get<bool>() ? "card.law.eea" : "card.law.not-eea", {{"day", text_in(law, "day")}});
    }
    items += item(what);
  }
  if (const std::string arrangement = text_in(law, "arrangement"); !arrangement.empty()) {
    items += "<li>" + said_html(say, arrangement) + "</li>";
  }
  return items + entity(say, law, "entity") + entity(say, law, "parent") + decisions(say, law);
}

namespace {

constexpr std::size_t kRows = 200;

// What the law asks of a recipient, said once for all hosts of which the same is known.
struct Recipient {
  std::string name;  // of the organisation; empty: not known
  std::set<std::string> hosts;
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
    const std::string& organisation =
        each.recipient.operated_by.empty() ? each.recipient.organisation : each.recipient.operated_by;
    const std::string items = law_items(page.messages, member(recipient, "law"));
    std::string facts = fmt::format(
        "<td data-label=\"{}\">{}</td><td data-label=\"{}\">{}</td>", escape_html(page.messages.text("card.relation")),
        relation_html(page.messages, recipient), escape_html(page.messages.text("card.law")),
        items.empty() ? escape_html(page.messages.text("place.unknown"))
                      : fmt::format("<ul class=\"plain\">{}</ul>", items));
    // Of whom no organisation is known, those with the same facts share a line.
    const auto [at, fresh] = known.emplace(fmt::format("{}\n{}", organisation, facts), all.size());
    if (fresh) all.push_back({organisation, {}, std::move(facts), 0, {}});
    Recipient& into = all[at->second];
    into.hosts.insert(host);
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
  constexpr std::size_t kHosts = 8;
  std::string hosts;
  std::size_t shown = 0;
  for (const std::string& host : each.hosts) {
    if (++shown > kHosts) break;
    hosts += (hosts.empty() ? "" : ", ") + host;
  }
  if (each.hosts.size() > kHosts) {
    hosts += " " + say.text("recipients.and-more", {{"count", std::to_string(each.hosts.size() - kHosts)}});
  }
  std::string html = "<tr><th scope=\"row\">";
  if (!each.name.empty()) html += breakable(escape_html(each.name)) + "<br>";
  html += "<span class=\"soft\">" + breakable(escape_html(hosts)) + "</span>";
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
