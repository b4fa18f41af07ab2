#include "assess/auditor.h"

#include <fmt/format.h>

#include <algorithm>

#include "assess/builder.h"
#include "assess/cause/log_fit.h"
#include "assess/cause/prompting_report.h"
#include "assess/cause/server_messages.h"
#include "assess/cause/switches.h"
#include "assess/coverage.h"
#include "assess/link/links.h"
#include "assess/link/ties.h"
#include "assess/own_network.h"
#include "assess/table/carried_table.h"
#include "assess/table/contact_table.h"
#include "assess/table/disclosure_table.h"
#include "assess/table/fingerprint_table.h"
#include "assess/table/round_trips.h"
#include "attribute/sender.h"

namespace tattle {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Reaching a site tells that site its own name, which is no disclosure.
bool tells_its_own_name(const Hit& hit, const Party& party) {
  return hit.form == "host-name" && party.role == Role::destination && same_name(hit.value, party.host);
}

std::string occurrences(std::uint64_t count) {
  return fmt::format("{} occurrence{} of private data", count, count == 1 ? "" : "s");
}

}  // namespace

struct Auditor::State {
  explicit State(AuditSetup given)
      : setup(std::move(given)),
        names(setup.limits, anomalies),
        disclosures(setup.limits, anomalies),
        carried(setup.limits, anomalies, setup.actions.get()),
        contacts(setup.limits, anomalies),
        round_trips(setup.limits, anomalies),
        fingerprints(setup.limits, anomalies),
        speech(setup.limits, anomalies),
        ties(setup.limits, anomalies),
        met(setup.subjects.size()),
        seen(setup.subjects.size()) {
    if (!setup.places) setup.places = Places::none();
  }

  void meet_phone(const FlowInfo& flow) {
    if (flow.subject >= met.size()) return;
    seen[flow.subject] = true;
    auto& addresses = met[flow.subject];
    if (phone_of(flow).address.is_unspecified()) return;  // of an import that does not tell it
    if (addresses.size() < setup.limits.recipient_addresses) addresses.insert(phone_of(flow).address);
  }

  /// Returns the numbers of the aggregates that they belong to.
  std::vector<std::uint64_t> on_hits(const MessageRecord& record, const std::vector<Party>& parties) {
    std::vector<std::uint64_t> numbers;
    const Travel direction = sent_by_phone(record) ? Travel::sent : Travel::received;
    const Sender sender = sender_of(record);
    std::vector<std::vector<TieTable::Met>> together(parties.size());
    for (const Hit& hit : record.hits) {
      for (std::size_t i = 0; i < parties.size(); ++i) {
        const Party& party = parties[i];
        if (tells_its_own_name(hit, party)) continue;
        if (!setup.hosts.selects(party.host) && !(party.address && setup.hosts.selects(*party.address))) {
          ++(party.host.empty() ? unknown_hosts : other_hosts);
          continue;
        }
        const std::uint64_t number = disclosures.add(record, hit, party, direction, sender);
        numbers.push_back(number);
        together[i].push_back({number, hit.entry, names_someone(record.flow.subject, hit)});
        if (setup.observer != nullptr) setup.observer->on_occurrence({&record, &hit, number, direction, &party});
      }
    }
    if (direction == Travel::sent) tie(record, parties, together);
    return numbers;
  }

  void tie(const MessageRecord& record, const std::vector<Party>& parties,
           const std::vector<std::vector<TieTable::Met>>& together) {
    const PacketId where =
        record.packets.empty() ? PacketId{} : PacketId{record.packets[0].capture, record.packets[0].first};
    for (std::size_t i = 0; i < parties.size(); ++i) {
      if (together[i].empty()) continue;
      ties.on_message(record.flow.id, contact_key(parties[i]), together[i], where);
    }
  }

  bool names_someone(std::uint32_t subject, const Hit& hit) const {
    if (hit.entry < 0 || subject >= setup.subjects.size()) return false;
    const auto& entries = setup.subjects[subject].entries;
    const auto index = static_cast<std::size_t>(hit.entry);
    return index < entries.size() && identifies(hit.datum, entries[index].kind);
  }

