// What was seen first after a sign-in, and last before it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/clock.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kChanges = 20, kIds = 8, kNames = 12;
constexpr double kFewSeconds = 600;  // of recording before a sign-in: what began later says nothing
constexpr double kFewShare = 0.25;   // of the time after it, likewise

// `text message D1 D2; location D7`, by kind of data in the order of gravity.
std::string by_datum(const Page& page, const Json& ids) {
  const Messages& say = page.messages;
  if (!ids.is_array() || ids.empty()) return escape_html(say.text("changes.none"));
  std::map<std::string, const DisclosureReport*> known;
  for (const DisclosureReport& each : page.document.disclosures) known.emplace(each.id, &each);
  std::vector<std::pair<std::string, std::vector<std::string>>> kinds;
  for (const Json& each : ids) {
    const auto found = each.is_string() ? known.find(each.get<std::string>()) : known.end();
    if (found == known.end()) continue;
    std::string label = datum_label(found->second->datum, say);
    if (found->second->certainty == Certainty::inferred) label += ", " + say.word("certainty", "inferred");
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.first == label; });
    if (kind == kinds.end()) {
      kinds.push_back({label, {found->first}});
    } else {
      kind->second.push_back(found->first);
    }
  }
  std::string html;
  for (const auto& [label, list] : kinds) {
    html += (html.empty() ? "" : "; ") + escape_html(label);
    for (std::size_t i = 0; i < list.size() && i < kIds; ++i) {
      html += fmt::format(" <a href=\"#{0}\">{0}</a>", escape_html(list[i]));
    }
    if (list.size() > kIds) {
      html += " " + escape_html(say.text("answers.and-more", {{"count", std::to_string(list.size() - kIds)}}));
    }
  }
  return html;
}

std::string names_html(const Messages& say, const Json& names) {
  if (!names.is_array() || names.empty()) return escape_html(say.text("changes.none"));
  std::string html;
  for (std::size_t i = 0; i < names.size() && i < kNames; ++i) {
    if (!names[i].is_string()) continue;
    html += (html.empty() ? "" : ", ") + breakable(escape_html(names[i].get<std::string>()));
  }
  if (names.size() > kNames) {
    html += " " + escape_html(say.text("answers.and-more", {{"count", std::to_string(names.size() - kNames)}}));
  }
  return html;
}

// How long was recorded before it and after it, and whether that lets anybody say anything.
std::string recorded(const Page& page, Time at) {
  const Messages& say = page.messages;
  std::optional<Time> first, last;
  for (const CaptureReport& each : page.document.captures) {
    if (each.first.ns == 0 && each.last.ns == 0) continue;
    first = first ? std::min(*first, each.first) : each.first;
    last = last ? std::max(*last, each.last) : each.last;
  }
  if (!first || at < *first || *last < at) return escape_html(say.text("changes.outside"));
  const double before = at.seconds() - first->seconds(), after = last->seconds() - at.seconds();
  std::string html = escape_html(say.text("changes.recorded", {{"before", readable_duration(*first, at, say)},
                                                               {"after", readable_duration(at, *last, say)}}));
  if (before < kFewSeconds || before < kFewShare * after) {
    html += " <strong>" + escape_html(say.text("changes.too-little")) + "</strong>";
  }
  return html;
}

}  // namespace

std::string changes_section(const Page& page) {
  const Messages& say = page.messages;
  const Json& changes = member(page.json, "changes");
  if (!changes.is_array() || changes.empty()) return {};
  const Clock clock(page.document, say);
  std::string html = "<section id=\"changes\">\n" + element("h2", "", say.text("changes.title")) + "\n" +
                     element("p", "soft", say.text("changes.note"));
  for (std::size_t i = 0; i < changes.size() && i < kChanges; ++i) {
    const Json& action = action_at(page.json, member(changes[i], "action"));
    const auto at = parse_rfc3339(text_in(action, "time"));
    if (!at) continue;
    html += fmt::format("<h3><a href=\"#A{}\">{}</a>, {}</h3>\n<dl class=\"facts\">",
                        member(changes[i], "action").get<std::size_t>() + 1,
                        escape_html(action_label(page.json, member(changes[i], "action"), say)),
                        escape_html(clock.second(*at) + " " + clock.zone()));
    html += fact_row(say, "changes.time", recorded(page, *at));
    html += fact_row(say, "changes.began", by_datum(page, member(changes[i], "began")));
    html += fact_row(say, "changes.recipients", names_html(say, member(changes[i], "recipients-began")));
    html += fact_row(say, "changes.stopped", by_datum(page, member(changes[i], "stopped"))) + "</dl>\n";
  }
  if (changes.size() > kChanges) {
    html += element("p", "notice", say.text("recipients.more", {{"count", std::to_string(changes.size() - kChanges)}}));
  }
  return html + "</section>\n";
}

}  // namespace tattle
