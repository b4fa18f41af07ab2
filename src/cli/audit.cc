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
#include "evidence/guard.h"
#include "report/format/csv.h"
#include "report/format/letter.h"
#include "report/say/messages.h"
#include "report/terminal.h"
#include "report/write_file.h"
#include "run/audit_files.h"
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

int audit_command(const AuditOptions& options, const std::vector<std::string>& arguments) {
  check_conditions(options.fail_on);
  check_format(options);
  const Messages& messages = Messages::of(options.language);
  AuditRequest request = options.request();
  request.record = !options.out.empty();
  request.arguments = arguments;
  say_warnings(load_subjects(request));
  if (!options.out.empty()) {
    check_unsealed(options.out);
    make_folder(options.out);
  }

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
    for (const AuditFile& file : audit_files(outcome, options.reveal, messages)) {
      write_whole_file(options.out + "/" + std::string(file.name), as_bytes(file.text));
    }
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
