#include <fmt/format.h>

#include <algorithm>

#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/clock.h"
#include "report/say/words.h"

namespace tattle {
namespace {

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
          {{"time", Clock(document, page.messages).exact_of_day(evidence.time)},
           {"zone", Clock(document, page.messages).zone()},
           {"packets", page.messages.text(unit, {{"runs", runs_text(evidence.packets)}})},
           {"capture", evidence.capture < document.captures.size() ? document.captures[evidence.capture].name : ""},
           {"message", std::to_string(evidence.message)},
           {"flow", std::to_string(evidence.flow)}}));
  // Entries of an import are no packets that Wireshark could show.
  if (!entry) html += fmt::format(": <code>{}</code>", escape_html(display_filter(evidence.packets)));
  return html + "</li>";
}

// How anyone can see it: the slice for those who have the folder, the frames for those who have the capture.
std::string wireshark(const DisclosureReport& each, const Page& page) {
  const Messages& say = page.messages;
  std::string file = each.id;
  std::transform(file.begin(), file.end(), file.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const std::string command = escape_html(
      fmt::format("tattle evidence {} {} -o {}.pcapng", say.text("card.wireshark.folder-name"), each.id, file));
  return element("p", "", say.text("card.wireshark.how")) + "<pre tabindex=\"0\"><code>" + command + "</code></pre>" +
         "<p>" + escape_html(say.text("card.wireshark.slice")) + " <code>" +
         escape_html("frame.comment contains \"carries\"") + "</code></p>" + see_html(each, page) +
         (each.count > 1
              ? "<p class=\"soft\">" + unbroken_options(escape_html(say.text("card.wireshark.more"))) + "</p>"
              : "") +
         element("p", "soft", say.text("card.wireshark.folder"));
}

}  // namespace

std::string evidence_html(const DisclosureReport& each, const Page& page) {
  const Messages& say = page.messages;
  std::string html;
  bool packets = false;
  for (const Evidence& evidence : each.evidence) {
    html += occurrence(evidence, page);
    packets |= page.document.unit_of(evidence.capture) != std::string_view("entry");
  }
  std::string which =
      say.text(each.count > each.evidence.size() ? "card.occurrences.first-and-last" : "card.occurrences.every");
  if (packets) which += say.text("card.occurrences.filter");
  return fmt::format("<details><summary>{}</summary>{}<ul class=\"plain\">{}</ul></details>", escape_html(which),
                     packets ? wireshark(each, page) : "", html);
}

}  // namespace tattle
