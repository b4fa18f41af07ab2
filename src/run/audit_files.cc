#include "run/audit_files.h"

#include <fmt/format.h>

#include <filesystem>

#include "evidence/seal/manifest_facts.h"
#include "report/page/html.h"

namespace tattle {
namespace {

// What the report's method says of the run: names of files without the computer's folders.
ReportRun report_run(const RunRecord& record) {
  const BuildFacts build = build_facts(record.version);
  ReportRun run{build.commit, build.compiler, build.program_sha256, {}, {}, record.limits};
  const auto add = [&](const std::string& option, const RecordedFile& file) {
    run.files.push_back({option, std::filesystem::path(file.path).filename().string(), file.sha256});
  };
  for (const RecordedSubject& subject : record.subjects) add("--subject", subject.file);
  for (const RecordedFile& keys : record.keys) add("--keys", keys);
  for (const RecordedOptionFile& file : record.files) add(file.option, file.file);
  const auto select = [&](const char* option, const std::string& value) {
    if (!value.empty()) run.selections.push_back(fmt::format("{} {}", option, value));
  };
  select("--filter", record.filter);
  select("--since", record.since);
  select("--until", record.until);
  for (const std::string& host : record.hosts) select("--host", host);
  for (const std::string& device : record.devices) select("--device", device);
  return run;
}

}  // namespace

std::vector<AuditFile> audit_files(const AuditOutcome& outcome, bool reveal, const Messages& messages) {
  const ReportRun run = report_run(outcome.record);
  return {{"audit.json", audit_json(outcome.document, reveal) + "\n"},
          {"report.html", to_html(outcome.document, reveal, messages, &run)}};
}

}  // namespace tattle
