#include "cli/replay.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/result.h"
#include "cli/audit_options.h"
#include "evidence/run_record.h"
#include "evidence/seal/file_hash.h"
#include "evidence/seal/manifest_facts.h"
#include "evidence/seal/manifest_replay.h"
#include "run/audit_files.h"

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

// For the database of the replay; gone with this.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tattle-replay-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw UserError(fmt::format("{}: cannot be made; set TMPDIR", name));
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void compare_report(const std::string& sealed, const std::string& replayed, const std::string& program,
                    Replay& replay) {
  if (sealed == replayed) {
    replay.same.push_back("report.html");
  } else if (sealed.find(program) == std::string::npos) {
    replay.not_compared.push_back("report.html: another build of tattle wrote it; replay with that one");
  } else {
    replay.differences.push_back("report.html: its bytes differ from what the audit says");
  }
}

}  // namespace

Replay replay_audit(const std::string& folder) {
  namespace fs = std::filesystem;
  const RunRecord run = read_run_record(folder);
  const std::string sealed = read_document((fs::path(folder) / "audit.json").string(), kAuditBytes);
  const std::string report = read_document((fs::path(folder) / "report.html").string(), kAuditBytes);
  const std::string database = fs::absolute(fs::path(folder) / "audit.db").string();
  const bool slices = fs::exists(fs::path(folder) / "evidence");
  AuditOptions options;
  read_arguments(options, run, folder);
  if (std::find(options.captures.begin(), options.captures.end(), "-") != options.captures.end()) {
    throw UserError(fmt::format("{}: was made of standard input, which cannot be read again", folder));
  }
  const ScratchFolder scratch;
  options.out = scratch.path();
  go_to(run);
  AuditRequest request = options.request();
  request.record = true;
  request.arguments = run.arguments;
  load_subjects(request);
  const AuditOutcome outcome = run_audit(std::move(request));

  Replay replay;
  for (const AuditFile& file : audit_files(outcome, options.reveal, Messages::of(options.language))) {
    if (file.name == "report.html") {
      compare_report(report, file.text, build_facts(run.version).program_sha256, replay);
      continue;
    }
    replay.differences = audit_differences(sealed, file.text);
    if (replay.differences.empty()) replay.same.push_back("audit.json");
  }
  const bool same = record_file(database).sha256 == record_file(scratch.path() + "/audit.db").sha256;
  if (same) replay.same.push_back("audit.db");
  if (!same) replay.differences.push_back("audit.db: its bytes differ");
  if (slices) replay.not_compared.push_back("evidence: cut a slice again with `tattle evidence` to compare it");
  return replay;
}

}  // namespace tattle
