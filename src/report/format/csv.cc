#include "report/format/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/say/words.h"
#include "report/utf8.h"

namespace tattle {
namespace {

// What spreadsheets take for the beginning of a formula (OWASP, CSV Injection), the fullwidth forms included: some fold
// them. Leading blanks do not protect.
bool looks_like_formula(std::string_view text) {
  const auto start = text.find_first_not_of(" \n\v\f");
  if (start == text.npos) return false;
  text.remove_prefix(start);
  if (std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) return true;
  for (std::string_view wide : {"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"}) {
    if (text.starts_with(wide)) return true;
  }
  return false;
}

std::string path_text(const DisclosureReport& each, bool reveal) {
  std::string text;
  for (const PathReport& step : each.path) {
    if (!text.empty()) text += " > ";
    text += step.step;
    if (!step.detail.empty()) text += " " + step.detail.text(reveal);
  }
  return text;
}

std::string evidence_text(const AuditDocument& document, const DisclosureReport& each) {
  std::string text;
  for (const Evidence& evidence : each.evidence) {
    if (!text.empty()) text += "; ";
    text += evidence.capture < document.captures.size() ? document.captures[evidence.capture].name : std::string();
    for (const PacketRun& run : evidence.packets) text += fmt::format(" {}-{}", run.first, run.last);
  }
  return text;
}

void add_line(std::string& csv, const std::vector<std::string>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i) csv += ',';
    csv += csv_field(fields[i]);
  }
  csv += "\r\n";
}

}  // namespace

std::string csv_field(std::string_view text) {
  bool lossy = false;
  std::string clean = to_utf8(text, lossy);
  std::erase(clean, '\0');
  if (looks_like_formula(clean)) clean.insert(0, 1, '\'');
  if (clean.find_first_of(",\"\r\n'") == clean.npos) return clean;
  std::string field = "\"";
  for (const char each : clean) {
    if (each == '"') field += '"';
    field += each;
  }
  return field + '"';
}

std::string to_csv(const AuditDocument& document, bool reveal) {
  std::string csv;
  add_line(csv, {"id",        "key",        "subject",     "entry",        "datum",       "kind",     "value",
                 "certainty", "chance",     "form",        "direction",    "transport",   "count",    "first",
                 "last",      "host",       "addresses",   "organisation", "operator",    "network",  "country",
                 "role",      "sender",     "sender-name", "path",         "evidence",    "period-s", "jitter-s",
                 "idle",      "permission", "told",        "prompting",    "prompting-p", "linked",   "not-covered"});
  for (const DisclosureReport& each : document.disclosures) {
    const RecipientReport& to = each.recipient;
    const std::string subject =
        each.subject < document.subjects.size() ? document.subjects[each.subject].name.text(reveal) : std::string();
    add_line(csv, {each.id,
                   each.key,
                   subject,
                   each.entry.text(reveal),
                   each.datum,
                   each.kind,
                   each.value.text(reveal),
                   std::string(to_string(each.certainty)),
                   fmt::format("{:g}", each.chance),
                   each.form,
                   std::string(to_string(each.direction)),
                   std::string(to_string(each.transport)),
                   std::to_string(each.count),
                   to_rfc3339(each.first),
                   to_rfc3339(each.last),
                   to.host.text(reveal),
                   fmt::format("{}", fmt::join(to.addresses, " ")),
                   to.organisation,
                   to.operated_by,
                   to.network,
                   to.country,
                   std::string(to_string(each.role)),
                   each.sender.kind,
                   each.sender.name.text(reveal),
                   path_text(each, reveal),
                   evidence_text(document, each),
                   each.period ? fmt::format("{:g}", each.period->seconds) : std::string(),
                   each.period ? fmt::format("{:g}", each.period->jitter_s) : std::string(),
                   each.timing ? std::to_string(each.timing->idle) : std::string(),
                   each.permission ? std::string(to_string(each.permission->state)) : std::string(),
                   each.told ? std::string(to_string(each.told->told)) : std::string(),
                   each.prompting ? each.prompting->kind : std::string(),
                   each.prompting && each.prompting->tests > 0 ? fmt::format("{:g}", each.prompting->following.p)
                                                               : std::string(),
                   fmt::format("{}", fmt::join(each.linked, " ")),
                   each.timing ? std::to_string(each.timing->not_covered) : std::string()});
  }
  return csv;
}

}  // namespace tattle