  void narrow(AuditDocument& document) const {
    document.only_hosts_asked_for = true;
    std::erase_if(document.recipients, [&](const ContactReport& each) {
      if (setup.hosts.selects(each.recipient.host.text(true))) return false;
      return std::none_of(each.recipient.addresses.begin(), each.recipient.addresses.end(), [&](const auto& text) {
        const auto address = Address::parse(text);
        return address && setup.hosts.selects(*address);
      });
    });
    document.warnings.push_back(fmt::format("--host: {} to other hosts and {} whose host is not known were left out",
                                            occurrences(other_hosts), occurrences(unknown_hosts)));
  }

  // At whose prompting, and what hangs together.
  /// @param log  Null: none.
  void say_causes(const ActionLog* log, AuditDocument& document) {
    TriggerLog triggers;
    triggers.kept = log != nullptr;
    if (log != nullptr) triggers.covered = document.log_cover;
    std::vector<SignIn> sign_ins;
    for (std::size_t i = 0; log != nullptr && i < log->actions.size(); ++i) {
      const Action& action = log->actions[i];
      const Time give{static_cast<std::int64_t>(std::min(action.uncertainty_s, 1e6) * 1e9)};
      if (!action.trigger.empty()) triggers.triggers.push_back({action.time, give});
      if (is_sign_in(action.action)) {
        sign_ins.push_back({i, {action.time.ns - give.ns}, {action.time.ns + give.ns}});
      }
    }
    report_prompting(document, disclosures.aggregates(), speech.take(), triggers,
                     [&](std::uint32_t subject) { return speech.unclear(subject); });
    build_links(document, ties.pairs());
    document.changes = changes_at(sign_ins, document);
    if (log != nullptr) document.switches = switches_of(*log, document, disclosures.aggregates());
  }

  AuditSetup setup;
  Anomalies anomalies;
  NameBook names;
  DisclosureTable disclosures;
  CarriedTable carried;
  ContactTable contacts;
  RoundTrips round_trips;
  FingerprintTable fingerprints;
  ServerMessages speech;
  TieTable ties;
  CoverageCounter coverage;
  std::uint64_t other_hosts = 0, unknown_hosts = 0;  // occurrences that --host leaves out
  std::vector<std::set<Address>> met;                // the phones' addresses as they were seen, by subject
  std::vector<bool> seen;                            // whether anything was seen of them
};

Auditor::Auditor(AuditSetup setup) : state_(std::make_unique<State>(std::move(setup))) {}
Auditor::~Auditor() = default;

void Auditor::add_name(const Address& address, std::string_view name) {
  state_->names.add(address, name, {}, NameSource::name_record);
}

void Auditor::add_unread(Unread why, PacketId, std::uint64_t bytes) { state_->coverage.add_unread(why, bytes); }

void Auditor::on_message(const MessageRecord& record) {
  State& state = *state_;
  if (record.kind == MessageKind::response) {
    const PacketId where =
        record.packets.empty() ? PacketId{} : PacketId{record.packets[0].capture, record.packets[0].first};
    for (const auto& answer : record.name_answers) state.names.add(answer.address, answer.name, where);
  }
  if (record.flow.device == DeviceSide::none) return;
  state.meet_phone(record.flow);
  state.coverage.add_message(record);
  const std::vector<Party> parties = parties_of(record, state.names);
  state.contacts.on_message(record, parties);
  state.speech.on_message(record);
  if (state.setup.observer != nullptr) state.setup.observer->on_message(record);
  state.round_trips.on_message(record, parties);
  const std::vector<std::uint64_t> numbers =
      record.hits.empty() ? std::vector<std::uint64_t>() : state.on_hits(record, parties);
  state.carried.on_message(record, numbers);
  state.fingerprints.on_message(record, numbers);
}

