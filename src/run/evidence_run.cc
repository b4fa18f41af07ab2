#include "run/evidence_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "detect/subject/subject.h"
#include "run/evidence_tracker.h"
#include "run/share_tracker.h"

namespace tattle {
namespace {

// Flows lead to flows: a recipient's to that of the DNS answer, a QUIC connection's to the one it moved to.
constexpr int kMostRuns = 4;
constexpr std::string_view kMask = "•";

bool same_bytes(const RecordedFile& a, const RecordedFile& b) { return a.sha256 == b.sha256 && a.size == b.size; }

std::string locate(const RecordedFile& file, const std::vector<RecordedFile>& moved, std::string_view option) {
  for (const RecordedFile& each : moved) {
    if (same_bytes(each, file)) return each.path;
  }
  if (file.path == "-") {
    throw UserError(fmt::format("the audit read standard input; give the same bytes as a file with {} PATH", option));
  }
  std::error_code error;
  if (!std::filesystem::exists(file.path, error)) {
    throw UserError(fmt::format("{}: no longer there; say where it is now with {} PATH", file.path, option));
  }
  const RecordedFile now = record_file(file.path);
  if (same_bytes(now, file)) return file.path;
  throw UserError(
      fmt::format("{}: has changed since the audit (SHA-256 {} then, {} now); give the file as it was with "
                  "{} PATH, or audit again",
                  file.path, file.sha256.substr(0, 16), now.sha256.substr(0, 16), option));
}

// The name under which the recipient is known; empty when there is none, or when the audit hides a part of it.
std::string host_of(const AuditedDisclosure& disclosure, const WantedMessage& message) {
  std::string host = disclosure.host;
  if (host.find(kMask) != std::string::npos) host = disclosure.role == "destination" ? message.host : "";
  return Address::parse(host) ? std::string() : host;
}

// The last answer before the flow began that gives its server's address the recipient's name.
const NameAnswer* naming_answer(const EvidenceTracker& tracker, const WantedFlow& flow, const std::string& host) {
  const auto answers = tracker.answers.find(flow.info.server.address);
  if (answers == tracker.answers.end()) return nullptr;
  const NameAnswer* last = nullptr;
  for (const NameAnswer& each : answers->second) {
    if (each.order < flow.packets.first_order() && (host.empty() || each.name == host)) last = &each;
  }
  return last;
}

void remember(std::vector<std::pair<Address, std::string>>& names, const Address& address, const std::string& name) {
  const std::pair<Address, std::string> entry{address, name};
  if (!name.empty() && std::find(names.begin(), names.end(), entry) == names.end()) names.push_back(entry);
}

// Makes plans of what a run found, and says of which further flows the packets are needed.
class Planner {
 public:
  Planner(const EvidenceTracker& tracker, std::set<FlowId>& more, PacketRuns& strays)
      : tracker_(tracker), more_(more), strays_(strays) {}

  SlicePlan plan(const SliceRequest& request) {
    SlicePlan plan;
    plan.disclosure = request.disclosure;
    plan.occurrences = request.occurrences;
    std::map<FlowId, std::uint64_t> ends;  // of the flows in it
    for (const AuditedOccurrence* occurrence : request.occurrences) {
      const auto message = tracker_.messages.find({occurrence->flow, occurrence->message});
      if (message == tracker_.messages.end() || !message->second.found) {
        ++plan.lost;
        continue;
      }
      add_message(plan, *occurrence, message->second, ends);
    }
    for (const auto& [id, end] : ends) add_flow(plan, id, end, true);
    return plan;
  }

 private:
  void add_message(SlicePlan& plan, const AuditedOccurrence& occurrence, const WantedMessage& message,
                   std::map<FlowId, std::uint64_t>& ends) {
    PacketRuns packets = message.packets;
    add_packets(packets, occurrence.packets);
    add_packets(plan.packets, packets);
    std::uint64_t& end = ends[occurrence.flow];
    end = std::max(end, message.order);
    const WantedFlow& flow = tracker_.flows.at(occurrence.flow);
    add_strays(flow, packets, message.order, ends);
    add_name(plan, flow, message);
  }

  // Packets that other flows carried: a QUIC connection whose client moved to another address.
  void add_strays(const WantedFlow& home, const PacketRuns& packets, std::uint64_t end,
                  std::map<FlowId, std::uint64_t>& ends) {
    if (home.info.transport != Transport::udp) return;
    for (const PacketRun& run : packets) {
      for (std::uint64_t number = run.first; number <= run.last; ++number) {
        const PacketId id{run.capture, number};
        if (home.packets.holds(id)) continue;
        const auto other = std::find_if(tracker_.flows.begin(), tracker_.flows.end(),
                                        [&](const auto& each) { return each.second.packets.holds(id); });
        if (other == tracker_.flows.end()) {
          add_packets(strays_, {id.capture, number, number});
        } else {
          ends[other->first] = std::max(ends[other->first], end);
        }
      }
    }
  }

  void add_name(SlicePlan& plan, const WantedFlow& flow, const WantedMessage& message) {
    const Address& server = flow.info.server.address;
    const auto& known = plan.disclosure->addresses;
    if (std::find(known.begin(), known.end(), server) == known.end()) return;
    std::string host = host_of(*plan.disclosure, message);
    if (const NameAnswer* answer = naming_answer(tracker_, flow, host)) {
      if (host.empty()) host = answer->name;
      add_packets(plan.packets, answer->packets);
      add_packets(plan.dns, answer->packets);
      if (answer->whole_flow) add_flow(plan, answer->flow, answer->order, false);
    }
    remember(plan.names, server, host);
  }

