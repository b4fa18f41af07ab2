#include "pipeline/pipeline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "packet/device/device_inference.h"
#include "packet/dissector.h"
#include "packet/link/link.h"
#include "pipeline/first_pass.h"
#include "pipeline/held_bodies.h"
#include "pipeline/import_table.h"
#include "pipeline/worker_pool.h"

namespace tattle {
namespace {

constexpr std::size_t kBatchItems = 8192;
constexpr std::size_t kFlowEndItems = 8;        // that the end of a flow counts for
constexpr std::size_t kBatchBytes = 512 << 10;  // stays in a cache until its worker comes

// Deals what the reader makes of packets to the workers, by flow; UDP by the server's endpoint, so that a QUIC
// connection whose client moves to another address stays with its worker.
class Dealer : public SegmentSink {
 public:
  Dealer(WorkerPool& pool, std::shared_ptr<const KeyStore> keys, HeldBodies& bodies, AuditSink& sink,
         RunObserver* observer)
      : pool_(pool), keys_(std::move(keys)), bodies_(bodies), sink_(sink), observer_(observer) {
    batch_.items.resize(pool.jobs());
  }

  void on_flow(const FlowInfo& flow) override {
    if (observer_ != nullptr) observer_->on_flow(flow);
    if (flow.transport == Transport::udp && batch_.items.size() > 1) {
      udp_[flow.id] = static_cast<std::uint32_t>(std::hash<Endpoint>{}(flow.server) % batch_.items.size());
    }
    list(flow.id).emplace_back(flow);
  }
  void on_segment(const Segment& segment) override {
    if (observer_ != nullptr) observer_->on_segment(segment);
    // An owner of its own for each item would be counted by two threads in turns, which costs more than the dealing.
    if (batch_.owners.empty() || batch_.owners.back() != *segment.owner) batch_.owners.push_back(*segment.owner);
    std::get<Segment>(list(segment.flow).emplace_back(segment)).owner = nullptr;
    order_ = segment.order;
    bytes_ += segment.payload.size();
    if (++items_ >= kBatchItems || bytes_ >= kBatchBytes) full_ = true;
  }
  void on_imported(const ImportedItem& item) {
    list(item.flow).emplace_back(item);
    order_ = item.order;
    bytes_ += item.message->bytes();
    if (++items_ >= kBatchItems || bytes_ >= kBatchBytes) full_ = true;
  }
  void on_flow_end(FlowId flow, FlowEndReason, std::uint64_t order) override {
    list(flow).emplace_back(FlowEnd{flow, order});
    order_ = order;
    udp_.erase(flow);
    // Thousands may end at once, each at a place of its own in the order, and each with a summary.
    if ((items_ += kFlowEndItems) >= kBatchItems) deal();
  }
  void on_unread(Unread why, PacketId packet, std::uint64_t bytes) override { sink_.on_unread(why, packet, bytes); }

  // Between packets: a batch never splits what one packet caused.
  void deal_if_full() {
    if (full_) deal();
  }
  void deal() {
    items_ = bytes_ = 0;
    full_ = false;
    batch_.relief = {bodies_.choose(), std::exchange(dealt_order_, order_)};
    pool_.run(batch_, keys_);
  }
  void add_secrets(Bytes key_log, const Limits& limits) {
    deal();
    auto richer = std::make_shared<KeyStore>(*keys_);
    richer->add_key_log(key_log, limits);
    keys_ = std::move(richer);
  }

 private:
  std::vector<WorkItem>& list(FlowId flow) {
    auto udp = udp_.find(flow);
    return batch_.items[udp == udp_.end() ? flow % batch_.items.size() : udp->second];
  }

