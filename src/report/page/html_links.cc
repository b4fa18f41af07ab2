#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"

namespace tattle {
namespace {

constexpr std::size_t kLinks = 200, kIds = 40, kNames = 20;

std::vector<std::string> texts(const Json& list, std::size_t most) {
  std::vector<std::string> all;
  if (!list.is_array()) return all;
  for (const Json& each : list) {
    if (all.size() == most) break;
    if (each.is_string()) all.push_back(each.get<std::string>());
  }
  return all;
}

std::string item(const Messages& say, const Json& link) {
  const std::vector<std::string> names = texts(member(link, "recipients"), kNames);
  const std::string entry = text_in(link, "entry"), datum = text_in(link, "datum");
  std::string html = escape_html(say.text(
      text_in(link, "kind") == "account" ? "links.account" : "links.same-value",
      {{"entry", entry.empty() || entry == datum ? say.word("datum", datum) : say.word("datum", datum) + " " + entry},
       {"disclosures", say.counted("count.disclosures", member(link, "disclosures").size())},
       {"recipients", fmt::format("{}", fmt::join(names, ", "))}}));
  html += ":";
  for (const std::string& id : texts(member(link, "disclosures"), kIds)) {
    html += fmt::format(" <a href=\"#{0}\">{0}</a>", escape_html(id));
  }
  return "<li>" + html + "</li>";
}

}  // namespace

std::string links_section(const Page& page) {
  const Messages& say = page.messages;
  const Json& links = member(page.json, "links");
  if (!links.is_array() || links.empty()) return {};
  std::string html = "<section id=\"links\">\n" + element("h2", "", say.text("links.title")) + "\n" +
                     element("p", "soft", say.text("links.note")) + "<ul class=\"plain\">";
  for (std::size_t i = 0; i < links.size() && i < kLinks; ++i) html += item(say, links[i]);
  html += "</ul>\n";
  if (links.size() > kLinks) {
    html += element("p", "notice", say.text("recipients.more", {{"count", std::to_string(links.size() - kLinks)}}));
  }
  return html + "</section>\n";
}

}  // namespace tattle
