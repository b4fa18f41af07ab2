#include "cli/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/result.h"
#include "cli/audit_options.h"
#include "evidence/run_record.h"
#include "evidence/seal/file_hash.h"
#include "evidence/seal/manifest_replay.h"

namespace tattle {
namespace {

constexpr std::uint64_t kAuditBytes = 1 << 30;  // of an audit.json that is compared

// By the definitions that the command itself uses, so that no option can be forgotten here.
void read_arguments(AuditOptions& options, const RunRecord& run, const std::string& folder) {
  CLI::App app;
  options.add_audit_options(app);
  std::vector<std::string> arguments(run.arguments.rbegin(), run.arguments.rend());  // as CLI11 takes them
  const bool audit = !arguments.empty() && arguments.back() == "audit";
  if (audit) arguments.pop_back();
  try {
    if (!audit) throw CLI::ParseError("no audit", 1);
    app.parse(arguments);
  } catch (const CLI::ParseError&) {
    throw UserError(
        fmt::format("{}: its run.json holds a command line that this version ({}) does not understand; the one "
                    "that wrote it is {}",
                    folder, TATTLE_VERSION, run.version));
  }
}

void go_to(const RunRecord& run) {
  std::error_code error;
  if (!run.folder.empty()) std::filesystem::current_path(run.folder, error);
  if (error) throw UserError(fmt::format("{}: the audit ran in this folder, which is not here any more", run.folder));
}

}  // namespace

std::vector<std::string> replay_audit(const std::string& folder) {
  const RunRecord run = read_run_record(folder);
  const std::string sealed = read_document((std::filesystem::path(folder) / "audit.json").string(), kAuditBytes);
  AuditOptions options;
  read_arguments(options, run, folder);
  if (std::find(options.captures.begin(), options.captures.end(), "-") != options.captures.end()) {
    throw UserError(fmt::format("{}: was made of standard input, which cannot be read again", folder));
  }
  options.out.clear();  // nothing is written
  go_to(run);
  AuditRequest request = options.request();
  load_subjects(request);
  const AuditOutcome outcome = run_audit(std::move(request));
  return audit_differences(sealed, audit_json(outcome.document, options.reveal) + "\n");
}

}  // namespace tattle
