#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "cli/audit_options.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "detect/subject/datum.h"
#include "evidence/seal/manifest_facts.h"
#include "report/format/csv.h"
#include "report/format/letter.h"
#include "report/page/html.h"
#include "report/say/messages.h"
#include "report/terminal.h"
#include "report/write_file.h"
#include "run/audit_har.h"

namespace tattle {
namespace {

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error || !std::filesystem::is_directory(folder)) {
    throw UserError(
        fmt::format("{}: cannot make this folder ({}); choose another with --out", folder, error.message()));
  }
}

bool condition_met(const std::vector<std::string>& conditions, const AuditDocument& document) {
  for (const std::string& condition : conditions) {
    for (const DisclosureReport& each : document.disclosures) {
      if (each.direction != Travel::sent) continue;
      const bool verified = each.certainty == Certainty::verified;
      if (condition == "disclosure" && verified) return true;
      if (condition == "inferred" && !verified) return true;
      if (condition == "clear" && verified && each.transport == Protection::clear) return true;
      if (condition == each.datum && verified) return true;
    }
  }
  return false;
}

void check_conditions(const std::vector<std::string>& conditions) {
  for (const std::string& condition : conditions) {
    if (condition == "disclosure" || condition == "inferred" || condition == "clear") continue;
    if (find_datum(condition)) continue;
    throw UserError(fmt::format(
        "--fail-on {}: not a condition; use disclosure, inferred, clear or a datum such as imei", condition));
  }
}

void check_format(const AuditOptions& options) {
  const std::string& format = options.format;
  if (format.empty() || format == "json" || format == "csv" || format == "har" || format == "letter") return;
  throw UserError(fmt::format("--format {}: not a format; use json, csv, har or letter", format));
}

/// What goes to standard output in place of the summary; empty: the summary.
std::string printed(const AuditOptions& options, const AuditDocument& document) {
  if (options.json || options.format == "json") return audit_json(document, options.reveal) + "\n";
  if (options.format == "csv") return to_csv(document, options.reveal);
  if (options.format == "letter") return to_letter(document, Messages::of(options.language));
  return {};
}

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

int audit_command(const AuditOptions& options, const std::vector<std::string>& arguments) {
  check_conditions(options.fail_on);
  check_format(options);
  const Messages& messages = Messages::of(options.language);
  AuditRequest request = options.request();
  request.record = !options.out.empty();
  request.arguments = arguments;
  say_warnings(load_subjects(request));
  if (!options.out.empty()) make_folder(options.out);

  ProgressLine progress;
  request.pipeline.progress = progress.callback();
  const HostSelection hosts(options.hosts);
  std::unique_ptr<HarWriter> har;
  if (options.format == "har") {
    fmt::print(stderr,
               "tattle: note: HAR holds whole messages, nothing is masked: keep it as private as the capture\n");
    har = std::make_unique<HarWriter>(TATTLE_VERSION, hosts,
                                      [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
    request.also = har.get();
    request.pipeline.keep_http = true;
  }
  const AuditOutcome outcome = run_audit(std::move(request));
  if (har) har->finish();
  const AuditDocument& document = outcome.document;
  progress.clear();
  say_warnings(document.warnings);

  if (!options.out.empty()) {
    write_whole_file(options.out + "/run.json", as_bytes(to_json(outcome.record)));
    write_whole_file(options.out + "/audit.json", as_bytes(audit_json(document, options.reveal) + "\n"));
    const ReportRun run = report_run(outcome.record);
    write_whole_file(options.out + "/report.html", as_bytes(to_html(document, options.reveal, messages, &run)));
  }
  if (const std::string text = printed(options, document); !text.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else if (!har) {
    fmt::print("{}", terminal_summary(document, options.reveal, wants_colours()));
    if (!options.out.empty()) {
      fmt::print("Written: {}/report.html, and for programs audit.json and audit.db beside it.\n",
                 one_line(options.out));
    } else {
      fmt::print("For the whole report with the proof of each line, add: --out FOLDER\n");
    }
  }
  return condition_met(options.fail_on, document) ? kConditionMet : kDone;
}

}  // namespace

void add_audit_command(CLI::App& app, const std::vector<std::string>& arguments, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("audit", "Find what a phone gave away in captured traffic, to whom, and prove it");
  command->footer(
      "Example:\n  tattle audit evening.pcapng --subject me.yaml --keys keys.log --out report\n\n"
      "Values are masked unless --reveal. `tattle subject new` writes a subject file to start from.");
  auto options = std::make_shared<AuditOptions>();
  options->add_audit_options(*command);
  command->callback([options, &arguments, &exit_code] { exit_code = audit_command(*options, arguments); });
}

}  // namespace tattle