  void add_flow(SlicePlan& plan, FlowId id, std::uint64_t end, bool count_rest) {
    const auto flow = tracker_.flows.find(id);
    if (flow == tracker_.flows.end()) {
      more_.insert(id);
      return;
    }
    add_packets(plan.packets, flow->second.packets.until(end));
    // What opens only what comes later, as inside a tunnel that the message asks for, stays with its owner.
    for (const auto& [secret, order] : flow->second.secrets) {
      if (order <= end) plan.secrets.insert(secret);
    }
    if (count_rest) plan.left_out += flow->second.packets.after(end);
  }

  const EvidenceTracker& tracker_;
  std::set<FlowId>& more_;
  PacketRuns& strays_;
};

}  // namespace

std::vector<std::string> locate_files(const std::vector<RecordedFile>& files, const std::vector<std::string>& moved,
                                      std::string_view option) {
  std::vector<RecordedFile> now;
  for (const std::string& path : moved) {
    now.push_back(record_file(path));
    const auto same = [&](const RecordedFile& file) { return same_bytes(file, now.back()); };
    if (std::any_of(files.begin(), files.end(), same)) continue;
    throw UserError(fmt::format("{} {}: is none of the files of this audit, or has changed (SHA-256 {})", option, path,
                                now.back().sha256.substr(0, 16)));
  }
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const RecordedFile& file : files) paths.push_back(locate(file, now, option));
  return paths;
}

EvidenceRun::EvidenceRun(const std::string& folder, const std::vector<std::string>& moved_captures,
                         const std::vector<std::string>& moved_keys, unsigned jobs)
    : jobs_(jobs) {
  record_ = read_run_record(folder);
  audit_ = read_audit_folder(folder);
  captures_ = locate_files(record_.captures, moved_captures, "--capture");
  keys_ = locate_files(record_.keys, moved_keys, "--keys");
  for (std::size_t i = 0; i < captures_.size(); ++i) record_.captures[i].path = captures_[i];
  for (std::size_t i = 0; i < keys_.size(); ++i) record_.keys[i].path = keys_[i];
}

bool EvidenceRun::imported(const AuditedOccurrence& occurrence) const {
  return std::any_of(occurrence.packets.begin(), occurrence.packets.end(), [&](const PacketRun& run) {
    return run.capture < audit_.captures.size() && audit_.captures[run.capture].entries;
  });
}

// As the audit read them; nothing is searched, but who the phone is decides what some entries of imports count for.
PipelineOptions EvidenceRun::options() const {
  PipelineOptions options;
  options.captures = captures_;
  options.key_files = keys_;
  options.selection = {record_.filter, record_.since, record_.until};
  options.limits = limits_of(record_);
  options.jobs = jobs_;
  for (const RecordedSubject& each : record_.subjects) {
    Subject& subject = options.subjects.emplace_back();
    for (const std::string& address : each.addresses) add_device_address(subject.addresses, address, "run.json");
  }
  return options;
}

std::vector<SlicePlan> EvidenceRun::plan(const std::vector<SliceRequest>& requests, const Progress& progress) {
  std::set<FlowId> wanted;
  PacketRuns strays;
  for (const SliceRequest& request : requests) {
    for (const AuditedOccurrence* each : request.occurrences) wanted.insert(each->flow);
  }
  for (int run = 1;; ++run) {
    EvidenceTracker tracker;
    for (const FlowId flow : wanted) tracker.flows[flow];
    for (const SliceRequest& request : requests) {
      for (const AuditedOccurrence* each : request.occurrences) tracker.messages[{each->flow, each->message}];
      for (const Address& address : request.disclosure->addresses) tracker.answers[address];
    }
    tracker.strays = strays;
    PipelineOptions run_options = options();
    run_options.observer = &tracker;
    run_options.progress = progress;
    const PipelineResult result = run_pipeline(std::move(run_options), tracker);
    for (std::size_t i = 0; i < result.captures.size() && i < audit_.captures.size(); ++i) {
      if (result.captures[i].sha256 == audit_.captures[i].sha256) continue;
      throw UserError(fmt::format("{}: is not what audit.json tells of; run.json is of another audit, audit again",
                                  result.captures[i].name));
    }
    std::set<FlowId> more = std::move(tracker.flows_of_strays);
    PacketRuns more_strays;
    Planner planner(tracker, more, more_strays);
    std::vector<SlicePlan> plans;
    plans.reserve(requests.size());
    for (const SliceRequest& request : requests) plans.push_back(planner.plan(request));
    const std::size_t before = wanted.size();
    wanted.insert(more.begin(), more.end());
    const bool done = wanted.size() == before && (more_strays.empty() || more_strays == strays);
    if (done || run == kMostRuns) return plans;
    strays = std::move(more_strays);
  }
}

std::vector<std::vector<SharedPdu>> EvidenceRun::share(const std::vector<SliceRequest>& requests,
                                                       const Progress& progress) {
  PipelineOptions run_options = options();
  std::vector<RecordedFile> files;
  for (const RecordedSubject& each : record_.subjects) files.push_back(each.file);
  const std::vector<std::string> paths = locate_files(files, {}, "the path in run.json:");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Subject subject = load_subject(paths[i]);
    subject.addresses = run_options.subjects[i].addresses;
    run_options.subjects[i] = std::move(subject);
  }
  ShareTracker tracker(requests, run_options.subjects, run_options.limits);
  run_options.observer = &tracker;
  run_options.progress = progress;
  run_pipeline(std::move(run_options), tracker);
  return tracker.take();
}

void EvidenceRun::read(const std::function<void(const CaptureEvent&)>& on_event, const Progress& progress) const {
  const Limits limits = limits_of(record_);
  Input input(captures_, limits);
  input.read(on_event, progress);
}

}  // namespace tattle
