#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "assess/auditor.h"
#include "attribute/data_files.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "detect/subject/datum.h"
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

// The table of countries to use: as asked, else one that lies beside the subject file under its name.
std::string places_table(const AuditOptions& options) {
  if (!options.places.empty()) return options.places;
  for (const std::string& subject : options.subjects) {
    const auto beside = std::filesystem::path(subject).replace_extension(".places.csv");
    std::error_code error;
    if (std::filesystem::is_regular_file(beside, error)) return beside.string();
  }
  return {};
}

// Without its folders, unless two captures would then be called the same and evidence could mean either.
std::string capture_name(const CaptureFacts& capture, const std::vector<CaptureFacts>& captures) {
  // Of a file in an archive the archive's folders go, its own stay.
  const auto shown = [](const CaptureFacts& facts) {
    const std::size_t inside = facts.member.empty() ? 0 : facts.member.size() + 1;
    const std::filesystem::path outside(facts.name.substr(0, facts.name.size() - inside));
    return outside.filename().string() + facts.name.substr(facts.name.size() - inside);
  };
  const auto same = [&](const CaptureFacts& other) { return shown(other) == shown(capture); };
  return std::count_if(captures.begin(), captures.end(), same) > 1 ? capture.name : shown(capture);
}

// Builds the auditor once the phones are known, and passes everything on to it.
class AuditRun : public AuditSink {
 public:
  explicit AuditRun(const AuditOptions& options) : options_(options), hosts_(options.hosts) {}

  void on_start(const std::vector<Subject>& subjects, const std::vector<std::string>& grounds) override {
    AuditSetup setup;
    setup.subjects = subjects;
    grounds_ = grounds;
    for (const std::string& each : options_.limits) set_limit(setup.limits, each);
    setup.hosts = hosts_;
    setup.places = Places::open(find_data(options_.data), places_table(options_));
    setup.organisations =
        Organisations::load_all({find_fact_file("trackers.yaml"), find_fact_file("organisations.yaml")});
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
      capture.name = capture_name(facts, result.captures);
      capture.sha256 = facts.sha256;
      capture.bytes = facts.size;
      capture.captured_bytes = facts.captured_bytes;
      capture.packets = facts.packets;
      capture.entries = facts.entries;
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
  const HostSelection hosts_;
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

// Two phones of one model are told apart by their names, and what they send by their addresses.
void check_subjects_differ(const std::vector<Subject>& subjects) {
  for (std::size_t i = 1; i < subjects.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const Subject &a = subjects[k], &b = subjects[i];
      if (a.name == b.name) {
        throw UserError(fmt::format("{}: two subjects have this name; give each subject file its own `name:`", a.name));
      }
      const auto shared = [](const auto& x, const auto& y, auto same) {
        return std::find_first_of(x.begin(), x.end(), y.begin(), y.end(), same) != x.end();
      };
      const auto overlap = [](const Prefix& x, const Prefix& y) {
        return x.contains(y.address) || y.contains(x.address);
      };
      if (shared(a.addresses.macs, b.addresses.macs, std::equal_to<>()) ||
          shared(a.addresses.prefixes, b.addresses.prefixes, overlap)) {
        throw UserError(fmt::format("{} and {}: have an address in common; each phone needs its own device.addresses",
                                    a.name, b.name));
      }
    }
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
  check_subjects_differ(pipeline.subjects);
  for (const Subject& subject : pipeline.subjects) say_warnings(subject.warnings);
  pipeline.need_device = true;
  if (!options.out.empty()) make_folder(options.out);

  ProgressLine progress;
  pipeline.progress = progress.callback();
  AuditRun run(options);
  const PipelineResult result = run_pipeline(std::move(pipeline), run);
  progress.clear();
  const AuditDocument document = run.finish(result);
  say_warnings(document.warnings);

  if (!options.out.empty()) {
    const std::string json =
        to_json(document, options.reveal).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    write_whole_file(options.out + "/audit.json", as_bytes(json + "\n"));
    write_whole_file(options.out + "/report.html", as_bytes(to_html(document, options.reveal)));
  }
  if (options.json) {
    fmt::print("{}\n", to_json(document, options.reveal).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
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

void add_audit_command(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("audit", "Find what a phone gave away in captured traffic, to whom, and prove it");
  command->footer(
      "Example:\n  tattle audit evening.pcapng --subject me.yaml --keys keys.log --out report\n\n"
      "Values are masked unless --reveal. `tattle subject new` writes a subject file to start from.");
  auto options = std::make_shared<AuditOptions>();
  options->add_to(*command);
  auto repeats = [](CLI::Option* option) { return option->expected(1)->take_all(); };
  repeats(
      command
          ->add_option("--subject", options->subjects, "the test person and phone: what was planted (YAML); may repeat")
          ->option_text("FILE (required)"))
      ->required();
  repeats(command->add_option("--device", options->devices, "the phone's MAC address, IP address or prefix; may repeat")
              ->option_text("ADDRESS"));
  command->add_option("--out", options->out, "folder for report.html, audit.json and audit.db")->option_text("DIR");
  command->add_flag("--json", options->json, "print the audit document instead of the summary");
  command->add_flag("--reveal", options->reveal, "show the planted values instead of masking them");
  command->add_option("--data", options->data, "folder with country and network data")->option_text("DIR");
  command
      ->add_option("--places", options->places,
                   "a table of your own: prefix,country,asn,holder (CSV); wins over the data; without this "
                   "option SUBJECT.places.csv beside the subject file, if there is one")
      ->option_text("FILE");
  repeats(command
              ->add_option("--fail-on", options->fail_on,
                           "exit with 3 when met: disclosure, inferred, clear or a datum such as imei; may repeat")
              ->option_text("CONDITION"));
  command->callback([options, &exit_code] { exit_code = run_audit(*options); });
}

}  // namespace tattle