  WorkerPool& pool_;
  std::shared_ptr<const KeyStore> keys_;
  HeldBodies& bodies_;
  AuditSink& sink_;
  RunObserver* const observer_;
  WorkBatch batch_;
  std::unordered_map<FlowId, std::uint32_t> udp_;  // workers of UDP flows
  std::uint64_t order_ = 0, dealt_order_ = 0;      // of the last item, and of the last before this batch
  std::size_t items_ = 0, bytes_ = 0;
  bool full_ = false;
};

// Orders one batch's results by the packet that completed them, numbers the messages, hands all on.
void merge_batch(std::vector<WorkResults>& results, std::uint64_t& last_number, std::vector<KeyFile>& key_files,
                 AuditSink& sink) {
  struct Entry {
    std::uint64_t order;
    FlowId flow;
    MessageRecord* message;
    FlowRecord* end;
  };
  std::vector<Entry> entries;
  for (WorkResults& each : results) {
    for (MessageRecord& message : each.messages) entries.push_back({message.order, message.flow.id, &message, nullptr});
    for (FlowRecord& flow : each.flows) entries.push_back({flow.order, flow.summary.flow.id, nullptr, &flow});
  }
  // A flow lives in one worker, so that the stable sort keeps its messages in order, its end last.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tuple(a.order, a.flow, a.end != nullptr) < std::tuple(b.order, b.flow, b.end != nullptr);
  });
  for (const Entry& entry : entries) {
    if (entry.end) {
      for (KeyFile& file : key_files) file.meet(entry.end->summary.tls);
      sink.on_flow(*entry.end);
      continue;
    }
    // A request that was answered before it was whole comes later, and has the lower number all the same.
    const auto& request = entry.message->request_number;
    if (request && *request == 0) *request = ++last_number;
    std::uint64_t& number = *entry.message->own_number;
    if (number == 0) number = ++last_number;
    entry.message->number = number;
    sink.on_message(*entry.message);
  }
}

// Clients of imports that the packets do not show to be the phone join its candidates.
void add_imported_clients(DeviceInference::Answer& answer, const ImportedClients& imports) {
  const auto known = [&](const Prefix& client) {
    return std::any_of(answer.addresses.prefixes.begin(), answer.addresses.prefixes.end(), [&](const Prefix& prefix) {
      return prefix.contains(client.address) || client.contains(prefix.address);
    });
  };
  for (const auto& [client, messages] : imports.known) {
    if (known(client)) continue;
    answer.candidates.push_back(fmt::format("{} is the client of {} message{} of an import", to_string(client.address),
                                            messages, messages == 1 ? "" : "s"));
    if (answer.candidates.size() > 1) continue;
    answer.addresses.prefixes.push_back(client);
    answer.ground = fmt::format("{} is the client recorded in the import", to_string(client.address));
  }
}

constexpr std::string_view kRecordedClient = "the client recorded in the import";

// The phone's addresses where the subject file and the options do not give them.
std::vector<std::string> settle_devices(std::vector<Subject>& subjects, const DeviceInference& inference,
                                        const ImportedClients& imports) {
  std::vector<std::string> grounds;
  const std::string in_imports = imports.unknown ? fmt::format("; without an address, {}", kRecordedClient) : "";
  for (Subject& subject : subjects) {
    if (!subject.addresses.macs.empty() || !subject.addresses.prefixes.empty()) {
      grounds.push_back("address given by the subject file or --device" + in_imports);
      continue;
    }
    if (subjects.size() > 1) {
      throw UserError(
          fmt::format("{}: several subjects need addresses to be told apart; add device.addresses to each subject file",
                      subject.name));
    }
    DeviceInference::Answer answer = inference.answer();
    add_imported_clients(answer, imports);
    if (answer.candidates.size() > 1) {
      const std::size_t shown = std::min<std::size_t>(answer.candidates.size(), 6);
      throw UserError(fmt::format(
          "which host is the phone? {}{}. Name it with --device ADDRESS or device.addresses in the subject file",
          fmt::join(answer.candidates.begin(), answer.candidates.begin() + shown, "; "),
          answer.candidates.size() > shown ? fmt::format("; and {} more", answer.candidates.size() - shown) : ""));
    }
    subject.addresses = answer.addresses;
    if (!answer.ground.empty()) {
      grounds.push_back("inferred: " + answer.ground + in_imports);
    } else if (imports.unknown) {
      grounds.emplace_back(kRecordedClient);
    } else {
      grounds.emplace_back("no host opened a conversation: nothing here is known to be the phone's");
    }
  }
  return grounds;
}

