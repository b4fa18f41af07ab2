#include "run/audit_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <set>

#include "assess/auditor.h"
#include "attribute/actions/action_log.h"
#include "attribute/data_files.h"
#include "base/hex.h"
#include "base/result.h"
#include "report/db/audit_db.h"
#include "report/json/document_json.h"
#include "run/run_recorder.h"

namespace tattle {
namespace {

constexpr const char* kCountryAreas = "country_areas.tsv";

// The table of countries to use: as asked, else one that lies beside the subject file under its name.
std::string places_table(const AuditRequest& request) {
  if (!request.places.empty()) return request.places;
  for (const std::string& subject : request.subjects) {
    const auto beside = std::filesystem::path(subject).replace_extension(".places.csv");
    std::error_code error;
    if (std::filesystem::is_regular_file(beside, error)) return beside.string();
  }
  return {};
}

// The user's own files come last: of what several speak, the later one's word stands.
std::vector<std::string> organisation_files(const std::vector<std::string>& own) {
  std::vector<std::string> paths{find_fact_file("trackers.yaml"), find_fact_file("organisations.yaml")};
  paths.insert(paths.end(), own.begin(), own.end());
  return paths;
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
  /// @param record  Learns which phones they are; may be null.
  /// @param log     Of the tester's; may be null.
  AuditRun(const AuditRequest& request, RunRecord* record, std::shared_ptr<const ActionLog> log)
      : request_(request),
        record_(record),
        log_(std::move(log)),
        hosts_(request.hosts),
        limits_(request.pipeline.limits) {
    if (request.gateway.empty()) return;
    gateway_ = Gateway::parse(request.gateway, CountryAreas::load(find_fact_file(kCountryAreas)));
  }

  void on_start(const std::vector<Subject>& subjects, const std::vector<std::string>& grounds) override {
    if (record_ != nullptr) record_devices(*record_, subjects);
    AuditSetup setup;
    setup.subjects = subjects;
    grounds_ = grounds;
    setup.limits = limits_;
    setup.hosts = hosts_;
    const DataFiles data = find_data(request_.data);
    const std::vector<std::string> organisations = organisation_files(request_.organisations);
    const std::string jurisdictions = find_fact_file("jurisdictions.yaml"), terms = find_fact_file("dpv.yaml");
    setup.places = Places::open(data, places_table(request_));
    setup.organisations = Organisations::load_all(organisations);
    setup.jurisdictions = Jurisdictions::load(jurisdictions);
    setup.terms = DataTerms::load(terms);
    std::vector<std::string> used = organisations;
    used.insert(used.end(), {jurisdictions, terms});
    if (gateway_) used.push_back(find_fact_file(kCountryAreas));
    used.insert(used.end(), data.countries.begin(), data.countries.end());
    used.insert(used.end(), {data.networks, places_table(request_)});
    no_countries_ = data.countries.empty();
    no_networks_ = data.networks.empty();
    // The tables of addresses are large; they are hashed while the captures are read.
    facts_ = std::async(std::launch::async, describe_facts, std::move(used));
    setup.gateway = gateway_;
    setup.actions = log_;
    if (!request_.database_folder.empty()) {
      database_ = std::make_unique<AuditDatabase>(request_.database_folder, subjects, request_.reveal);
      setup.observer = database_.get();
    }
    auditor_ = std::make_unique<Auditor>(std::move(setup));
  }
  void on_message(const MessageRecord& record) override {
    auditor_->on_message(record);
    if (request_.also) request_.also->on_message(record);
  }
  void on_flow(const FlowRecord& record) override {
    auditor_->on_flow(record);
    if (request_.also) request_.also->on_flow(record);
  }
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
      capture.origin = facts.origin;
    }
    if (log_) end.warnings.insert(end.warnings.end(), log_->warnings.begin(), log_->warnings.end());
    AuditDocument document = auditor_->finish(std::move(end));
    document.facts = facts_.get();
    if (record_ != nullptr) record_->facts = document.facts;
    say_missing_tables(document);
    if (database_) database_->finish(document);
    return document;
  }

 private:
  /// A recipient without a country must not look like one of which none is known, when nothing was there to ask.
  void say_missing_tables(AuditDocument& document) const {
    std::size_t countries = 0, networks = 0;
    for (const ContactReport& each : document.recipients) {
      const RecipientReport& to = each.recipient;
      if (to.local || to.addresses.empty()) continue;
      countries += to.country.empty() && to.countries.empty();
      networks += to.network.empty() && to.networks.empty();
    }
    const auto warn = [&](bool missing, std::size_t count, const char* what, const char* file) {
      if (!missing || count == 0) return;
      document.warnings.push_back(fmt::format(
          "No table of {} ({}) was found, so that of {} none is known; {}", what, file,
          count == 1 ? std::string("1 recipient") : fmt::format("{} recipients", count), Places::how_to_install()));
    };
    warn(no_countries_, countries, "countries", "countries.mmdb");
    warn(no_networks_, networks, "networks", "networks.tattle");
  }

