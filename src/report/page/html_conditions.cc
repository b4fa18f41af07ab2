#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/clock.h"
#include "report/say/words.h"

namespace tattle {
namespace {

// Words of the tester's log that tell of something put between the phone and the network.
constexpr std::string_view kSigns[] = {"proxy", "certificate", "root-ca", "install-ca", "mitm", "vpn"};

// What a reader needs to weigh the finding. Where the audit does not know, that is said: nothing is taken for granted.

std::string list(const std::vector<std::string>& sentences) {
  std::string html;
  for (const std::string& each : sentences) html += element("li", "", each);
  return html.empty() ? html : "<ul class=\"plain\">" + html + "</ul>";
}

std::string software(const Page& page) {
  const Messages& say = page.messages;
  std::vector<std::string> lines{
      say.text("method.software.text",
               {{"version", page.document.version}, {"schema", std::to_string(AuditDocument::kSchema)}})};
  const ReportRun* run = page.run;
  const std::string unknown = say.text("method.not-recorded");
  lines.push_back(say.text("method.software.build",
                           {{"commit", run && !run->commit.empty() ? run->commit : unknown},
                            {"compiler", run && !run->compiler.empty() ? run->compiler : unknown},
                            {"sha256", run && !run->program_sha256.empty() ? run->program_sha256 : unknown}}));
  return list(lines);
}

std::string how_run(const Page& page) {
  const Messages& say = page.messages;
  if (page.run == nullptr) return escape_html(say.text("method.not-recorded"));
  std::string items;
  for (const std::string& each : page.run->selections) {
    items += element("li", "", say.text("method.run.selection", {{"what", each}}));
  }
  for (const ReportRun::File& file : page.run->files) {
    items += fmt::format("<li>{} {}, SHA-256 <code>{}</code></li>", escape_html(file.option), escape_html(file.name),
                         escape_html(file.sha256));
  }
  for (const auto& [name, value] : page.run->limits) {
    items += element("li", "", say.text("method.run.limit", {{"name", name}, {"value", std::to_string(value)}}));
  }
  if (page.run->limits.empty()) items += element("li", "", say.text("method.run.no-limit"));
  return "<ul class=\"plain\">" + items + element("li", "", say.text("method.run.record")) + "</ul>";
}

// Anomalies that say that a limit was reached have the word in their names.
bool is_limit(const std::string& name) {
  return name.find("limit") != name.npos || name.ends_with("-full") || name.ends_with("-too-long");
}

std::string limits_hit(const Page& page) {
  const Messages& say = page.messages;
  std::vector<std::string> lines;
  for (const AnomalyReport& each : page.document.anomalies) {
    if (is_limit(each.name)) {
      lines.push_back(fmt::format("{}: {}", each.name, say.counted("count.times", each.count)));
    }
  }
  const CoverageReport& coverage = page.document.coverage;
  if (coverage.dropped_occurrences > 0) {
    lines.push_back(say.text("method.limits.dropped", {{"count", std::to_string(coverage.dropped_occurrences)}}));
  }
  return lines.empty() ? escape_html(say.text("method.limits.none")) : list(lines);
}

std::string clocks(const Page& page) {
  const Messages& say = page.messages;
  std::vector<std::string> lines{say.text("method.clock.text", {{"zone", Clock(page.document, say).zone_and_ground()}}),
                                 say.text("method.clock.source")};
  const Json& actions = member(page.json, "actions");
  if (!actions.is_array() || actions.empty()) {
    lines.push_back(say.text("method.clock.no-log"));
    return list(lines);
  }
  double most = 0;
  std::size_t without = 0;
  for (const Json& action : actions) {
    most = std::max(most, number_in(action, "uncertainty-s"));
    without += !member(action, "uncertainty-s").is_number();
  }
  if (most > 0) {
    lines.push_back(
        say.text("method.clock.actions", {{"seconds", say.number(most, most == std::floor(most) ? 0 : 1)}}));
  }
  if (without > 0) lines.push_back(say.text("method.clock.actions-unknown", {{"count", std::to_string(without)}}));
  return list(lines);
}

bool mentions_interference(const Json& action) {
  std::string text = text_in(action, "action") + " " + member(action, "setting").dump();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return text.find(sign) != text.npos; });
}

std::string interference(const Page& page) {
  const Messages& say = page.messages;
  std::vector<std::string> lines;
  for (const CaptureReport& capture : page.document.captures) {
    if (!capture.entries) continue;
    lines.push_back(say.text("method.interference.import", {{"capture", capture.name}, {"format", capture.format}}));
  }
  std::size_t keys = 0;
  if (page.run != nullptr) {
    keys = static_cast<std::size_t>(std::count_if(page.run->files.begin(), page.run->files.end(),
                                                  [](const auto& file) { return file.option == "--keys"; }));
  }
  const auto& all = page.document.disclosures;
  const bool opened = std::any_of(all.begin(), all.end(), [](const DisclosureReport& each) {
    return each.transport != Protection::clear && each.transport != Protection::unknown && each.form != "host-name";
  });
  if (keys > 0) {
    lines.push_back(say.text("method.interference.keys", {{"count", std::to_string(keys)}}));
  } else if (opened) {
    lines.push_back(say.text(page.run ? "method.interference.embedded" : "method.interference.opened"));
  } else {
    lines.push_back(say.text("method.interference.nothing"));
  }
  std::string said;
  const Json& actions = member(page.json, "actions");
  for (std::size_t i = 0; actions.is_array() && i < actions.size(); ++i) {
    if (mentions_interference(actions[i]))
      said += (said.empty() ? "" : ", ") + action_label(page.json, Json(i), page.messages);
  }
  lines.push_back(said.empty() ? say.text("method.interference.not-recorded")
                               : say.text("method.interference.log", {{"actions", said}}));
  lines.push_back(say.text("method.interference.text"));
  return list(lines);
}

std::string repeats(const Page& page) {
  const Messages& say = page.messages;
  std::size_t again = 0;
  for (const DisclosureReport& each : page.document.disclosures) {
    std::set<std::uint32_t> captures;
    for (const Evidence& evidence : each.evidence) captures.insert(evidence.capture);
    again += captures.size() > 1;
  }
  std::vector<std::string> lines;
  const std::size_t captures = page.document.captures.size();
  lines.push_back(captures > 1
                      ? say.text("method.repeats.several", {{"captures", std::to_string(captures)},
                                                            {"again", std::to_string(again)},
                                                            {"all", std::to_string(page.document.disclosures.size())}})
                      : say.text("method.repeats.one"));
  lines.push_back(say.text("method.repeats.text"));
  return list(lines);
}

}  // namespace

std::string conditions_html(const Page& page) {
  const Messages& say = page.messages;
  return "<dl class=\"facts\">" + fact_row(say, "method.software", software(page)) +
         fact_row(say, "method.run", how_run(page)) + facts_html(page) +
         fact_row(say, "method.limits", limits_hit(page)) + fact_row(say, "method.clock", clocks(page)) +
         fact_row(say, "method.interference", interference(page)) + fact_row(say, "method.repeats", repeats(page)) +
         fact_row(say, "method.unknowable", "<a href=\"#coverage\">" + escape_html(say.text("blind.title")) + "</a>") +
         "</dl>\n";
}

}  // namespace tattle
