#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

std::string fact(const Messages& say, const char* term, const std::string& text) {
  if (text.empty()) return {};
  return fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(say.text(term)), escape_html(text));
}

std::string not_seen(const Page& page) {
  const AuditDocument& document = page.document;
  std::string html;
  for (std::size_t i = 0; i < document.subjects.size(); ++i) {
    std::set<std::string> seen;
    for (const DisclosureReport& each : document.disclosures) {
      if (each.subject == i) seen.insert(each.entry.clear);
    }
    std::string names;
    for (const SubjectReport::Entry& entry : document.subjects[i].entries) {
      if (!seen.contains(entry.name.clear)) names += (names.empty() ? "" : ", ") + entry.name.text(page.reveal);
    }
    if (!names.empty()) html += element("p", "", page.messages.text("method.not-seen", {{"names", names}})) + "\n";
  }
  return html;
}

std::string subject_html(const SubjectReport& subject, const Page& page) {
  const Messages& say = page.messages;
  std::string addresses;
  for (const Shown& address : subject.addresses) {
    addresses += (addresses.empty() ? "" : ", ") + address.text(page.reveal);
  }
  std::string html = element("h3", "", say.text("method.subject", {{"name", subject.name.text(page.reveal)}})) +
                     "<dl class=\"facts\">";
  if (!subject.maker.empty() || !subject.model.empty()) {
    html += fact(say, "method.phone", subject.maker + (subject.maker.empty() ? "" : " ") + subject.model);
  }
  html += fact(say, "method.system",
               subject.system_vendor.empty()
                   ? subject.system
                   : say.text("method.system-by", {{"system", subject.system}, {"vendor", subject.system_vendor}}));
  html += fact(say, "method.addresses", addresses) + fact_row(say, "method.ground", said_html(say, subject.ground)) +
          fact(say, "method.planted", std::to_string(subject.entries.size())) + "</dl>";
  for (const std::string& warning : subject.warnings) {
    html += "<p class=\"notice calm\">" + said_html(say, warning) + "</p>";
  }
  return html;
}

std::string captures_html(const Page& page) {
  const Messages& say = page.messages;
  std::string html = element("h3", "", say.text("method.captures")) + "\n";
  for (const CaptureReport& capture : page.document.captures) {
    const std::string size =
        fmt::format("{}, {}, {}{}", readable_size(capture.bytes, say),
                    say.counted(capture.entries ? "count.entries" : "count.packets", capture.packets), capture.format,
                    capture.cut ? say.text("method.cut") : "");
    html += fmt::format(
        "<dl class=\"facts\"><dt>{}</dt><dd class=\"mono\">{}</dd><dt>{}</dt><dd class=\"mono\">{}</dd>{}</dl>\n",
        escape_html(say.text("method.file")), escape_html(capture.name), escape_html(say.text("method.sha256")),
        capture.sha256, fact(say, "method.size", size) + capture_facts(page, capture));
  }
  return html;
}

// In the page's language where its catalogue has the anomaly, else in English.
std::string meaning(const std::string& name, const Messages& say) {
  const std::string key = "anomaly." + name;
  if (say.has(key)) return escape_html(say.text(key));
  const std::string english = escape_html(anomaly_meaning(name));
  return say.language() == "en" ? english : "<span lang=\"en\">" + english + "</span>";
}

std::string anomalies_html(const Page& page) {
  const Messages& say = page.messages;
  if (page.document.anomalies.empty()) return {};
  std::string html = element("h3", "", say.text("method.anomalies")) + "\n<details>" +
                     element("summary", "",
                             say.text("method.anomalies.summary",
                                      {{"kinds", say.counted("count.kinds", page.document.anomalies.size())}})) +
                     "<table class=\"wide\"><thead><tr>";
  constexpr std::pair<const char*, const char*> kColumns[] = {{"method.anomaly.name", "mono"},
                                                              {"method.anomaly.meaning", ""},
                                                              {"method.anomaly.times", "number"},
                                                              {"method.anomaly.first", "number"}};
  for (const auto& [key, css] : kColumns) {
    html += fmt::format("<th scope=\"col\" class=\"{}\">{}</th>", css, escape_html(say.text(key)));
  }
  html += "</tr></thead><tbody>\n";
  for (const AnomalyReport& each : page.document.anomalies) {
    const std::string first = say.text(fmt::format("method.anomaly.{}", page.document.unit_of(each.first.capture)),
                                       {{"number", std::to_string(each.first.number)}});
    const std::string cells[] = {escape_html(each.name), meaning(each.name, say), std::to_string(each.count),
                                 escape_html(first)};
    html += "<tr>";
    for (std::size_t i = 0; i < std::size(cells); ++i) {
      html += fmt::format("<td data-label=\"{}\" class=\"{}\">{}</td>", escape_html(say.text(kColumns[i].first)),
                          kColumns[i].second, cells[i]);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></details>\n";
}

}  // namespace

std::string method_section(const Page& page) {
  std::string html = "<section id=\"method\">\n" + element("h2", "", page.messages.text("method.title")) + "\n";
  for (const SubjectReport& subject : page.document.subjects) html += subject_html(subject, page);
  html += not_seen(page) + conditions_html(page) + captures_html(page) + anomalies_html(page);
  return html + "</section>\n";
}

}  // namespace tattle
