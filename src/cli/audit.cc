#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "assess/auditor.h"
#include "attribute/data_files.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/run_options.h"
#include "detect/datum.h"
#include "report/audit_db.h"
#include "report/document_json.h"
#include "report/html.h"
#include "report/terminal.h"
#include "report/write_file.h"

namespace tattle {
namespace {

struct AuditOptions : RunOptions {
  std::vector<std::string> subjects, devices, fail_on;
  std::string out, data, places;
  bool json = false, reveal = false;
};

// Builds the auditor once the phones are known, and passes everything on to it.
class AuditRun : public AuditSink {
 public:
  explicit AuditRun(const AuditOptions& options) : options_(options) {}

  void on_start(const std::vector<Subject>& subjects, const std::vector<std::string>& grounds) override {
    AuditSetup setup;
    setup.subjects = subjects;
    grounds_ = grounds;
    for (const std::string& each : options_.limits) set_limit(setup.limits, each);
    setup.places = Places::open(find_data(options_.data), options_.places);
    setup.organisations = Organisations::load(find_fact_file("organisations.yaml"));
    if (!options_.out.empty()) {
      database_ = std::make_unique<AuditDatabase>(options_.out, subjects, options_.reveal);
      setup.observer = database_.get();
    }
    auditor_ = std::make_unique<Auditor>(std::move(setup));
  }
  void on_message(const MessageRecord& record) override { auditor_->on_message(record); }
  void on_flow(const FlowRecord& record) override { auditor_->on_flow(record); }
  void on_unread(Unread why, PacketId packet, std::uint64_t bytes) override {
    auditor_->add_unread(why, packet, bytes);
  }
  void on_name(const Address& address, const std::string& name) override { auditor_->add_name(address, name); }

  AuditDocument finish(const PipelineResult& result) {
    AuditEnd end{TATTLE_VERSION, {}, grounds_, result.warnings, &result.anomalies};
    for (const CaptureFacts& facts : result.captures) {
      CaptureReport& capture = end.captures.emplace_back();
      capture.name = std::filesystem::path(facts.name).filename().string();
      capture.sha256 = facts.sha256;
      capture.bytes = facts.size;
      capture.captured_bytes = facts.captured_bytes;
      capture.packets = facts.packets;
      capture.format = facts.format;
      capture.cut = facts.cut;
      capture.first = facts.first;
      capture.last = facts.last;
    }
    AuditDocument document = auditor_->finish(std::move(end));
    if (database_) database_->finish(document);
    return document;
  }

 private:
  const AuditOptions& options_;
  std::vector<std::string> grounds_;
  std::unique_ptr<AuditDatabase> database_;
  std::unique_ptr<Auditor> auditor_;
};

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

int run_audit(const AuditOptions& options) {
  PipelineOptions pipeline = options.pipeline();
  check_conditions(options.fail_on);
  for (const std::string& path : options.subjects) pipeline.subjects.push_back(load_subject(path));
  if (!options.devices.empty() && pipeline.subjects.size() > 1) {
    throw UserError("--device goes with a single --subject; give each subject file its device.addresses instead");
  }
  for (const std::string& device : options.devices) {
    add_device_address(pipeline.subjects.front().addresses, device, "--device");
  }
  for (const Subject& subject : pipeline.subjects) {
    for (const std::string& warning : subject.warnings) fmt::print(stderr, "tattle: warning: {}\n", warning);
  }
  pipeline.need_device = true;
  if (!options.out.empty()) make_folder(options.out);

  ProgressLine progress;
  pipeline.progress = progress.callback();
  AuditRun run(options);
  const PipelineResult result = run_pipeline(std::move(pipeline), run);
  progress.clear();
  const AuditDocument document = run.finish(result);
  for (const std::string& warning : document.warnings) fmt::print(stderr, "tattle: warning: {}\n", warning);

  if (!options.out.empty()) {
    const std::string json =
        to_json(document, options.reveal).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    write_whole_file(options.out + "/audit.json", as_bytes(json + "\n"));
    write_whole_file(options.out + "/report.html", as_bytes(to_html(document, options.reveal)));
  }
  if (options.json) {
    fmt::print("{}\n", to_json(document, options.reveal).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    const bool colour = isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
    fmt::print("{}", terminal_summary(document, options.reveal, colour));
    if (!options.out.empty()) {
      fmt::print("Written: {}/report.html, and for programs audit.json and audit.db beside it.\n", options.out);
    } else {
      fmt::print("For the whole report with the proof of each line, add: --out FOLDER\n");
    }
  }
  return condition_met(options.fail_on, document) ? kConditionMet : kDone;
}

}  // namespace

void add_audit_command(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("audit", "Find what a phone gave away in captured traffic, to whom, and prove it");
  command->footer(
      "Example:\n  tattle audit evening.pcapng --subject me.yaml --keys keys.log --out report\n\n"
      "Values are masked unless --reveal. `tattle subject new` writes a subject file to start from.");
  auto options = std::make_shared<AuditOptions>();
  options->add_to(*command);
  auto repeats = [](CLI::Option* option) { return option->expected(1)->take_all(); };
  repeats(command->add_option("--subject", options->subjects,
                              "the test person and phone: what was planted (YAML); may repeat"))
      ->required();
  repeats(
      command->add_option("--device", options->devices, "the phone's MAC address, IP address or prefix; may repeat"));
  command->add_option("--out", options->out, "folder for report.html, audit.json and audit.db");
  command->add_flag("--json", options->json, "print the audit document instead of the summary");
  command->add_flag("--reveal", options->reveal, "show the planted values instead of masking them");
  command->add_option("--data", options->data, "folder with country and network data");
  command->add_option("--places", options->places,
                      "a table of your own: prefix,country,asn,holder (CSV); wins over the data");
  repeats(command->add_option("--fail-on", options->fail_on,
                              "exit with 3 when met: disclosure, inferred, clear or a datum such as imei; may repeat"));
  command->callback([options, &exit_code] { exit_code = run_audit(*options); });
}

}  // namespace tattle