  const AuditRequest& request_;
  RunRecord* const record_;
  const std::shared_ptr<const ActionLog> log_;
  const HostSelection hosts_;
  const Limits limits_;
  std::shared_ptr<const Gateway> gateway_;
  std::vector<std::string> grounds_;
  std::unique_ptr<AuditDatabase> database_;
  std::future<std::vector<UsedFacts>> facts_;
  bool no_countries_ = false, no_networks_ = false;
  std::unique_ptr<Auditor> auditor_;
};

std::shared_ptr<const ActionLog> load_log(const AuditRequest& request) {
  if (request.actions.empty()) return nullptr;
  if (request.pipeline.subjects.size() > 1) {
    throw UserError("--actions goes with a single --subject; audit each phone with its own log of actions");
  }
  return std::make_shared<const ActionLog>(load_action_log(request.actions, request.pipeline.limits));
}

// The log as a file, and each photograph that it names.
void record_log(RunRecord& record, const std::string& path, const ActionLog& log) {
  record.files.push_back({"--actions", record_file(path)});
  std::set<std::string> screens;
  for (const Action& action : log.actions) {
    if (action.screen.empty() || !screens.insert(action.screen).second) continue;
    record.files.push_back({"screen", record_file(action.screen)});
    // Between reading the log and this the photograph may have been replaced.
    if (record.files.back().file.sha256 != action.screen_sha256) {
      throw UserError(fmt::format("{}: changed while it was read; try again", action.screen));
    }
  }
}

RunRecord begin_record(const AuditRequest& request) {
  RunRecord record = begin_record(request.pipeline, request.arguments, request.subjects);
  record.version = TATTLE_VERSION;
  record.devices = request.devices;
  record.hosts = request.hosts;
  record.reveal = request.reveal;
  std::error_code error;
  if (!request.data.empty()) record.data = std::filesystem::absolute(request.data, error).string();
  if (const std::string places = places_table(request); !places.empty()) {
    record.files.push_back({"--places", record_file(places)});
  }
  for (const std::string& path : request.organisations) {
    record.files.push_back({"--organisations", record_file(path)});
  }
  return record;
}

// Photos that subject files name: what they hold is looked for in the traffic.
void record_photos(RunRecord& record, const std::vector<std::string>& paths, const std::vector<Subject>& subjects) {
  for (std::size_t i = 0; i < paths.size() && i < subjects.size(); ++i) {
    const std::filesystem::path base = std::filesystem::path(paths[i]).parent_path();
    for (const Entry& entry : subjects[i].entries) {
      for (const Entry::Part& part : entry.parts) {
        if (part.sha256.empty()) continue;
        record.files.push_back({"photo", record_file((base / part.text).string())});
        if (record.files.back().file.sha256 == to_hex(part.sha256)) continue;
        throw UserError(fmt::format("{}: changed while it was read; try again", (base / part.text).string()));
      }
    }
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

}  // namespace

std::vector<std::string> load_subjects(AuditRequest& request) {
  std::vector<Subject>& subjects = request.pipeline.subjects;
  for (const std::string& path : request.subjects) subjects.push_back(load_subject(path));
  if (!request.devices.empty() && subjects.size() > 1) {
    throw UserError("--device goes with a single --subject; give each subject file its device.addresses instead");
  }
  for (const std::string& device : request.devices) {
    add_device_address(subjects.front().addresses, device, "--device");
  }
  check_subjects_differ(subjects);
  std::vector<std::string> warnings;
  for (const Subject& subject : subjects) {
    warnings.insert(warnings.end(), subject.warnings.begin(), subject.warnings.end());
  }
  return warnings;
}

AuditOutcome run_audit(AuditRequest request) {
  request.pipeline.need_device = true;
  std::optional<RunRecord> record;
  const std::shared_ptr<const ActionLog> log = load_log(request);
  if (request.record) record = begin_record(request);
  if (record) record_photos(*record, request.subjects, request.pipeline.subjects);
  if (record && log) record_log(*record, request.actions, *log);
  AuditRun run(request, record ? &*record : nullptr, log);
  const std::vector<std::string> captures = request.pipeline.captures;
  PipelineResult result = run_pipeline(std::move(request.pipeline), run);
  if (record) end_record(*record, captures, result);
  AuditOutcome outcome{run.finish(result), {}, std::move(record).value_or(RunRecord{})};
  outcome.captures = std::move(result.captures);
  return outcome;
}

std::string audit_json(const AuditDocument& document, bool reveal) {
  return to_json(document, reveal).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tattle
