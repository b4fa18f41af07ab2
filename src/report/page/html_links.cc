#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kValues = 200, kIds = 12, kNames = 8, kLinks = 5000;

std::vector<std::string> texts(const Json& list) {
  std::vector<std::string> all;
  if (!list.is_array()) return all;
  for (const Json& each : list) {
    if (each.is_string()) all.push_back(each.get<std::string>());
  }
  return all;
}

// One value: where it went, and what went with it.
struct TiedValue {
  std::string entry, datum;
  std::vector<std::string> recipients, same, with;  // names; ids of disclosures
};

std::vector<TiedValue> values_of(const Page& page, const Json& links) {
  std::vector<TiedValue> values;
  for (std::size_t i = 0; i < links.size() && i < kLinks; ++i) {
    const std::string entry = text_in(links[i], "entry"), datum = text_in(links[i], "datum");
    auto found = std::find_if(values.begin(), values.end(),
                              [&](const TiedValue& each) { return each.entry == entry && each.datum == datum; });
    if (found == values.end()) found = values.insert(values.end(), {entry, datum, {}, {}, {}});
    const bool account = text_in(links[i], "kind") == "account";
    std::vector<std::string> ids = texts(member(links[i], "disclosures"));
    if (account) {
      found->with = std::move(ids);
      if (found->recipients.empty()) found->recipients = texts(member(links[i], "recipients"));
    } else {
      found->same = std::move(ids);
      found->recipients = texts(member(links[i], "recipients"));
    }
  }
  // What is the value itself is not something that went with it.
  for (TiedValue& value : values) {
    std::set<std::string> own(value.same.begin(), value.same.end());
    for (const DisclosureReport& each : page.document.disclosures) {
      if (each.datum != value.datum || each.entry.text(page.reveal) != value.entry) continue;
      if (own.insert(each.id).second && std::count(value.with.begin(), value.with.end(), each.id) > 0) {
        value.same.push_back(each.id);
      }
    }
    std::erase_if(value.with, [&](const std::string& id) { return own.contains(id); });
  }
  return values;
}

std::string links_to(const std::vector<std::string>& ids, const Messages& say) {
  std::string html;
  for (std::size_t i = 0; i < ids.size() && i < kIds; ++i) {
    html += fmt::format(" <a href=\"#{0}\">{0}</a>", escape_html(ids[i]));
  }
  if (ids.size() > kIds) {
    html += " " + escape_html(say.text("answers.and-more", {{"count", std::to_string(ids.size() - kIds)}}));
  }
  return html;
}

std::string item(const Page& page, const TiedValue& value) {
  const Messages& say = page.messages;
  std::string html = "<b>" + escape_html(entry_label(page.document, value.entry, value.datum, say)) + "</b>";
  std::vector<std::string> names = value.recipients;
  if (names.size() > kNames) {
    names.resize(kNames);
    names.push_back(say.text("answers.and-more", {{"count", std::to_string(value.recipients.size() - kNames)}}));
  }
  html += ": " + breakable(escape_html(fmt::format("{}", fmt::join(names, ", "))));
  if (!value.same.empty()) html += "<br>" + escape_html(say.text("links.same-value")) + links_to(value.same, say);
  if (!value.with.empty()) html += "<br>" + escape_html(say.text("links.account")) + links_to(value.with, say);
  return "<li>" + html + "</li>";
}

}  // namespace

std::string links_section(const Page& page) {
  const Messages& say = page.messages;
  const Json& links = member(page.json, "links");
  if (!links.is_array() || links.empty()) return {};
  const std::vector<TiedValue> values = values_of(page, links);
  std::string html = "<section id=\"links\">\n" + element("h2", "", say.text("links.title")) + "\n" +
                     element("p", "soft", say.text("links.note")) + "<ul class=\"plain links\">";
  for (std::size_t i = 0; i < values.size() && i < kValues; ++i) html += item(page, values[i]);
  html += "</ul>\n";
  if (values.size() > kValues) {
    html += element("p", "notice", say.text("recipients.more", {{"count", std::to_string(values.size() - kValues)}}));
  }
  return html + "</section>\n";
}

}  // namespace tattle
