// What the audit rests on beside the traffic: files of facts, what the captures say of their own making, the program.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/utf8.h"

namespace tattle {
namespace {

std::string list(const std::string& items) { return items.empty() ? items : "<ul class=\"plain\">" + items + "</ul>"; }

std::string spaced(std::initializer_list<std::string_view> texts) {
  std::string joined;
  for (std::string_view each : texts) {
    if (!each.empty()) joined += (joined.empty() ? "" : ", ") + std::string(each);
  }
  return joined;
}

std::string second(Time time) { return to_rfc3339(time).substr(0, 19).replace(10, 1, " "); }

std::string interface_text(const Messages& say, const CaptureOrigin::Interface& each) {
  std::string text = spaced({each.name, each.description, each.hardware, each.system});
  if (!each.filter.empty()) text = spaced({text, say.text("method.origin.filter", {{"filter", each.filter}})});
  return text;
}

// The sum over all interfaces that say it; a recorder that says nothing is not one that lost nothing.
std::string drops(const Messages& say, const CaptureOrigin& origin) {
  bool told = false;
  std::uint64_t lost = 0;
  for (const CaptureOrigin::Interface& each : origin.interfaces) {
    told |= each.dropped.has_value() || each.dropped_by_system.has_value();
    lost += each.dropped.value_or(0) + each.dropped_by_system.value_or(0);
  }
  return told ? say.text("method.drops.count", {{"packets", say.counted("count.packets", lost)}})
              : say.text("method.drops.unknown");
}

// Names that messages give their own software, which often tell the phone's firmware.
std::string software_named(const Page& page) {
  constexpr std::string_view kBefore = "the message names its software \"", kAfter = "\", which nothing confirms";
  constexpr std::size_t kMost = 12;
  std::set<std::string> names;
  for (const DisclosureReport& each : page.document.disclosures) {
    const std::string& ground = each.sender.ground.text(page.reveal);
    const std::size_t at = ground.find(kBefore), end = ground.find(kAfter);
    if (at == ground.npos || end == ground.npos || end < at) continue;
    names.insert(ground.substr(at + kBefore.size(), end - at - kBefore.size()));
  }
  std::string items;
  std::size_t shown = 0;
  for (const std::string& name : names) {
    if (++shown > kMost) break;
    items += "<li><code>" + escape_html(name) + "</code></li>";
  }
  return items.empty() ? items : list(items) + element("span", "soft", page.messages.text("method.named.note"));
}

std::string missing(const Page& page, const char* extension, const char* key) {
  const auto& all = page.document.facts;
  const bool there =
      std::any_of(all.begin(), all.end(), [&](const UsedFacts& each) { return each.name.ends_with(extension); });
  return there ? std::string() : element("li", "", page.messages.text(key));
}

}  // namespace

std::string facts_html(const Page& page) {
  const Messages& say = page.messages;
  std::string items;
  for (const UsedFacts& each : page.document.facts) {
    const std::string version =
        each.version.empty() ? "" : say.text("method.facts.version", {{"version", each.version}});
    const std::string what =
        spaced({each.name, version, each.date.empty() ? say.text("method.facts.no-date") : each.date});
    items += fmt::format("<li>{}, SHA-256 <code>{}</code></li>", escape_html(what), escape_html(each.sha256));
  }
  items += missing(page, ".mmdb", "method.facts.no-countries") + missing(page, ".tattle", "method.facts.no-networks");
  return fact_row(say, "method.facts", list(items)) + fact_row(say, "method.named", software_named(page)) +
         fact_row(say, "method.selftest",
                  escape_html(say.text("method.selftest.text")) + " <code>tattle selftest</code>");
}

std::string capture_facts(const Page& page, const CaptureReport& capture) {
  const Messages& say = page.messages;
  std::string html;
  if (capture.first.ns != 0 || capture.last.ns != 0) {
    html +=
        fact_row(say, "method.span", escape_html(second(capture.first) + " \u2013 " + second(capture.last) + " UTC"));
  }
  if (capture.entries) return html;
  const CaptureOrigin& origin = capture.origin;
  std::string items;
  if (const std::string by = spaced({origin.application, origin.system, origin.hardware}); !by.empty()) {
    items += element("li", "", by);
  }
  for (const CaptureOrigin::Interface& each : origin.interfaces) {
    if (const std::string text = interface_text(say, each); !text.empty()) {
      items += element("li", "", say.text("method.origin.interface", {{"what", text}}));
    }
  }
  html += fact_row(say, "method.origin", items.empty() ? escape_html(say.text("method.origin.unknown")) : list(items));
  return html + fact_row(say, "method.drops", escape_html(drops(say, origin)));
}

}  // namespace tattle