void Auditor::on_flow(const FlowRecord& record) {
  State& state = *state_;
  state.coverage.add_flow(record.summary);
  std::string host;
  if (record.summary.flow.device != DeviceSide::none) {
    state.meet_phone(record.summary.flow);
    const Party party = state.contacts.on_flow(record.summary, state.names);
    host = party.host;
    state.round_trips.on_flow(record.summary);
    state.fingerprints.on_flow(record.summary, state.disclosures.aggregates());
    state.speech.on_flow(record.summary, party);
    state.ties.on_flow_end(record.summary.flow.id);
    state.carried.on_flow_end(record.summary.flow.id);
  }
  if (state.setup.observer != nullptr) state.setup.observer->on_flow(record, host);
}

AuditDocument Auditor::finish(AuditEnd end) {
  State& state = *state_;
  const AuditSetup& setup = state.setup;
  AuditDocument document;
  document.version = std::move(end.version);
  std::uint64_t packets = 0, entries = 0, bytes = 0;
  for (const CaptureReport& capture : end.captures) {
    (capture.entries ? entries : packets) += capture.packets;
    bytes += capture.captured_bytes;
  }
  document.captures = std::move(end.captures);
  document.coverage = state.coverage.finish(packets, bytes);
  document.coverage.entries = entries;
  document.coverage.dropped_occurrences = state.disclosures.dropped();

  document.warnings = std::move(end.warnings);
  const ActionLog* log = setup.actions.get();
  if (log != nullptr && !fits_captures(*log, document.captures, document.warnings)) log = nullptr;
  const DocumentBuilder builder(
      setup.subjects,
      {*setup.places, setup.organisations.get(), setup.jurisdictions.get(), &state.round_trips, setup.gateway.get()},
      setup.terms.get(), log, setup.limits.recipient_addresses);
  for (Aggregate& each : state.disclosures.aggregates()) {
    if (each.direction != Travel::sent || each.sender.kind != "unknown") continue;
    std::optional<Sender> sender = state.fingerprints.sender(each);
    // What the message itself claims says more than that somebody else claimed the like.
    if (sender && (sender->inferred || each.sender.ground == kNoSign)) each.sender = std::move(*sender);
  }
  for (CaptureReport& capture : document.captures) builder.hide_values(capture.origin);
  if (setup.terms != nullptr) {
    document.vocabulary = setup.terms->vocabulary();
    document.vocabulary_version = setup.terms->version();
  }
  document.actions = builder.actions();
  if (log != nullptr) {
    document.log_cover = cover_of(*log);
    document.clock_offset_s = log->offset_s;
  }
  document.subjects = builder.subjects(end.grounds, state.met);
  document.disclosures =
      builder.disclosures(state.disclosures.aggregates(), std::max<std::uint64_t>(1, state.coverage.searched_bytes()));
  if (log != nullptr) warn_of_cover(*log, document, document.warnings);
  document.carried = carried_by(document.disclosures, state.carried.take(), log != nullptr);
  document.carried_exact = state.carried.exact();
  document.recipients = builder.contacts(state.contacts.contacts(), document.disclosures);
  mark_own_network(state.met, document);
  state.say_causes(log, document);

  PlacesReport& places = document.places;
  places.countries = setup.places->knows_countries();
  places.networks = setup.places->knows_networks();
  places.known = places.countries && places.networks;
  if (!places.known) places.how = setup.places->how();
  places.attribution = setup.places->attribution();

  if (end.anomalies != nullptr) state.anomalies.merge(*end.anomalies);
  for (const auto& [name, entry] : state.anomalies.entries()) {
    document.anomalies.push_back({std::string(name), entry.count, entry.first});
  }
  if (!setup.hosts.selects_all()) state.narrow(document);
  // An address that is not there must not read as a phone that told nothing.
  for (std::size_t i = 0; i < state.met.size(); ++i) {
    if (!state.seen[i] && packets + entries > 0) {
      document.warnings.push_back(
          fmt::format("{}: no conversation of this phone is in the capture; check device.addresses or --device",
                      setup.subjects[i].name));
    }
  }
  return document;
}

}  // namespace tattle