std::string left_out_warning(const SelectionOptions& options, const std::vector<CaptureFacts>& captures,
                             std::uint64_t left_out) {
  std::vector<std::string_view> given, units;
  if (!options.filter.empty()) given.emplace_back("--filter");
  if (!options.since.empty()) given.emplace_back("--since");
  if (!options.until.empty()) given.emplace_back("--until");
  for (const CaptureFacts& capture : captures) {
    const std::string_view unit = capture.entries ? "messages" : "packets";
    if (std::find(units.begin(), units.end(), unit) == units.end()) units.push_back(unit);
  }
  return fmt::format("{}: left out of what was looked at: {} {}", fmt::join(given, ", "), left_out,
                     fmt::join(units, " and "));
}

/// @throws UserError  when nothing could be read because all there is was cut in its first packet.
void refuse_nothing(const std::vector<CaptureFacts>& captures) {
  const CaptureFacts* cut = nullptr;
  for (const CaptureFacts& capture : captures) {
    if (capture.packets > 0) return;
    if (capture.cut && cut == nullptr) cut = &capture;
  }
  if (cut == nullptr) return;
  throw UserError(fmt::format("{}: is cut in its first {}, nothing in it can be read; save or copy it anew",
                              cut->name == "-" ? "standard input" : cut->name, cut->entries ? "entry" : "packet"));
}

/// Says which packets were recorded where no IP can be read: of Bluetooth, USB and the like.
/// @throws UserError  when there are no others.
void add_unknown_links(const Dissector& dissector, PipelineResult& result) {
  std::uint64_t all = 0, unknown = 0;
  for (const CaptureFacts& capture : result.captures) all += capture.packets;
  std::vector<std::string> said;
  for (const auto& [where, packets] : dissector.unknown_links()) {
    unknown += packets;
    const std::string& name = result.captures[where.first].name;
    said.push_back(fmt::format("{}: {} packets are of link type {}, which tattle does not read",
                               name == "-" ? "standard input" : name, packets, link_name(where.second)));
  }
  if (unknown > 0 && unknown == all) throw UserError(said.front() + "; record where the phone's IP traffic passes");
  for (std::string& line : said) result.warnings.push_back(std::move(line));
}

void add_warnings(const std::vector<KeyFile>& key_files, PipelineResult& result) {
  for (const CaptureFacts& capture : result.captures) {
    if (capture.packets == 0 && !capture.cut) {
      result.warnings.push_back(
          fmt::format("{}: is whole and holds no {}; record anew where the phone's traffic passes",
                      capture.name == "-" ? "standard input" : capture.name, capture.entries ? "entries" : "packets"));
    }
    if (!capture.cut) continue;
    result.warnings.push_back(fmt::format("{}: cut short after {} {}; what comes before was read", capture.name,
                                          capture.entries ? "entry" : "packet", capture.packets));
  }
  for (const KeyFile& file : key_files) {
    if (file.fits) continue;
    result.warnings.push_back(fmt::format("{}: fits no connection in {}; is it the key {} of another recording?",
                                          file.path, result.captures.size() == 1 ? "this capture" : "these captures",
                                          file.private_key ? "file" : "log"));
  }
}

bool device_missing(const std::vector<Subject>& subjects) {
  return std::any_of(subjects.begin(), subjects.end(), [](const Subject& subject) {
    return subject.addresses.macs.empty() && subject.addresses.prefixes.empty();
  });
}

}  // namespace

