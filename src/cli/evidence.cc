#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "evidence/guard.h"
#include "evidence/har_writer.h"
#include "evidence/private_file.h"
#include "evidence/seal/manifest_seal.h"
#include "run/evidence_run.h"

namespace tattle {
namespace {

struct EvidenceOptions {
  std::string audit, id, output;
  std::vector<std::string> captures, keys;
  std::size_t occurrence = 0;
  bool all = false, all_disclosures = false, shareable = false;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
};

// Slices written in one reading of the captures: each is an open file.
constexpr std::size_t kOpenSlices = 400;
constexpr std::string_view kProgram = "tattle " TATTLE_VERSION;

std::vector<const AuditedOccurrence*> occurrences_of(const AuditedDisclosure& disclosure,
                                                     const EvidenceOptions& options) {
  const auto& kept = disclosure.occurrences;
  if (kept.empty()) throw UserError(fmt::format("{}: the audit kept no evidence of it", disclosure.id));
  std::vector<const AuditedOccurrence*> chosen;
  if (options.all) {
    for (const AuditedOccurrence& each : kept) chosen.push_back(&each);
    return chosen;
  }
  const std::size_t number = std::max<std::size_t>(options.occurrence, 1);
  if (number > kept.size()) {
    throw UserError(
        fmt::format("--occurrence {}: the audit keeps evidence of {} message{} with {}, the first and the "
                    "last; give a number up to {}",
                    number, kept.size(), kept.size() == 1 ? "" : "s", disclosure.id, kept.size()));
  }
  return {&kept[number - 1]};
}

std::vector<SliceRequest> requests_of(const AuditFolder& audit, const EvidenceOptions& options) {
  std::vector<SliceRequest> requests;
  if (!options.all_disclosures) {
    const AuditedDisclosure& disclosure = audit.find(options.id);
    return {{&disclosure, occurrences_of(disclosure, options)}};
  }
  for (const AuditedDisclosure& each : audit.disclosures) {
    if (!each.occurrences.empty()) requests.push_back({&each, occurrences_of(each, options)});
  }
  return requests;
}

std::string default_path(const SlicePlan& plan, const EvidenceOptions& options, std::string_view ending) {
  const std::filesystem::path folder = std::filesystem::path(options.audit) / "evidence";
  std::error_code error;
  if (std::filesystem::create_directory(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  return (folder / fmt::format("{}.{}", plan.disclosure->id, ending)).string();
}

// Where a slice is to be written.
// @throws UserError  Something lies there that evidence rests on.
std::string path_for(const SlicePlan& plan, const EvidenceRun& run, const EvidenceOptions& options,
                     std::string_view ending) {
  std::string path = options.output.empty() ? default_path(plan, options, ending) : options.output;
  check_output(path, options.audit, run.record());
  return path;
}

void check_found(const SlicePlan& plan) {
  if (plan.lost < plan.occurrences.size()) return;
  throw UserError(
      fmt::format("{}: its message is not met again in the captures; was the audit made by another version "
                  "of tattle? Audit again",
                  plan.disclosure->id));
}

void say_written(const std::string& path, std::uint64_t count, std::string_view unit, std::string_view program,
                 std::vector<std::string>& written) {
  written.push_back(path);
  const bool stream = path == "-";
  fmt::print(stream ? stderr : stdout, "{} {}{}{}; open it in {}\n",
             stream ? "Written to standard output:" : fmt::format("Written: {},", one_line(path)), count, unit,
             count == 1 ? "" : "s", program);
}

// An import has no packets: its entry is written instead.
void write_entries(const EvidenceRun& run, const SlicePlan& plan, const EvidenceOptions& options,
                   std::vector<std::string>& written) {
  PacketRuns entries;
  for (const AuditedOccurrence* each : plan.occurrences) add_packets(entries, each->packets);
  std::vector<std::shared_ptr<const ImportedMessage>> messages;
  run.read(
      [&](const CaptureEvent& event) {
        const auto* message = std::get_if<std::shared_ptr<const ImportedMessage>>(&event);
        if (message && holds(entries, (*message)->id)) messages.push_back(*message);
      },
      {});
  const std::string har = har_of(messages, TATTLE_VERSION, section_comment(plan, run.audit().captures));
  if (har.empty()) {
    const PacketRun& first = plan.occurrences.front()->packets.front();
    throw UserError(
        fmt::format("{}: is entry {} of {}, which is no HTTP exchange and has no packets to cut out; open it "
                    "in the program that recorded it",
                    plan.disclosure->id, first.first, run.audit().captures.at(first.capture).name));
  }
  const std::string path = path_for(plan, run, options, "har");
  PrivateFile file(path);
  file.write(as_bytes(har));
  file.finish();
  std::uint64_t count = 0;
  for (const PacketRun& each : entries) count += each.last - each.first + 1;
  say_written(path, count, count == 1 ? " entry" : " entrie", "a browser's network tools", written);
}

// Messages instead of packets, with nothing but the value to be read in them.
void write_shareable(const SliceRequest& request, const std::vector<SharedPdu>& pdus, const EvidenceRun& run,
                     const EvidenceOptions& options, std::vector<std::string>& written) {
  SlicePlan plan;
  plan.disclosure = request.disclosure;
  plan.occurrences = request.occurrences;
  if (pdus.empty()) {
    throw UserError(
        fmt::format("{}: its message is not met again in the captures; was the audit made by another version "
                    "of tattle? Audit again",
                    request.disclosure->id));
  }
  const std::string path = path_for(plan, run, options, "shareable.pcapng");
  PrivateFile file(path);
  file.write(shared_file(plan, pdus, run.audit().captures, kProgram));
  file.finish();
  say_written(path, pdus.size(), " message", "Wireshark", written);
}

struct OpenSlice {
  std::string path;
  std::unique_ptr<PrivateFile> file;
  std::unique_ptr<SliceWriter> writer;
};

// All in one reading.
void write_packets(const EvidenceRun& run, const std::vector<std::pair<const SlicePlan*, std::string>>& plans,
                   std::vector<std::string>& written) {
  std::vector<OpenSlice> open;
  for (const auto& [plan, path] : plans) {
    OpenSlice& slice = open.emplace_back();
    slice.path = path;
    slice.file = std::make_unique<PrivateFile>(slice.path);
    slice.writer = std::make_unique<SliceWriter>(*plan, run.audit().captures, kProgram,
                                                 [file = slice.file.get()](Bytes bytes) { file->write(bytes); });
  }
  run.read(
      [&](const CaptureEvent& event) {
        const auto* packet = std::get_if<CapturedPacket>(&event);
        if (packet == nullptr) return;
        for (OpenSlice& slice : open) slice.writer->on_packet(*packet);
      },
      {});
  for (OpenSlice& slice : open) {
    slice.file->finish();
    say_written(slice.path, slice.writer->packets(), " packet", "Wireshark", written);
  }
}

void check_options(const EvidenceOptions& options) {
  if (options.id.empty() == !options.all_disclosures) {
    throw UserError("name one disclosure, as D7, or give --all-disclosures");
  }
  if (options.all_disclosures && !options.output.empty()) {
    throw UserError("--all-disclosures writes into the audit's folder evidence/; leave -o out");
  }
  if (options.all && options.occurrence > 0) throw UserError("--all and --occurrence exclude each other; choose one");
}

// Of all disclosures, one that cannot be shown does not keep the others from being written.
template <class Write>
void attempt(const EvidenceOptions& options, Write write) {
  try {
    write();
  } catch (const UserError& error) {
    if (!options.all_disclosures) throw;
    fmt::print(stderr, "tattle: warning: {}\n", one_line(error.what()));
  }
}

void cut_evidence(const EvidenceOptions& options) {
  check_options(options);
  ProgressLine progress;
  EvidenceRun run(options.audit, options.captures, options.keys, options.jobs);
  const std::vector<SliceRequest> requests = requests_of(run.audit(), options);
  if (options.shareable) {
    const auto pdus = run.share(requests, progress.callback());
    progress.clear();
    std::vector<std::string> written;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      attempt(options, [&] { write_shareable(requests[i], pdus[i], run, options, written); });
    }
    log_written_files(options.audit, written, custody_event("evidence", "", ""));
    fmt::print(stderr,
               "tattle: note: all but the value and what leads to it is masked; look it through before you share it\n");
    return;
  }
  const std::vector<SlicePlan> plans = run.plan(requests, progress.callback());
  progress.clear();
  std::vector<std::pair<const SlicePlan*, std::string>> packets;  // and the file of each
  std::vector<std::string> written;
  const auto flush = [&] {
    if (!packets.empty()) write_packets(run, packets, written);
    packets.clear();
  };
  for (const SlicePlan& plan : plans) {
    attempt(options, [&] {
      check_found(plan);
      if (run.imported(*plan.occurrences.front())) return write_entries(run, plan, options, written);
      packets.emplace_back(&plan, path_for(plan, run, options, "pcapng"));
    });
    if (packets.size() == kOpenSlices) flush();
  }
  flush();
  log_written_files(options.audit, written, custody_event("evidence", "", ""));
  fmt::print(
      stderr,
      "tattle: warning: evidence holds whole messages as they were sent, with cookies, passwords and keys that may "
      "still be valid; keep it as you would keep the phone\n");
}

}  // namespace

void add_evidence_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("evidence", "Cut out the packets that prove a disclosure, for Wireshark");
  command->footer(
      "Example:\n  tattle evidence report D7 -o d7.pcapng\n\n"
      "The slice holds every packet of the conversation up to the value, the DNS answer that named the recipient and\n"
      "the secrets of these connections alone, so that Wireshark shows the value without further set-up.");
  auto options = std::make_shared<EvidenceOptions>();
  command->add_option("AUDIT", options->audit, "the folder that `tattle audit --out` wrote")
      ->option_text("(required)")
      ->required();
  command->add_option("DISCLOSURE", options->id, "its id in the report, as D7")->option_text(" ");
  command
      ->add_option("-o,--output", options->output,
                   "file to write, - is standard output; without it AUDIT/evidence/D7.pcapng")
      ->option_text("FILE");
  command->add_option("--occurrence", options->occurrence, "show this one of the occurrences kept, not the first")
      ->option_text("N")
      ->check(CLI::PositiveNumber);
  command->add_flag("--all", options->all, "show every occurrence of which evidence was kept");
  command->add_flag("--all-disclosures", options->all_disclosures, "write a slice of each into AUDIT/evidence/");
  command->add_flag("--shareable", options->shareable,
                    "the messages with the value instead of the packets, all else in them masked");
  command->add_option("--capture", options->captures, "where a capture lies now that was moved; may repeat")
      ->option_text("PATH")
      ->expected(1)
      ->take_all();
  command->add_option("--keys", options->keys, "where a key file lies now that was moved; may repeat")
      ->option_text("PATH")
      ->expected(1)
      ->take_all();
  command->add_option("--jobs", options->jobs, "threads; the output is the same for any number")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  command->callback([options, &exit_code] {
    cut_evidence(*options);
    exit_code = kDone;
  });
}

}  // namespace tattle