PipelineResult run_pipeline(PipelineOptions options, AuditSink& sink) {
  PipelineResult result;
  const Limits& limits = options.limits;
  auto keys = std::make_shared<KeyStore>();
  std::vector<KeyFile> key_files = read_key_files(options.key_files, limits, *keys, result.warnings);
  PacketSelection selection(options.selection);
  Input input(options.captures, limits);

  // First pass: secrets and names wherever they stand in the file, and who the phone is.
  const bool infer = options.need_device && device_missing(options.subjects);
  infer ? input.spool_standard_input() : input.peek_standard_input();
  DeviceInference inference;
  FirstPass learnt;
  const bool first_passed = input.can_be_read_twice();
  if (!infer && !keys->opens_key_exchanges() && input.is_plain_pcap()) {
    learnt.several_sources = options.captures.size() > 1;  // such files hold nothing but packets of one interface
  } else if (first_passed) {
    learnt = first_pass(input, limits, *keys, selection, infer ? &inference : nullptr, {});
  } else {
    learnt.several_sources = true;  // not known: look for packets captured twice
  }
  std::vector<std::string> grounds;
  if (options.need_device) grounds = settle_devices(options.subjects, inference, learnt.imports);
  sink.on_start(options.subjects, grounds);
  for (const auto& [address, name] : learnt.names) sink.on_name(address, name);

  // Second pass: reader, workers by flow, merge.
  std::vector<DeviceAddresses> devices;
  for (const Subject& subject : options.subjects) devices.push_back(subject.addresses);
  WorkerSetup setup{MatcherDatabase::compile(options.subjects),
                    options.subjects.empty(),
                    first_passed || input.is_plain_pcap(),
                    options.observer,
                    options.observer,
                    options.keep_http};
  std::uint64_t last_number = 0;
  HeldBodies bodies(limits.held_bytes, WorkerPool::kBatchesUnderWay + 1);
  WorkerPool pool(std::max(1u, options.jobs), setup, limits, [&](std::vector<WorkResults>& results) {
    std::vector<BodyLedger::Held> held;
    for (const WorkResults& each : results) held.insert(held.end(), each.held.begin(), each.held.end());
    bodies.add(std::move(held));
    merge_batch(results, last_number, key_files, sink);
  });
  Dealer dealer(pool, keys, bodies, sink, options.observer);
  Dissector dissector(devices, learnt.several_sources, limits, result.anomalies, dealer);
  ImportTable imports(std::move(devices), limits, result.anomalies, dissector, dealer,
                      [&](const ImportedItem& item) { dealer.on_imported(item); });
  std::uint64_t left_out = 0;
  auto on_event = [&](const CaptureEvent& event) {
    if (const auto* packet = std::get_if<CapturedPacket>(&event)) {
      if (!selection.selects(*packet)) {
        ++left_out;
        return sink.on_unread(Unread::left_out, packet->id, packet->data.size());
      }
      dissector.on_packet(*packet);
      dealer.deal_if_full();
    } else if (const auto* secrets = std::get_if<CapturedSecrets>(&event); secrets && !first_passed) {
      if (secrets->kind == CapturedSecrets::Kind::tls_key_log) dealer.add_secrets(secrets->data, limits);
    } else if (const auto* name = std::get_if<CapturedName>(&event); name && !first_passed) {
      sink.on_name(name->address, std::string(name->name));
    } else if (const auto* message = std::get_if<std::shared_ptr<const ImportedMessage>>(&event)) {
      const ImportedMessage& imported = **message;
      if (!selection.selects_time(imported.first)) {
        ++left_out;
        return sink.on_unread(Unread::left_out, imported.id, imported.bytes());
      }
      imports.add(*message);
      dealer.deal_if_full();
    } else if (const auto* unread = std::get_if<UnreadEntry>(&event)) {
      sink.on_unread(Unread::malformed, unread->id, unread->bytes);
    }
  };
  input.read(on_event, options.progress);
  dissector.finish();
  imports.finish();
  dealer.deal();
  pool.finish();

  result.captures = input.facts();
  refuse_nothing(result.captures);
  for (std::string& warning : input.warnings()) result.warnings.push_back(std::move(warning));
  add_unknown_links(dissector, result);
  add_warnings(key_files, result);
  if (!options.selection.filter.empty()) {
    for (const CaptureFacts& capture : result.captures) {
      if (!capture.entries) continue;
      result.warnings.push_back(
          fmt::format("--filter: {} holds no packets to filter: all its entries were looked at", capture.name));
    }
  }
  if (!selection.selects_all()) {
    result.warnings.push_back(left_out_warning(options.selection, result.captures, left_out));
  }
  result.anomalies.merge(input.anomalies());
  result.anomalies.merge(pool.anomalies());
  return result;
}

}  // namespace tattle
