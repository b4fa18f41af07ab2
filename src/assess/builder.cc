#include "assess/builder.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <unordered_map>

#include "assess/cause/log_fit.h"
#include "assess/cause/period.h"
#include "assess/cause/permission.h"
#include "assess/cause/timing.h"
#include "assess/certainty.h"
#include "assess/gravity.h"
#include "detect/mask.h"
#include "detect/subject/datum.h"

namespace tattle {
namespace {

/// The first 16 bytes of the SHA-256, in hex.
std::string short_digest(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (std::size_t i = 0; i < 16; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

/// What makes two aggregates one disclosure, once certainty is known. Unmasked, so that nothing different merges.
std::string identity_of(const Aggregate& a, Certainty certainty) {
  std::string id = fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", a.subject, a.entry,
                               a.datum, to_string(certainty), a.form, to_string(a.direction), to_string(a.transport),
                               contact_key(a.party), to_string(a.party.role), a.sender.kind, a.sender.name);
  if (a.sender.inferred) id += "\x1finferred";
  for (const PathStep& step : a.path) id += fmt::format("\x1f{}\x1e{}", step.step, step.detail);
  return id;
}

std::vector<Evidence> evidence_of(const Aggregate& aggregate) {
  std::vector<Evidence> evidence;
  for (const auto* list : {&aggregate.earliest, &aggregate.latest}) {
    for (const Aggregate::Place& place : *list) {
      // A message may span files: one piece of evidence for each, as packet numbers are per file.
      std::size_t begin = evidence.size();
      for (const PacketRun& run : place.packets) {
        if (evidence.size() == begin || evidence.back().capture != run.capture) {
          evidence.push_back({run.capture, {}, place.flow, place.message, place.time});
        }
        evidence.back().packets.push_back(run);
      }
    }
  }
  return evidence;
}

}  // namespace

DocumentBuilder::DocumentBuilder(const std::vector<Subject>& subjects, const RecipientFacts& facts,
                                 const DataTerms* terms, const ActionLog* actions, std::uint64_t most_addresses)
    : subjects_(subjects),
      terms_(terms),
      actions_(actions),
      most_addresses_(most_addresses),
      masker_(subjects, Masker::Scope::everything),
      recipients_(subjects, facts) {}

const Entry* DocumentBuilder::entry_of(const Aggregate& aggregate) const {
  if (aggregate.entry < 0 || aggregate.subject >= subjects_.size()) return nullptr;
  const auto& entries = subjects_[aggregate.subject].entries;
  const auto index = static_cast<std::size_t>(aggregate.entry);
  return index < entries.size() ? &entries[index] : nullptr;
}

// A planted User-Agent cannot stand there; half of it, masked, would say nothing.
std::string DocumentBuilder::without_planted_agent(const Aggregate& aggregate) const {
  std::string ground = aggregate.sender.ground;
  if (aggregate.subject >= subjects_.size()) return ground;
  for (const Entry& entry : subjects_[aggregate.subject].entries) {
    if (entry.datum != "user-agent") continue;
    for (const Entry::Part& part : entry.parts) {
      const std::string quoted = fmt::format("\"{}\"", part.text);
      if (const auto at = ground.find(quoted); at != ground.npos) {
        ground.replace(at, quoted.size(), "by the planted user-agent");
      }
    }
  }
  return ground;
}

void DocumentBuilder::hide_values(CaptureOrigin& origin) const {
  const auto hide = [this](std::string& text) { text = masker_.mask(text); };
  for (std::string* text : {&origin.hardware, &origin.system, &origin.application}) hide(*text);
  for (CaptureOrigin::Interface& each : origin.interfaces) {
    for (std::string* text : {&each.name, &each.description, &each.hardware, &each.system, &each.filter}) hide(*text);
  }
}

std::vector<SubjectReport> DocumentBuilder::subjects(const std::vector<std::string>& grounds,
                                                     const std::vector<std::set<Address>>& met) const {
  std::vector<SubjectReport> reports;
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    const Subject& subject = subjects_[i];
    SubjectReport& report = reports.emplace_back();
    const auto shown = [&](const std::string& text) { return Shown{text, masker_.mask(text)}; };
    report.name = shown(subject.name);
    report.maker = subject.maker;
    report.model = subject.model;
    report.system = subject.system;
    report.system_vendor = subject.system_vendor;
    std::set<std::string> known;
    const auto add_address = [&](const std::string& text) {
      if (known.insert(text).second) report.addresses.push_back(shown(text));
    };
    for (const MacAddress& mac : subject.addresses.macs) add_address(to_string(mac));
    for (const Prefix& prefix : subject.addresses.prefixes) {
      const int whole = prefix.length == 128 ? 0 : prefix.address.is_v4() ? prefix.length - 96 : prefix.length;
      add_address(whole == 0 && prefix.length == 128 ? to_string(prefix.address)
                                                     : fmt::format("{}/{}", to_string(prefix.address), whole));
    }
    if (i < met.size()) {
      for (const Address& address : met[i]) add_address(to_string(address));
    }
    if (i < grounds.size()) report.ground = grounds[i];
    for (const Entry& entry : subject.entries) {
      report.entries.push_back(
          {shown(entry.name), entry.datum, entry.kind, Shown{entry.display, masker_.mask(entry.masked)}});
    }
    for (const std::string& warning : subject.warnings) report.warnings.push_back(masker_.mask(warning));
  }
  return reports;
}

DisclosureReport DocumentBuilder::disclosure(const Aggregate& aggregate, Certainty certainty, double chance) const {
  DisclosureReport report;
  const Entry* entry = entry_of(aggregate);
  const std::vector<std::string_view> beside(aggregate.beside.begin(), aggregate.beside.end());
  std::vector<std::string_view> hidden = beside;
  hidden.push_back(aggregate.value);
  report.subject = aggregate.subject;
  report.datum = aggregate.datum;
  const DatumRule* rule = find_datum(aggregate.datum);
  report.kind = entry != nullptr ? entry->kind : rule != nullptr ? std::string(rule->kind) : "other";
  if (entry != nullptr) report.entry = {entry->name, masker_.mask(entry->name)};
  report.value = {aggregate.value, masker_.mask_whole(aggregate.value)};
  report.parts.assign(aggregate.parts.begin(), aggregate.parts.end());
  report.certainty = certainty;
  report.chance = chance;
  if (aggregate.corroborated) report.corroboration = {aggregate.context, masker_.mask(aggregate.context, hidden)};
  report.form = aggregate.form;
  report.direction = aggregate.direction;
  report.transport = aggregate.transport;
  for (const PathStep& step : aggregate.path) {
    report.path.push_back({step.step, {step.detail, mask_strangers(masker_.mask(step.detail, hidden))}});
  }
  report.count = aggregate.count;
  report.first = aggregate.first;
  report.last = aggregate.last;
  report.role = aggregate.party.role;
  report.recipient =
      recipients_.build({aggregate.party.host, aggregate.party.ground, aggregate.addresses, aggregate.first,
                         aggregate.last, aggregate.subject, aggregate.sender.package, aggregate.party.nearby});
  // A site's name that stands beside it as the recipient's is hidden to no purpose.
  if (aggregate.datum == "browsing" && aggregate.value == report.recipient.host.masked) {
    report.value.masked = aggregate.value;
  }
  if (const DataTerm* term = terms_ == nullptr ? nullptr : terms_->find(aggregate.datum)) {
    if (!term->iri.empty()) report.terms.push_back(term->iri);
    report.term_note = term->note;
  }
  report.sender = {aggregate.sender.kind,
                   {aggregate.sender.name, masker_.mask(aggregate.sender.name, hidden)},
                   {aggregate.sender.ground, masker_.mask(without_planted_agent(aggregate), hidden)},
                   {},
                   {},
                   aggregate.sender.inferred};
  if (aggregate.ja4.size() == 1) report.sender.ja4 = *aggregate.ja4.begin();
  if (aggregate.http2.size() == 1) report.sender.http2 = *aggregate.http2.begin();
  report.evidence = evidence_of(aggregate);
  return report;
}

void DocumentBuilder::tell_times(const Aggregate& aggregate, DisclosureReport& report) const {
  const std::vector<OccurrenceTimes::Row> rows = aggregate.times.rows();
  report.timed = aggregate.times.listed();
  report.period = period_of(rows);
  if (actions_ == nullptr || rows.empty()) return;
  const std::vector<std::size_t> beside = actions_beside(rows, *actions_);
  report.timing = timing_of(rows, beside, *actions_, cover_of(*actions_));
  if (report.direction != Travel::sent) return;
  // The sender as the traffic names it: what follows from the log itself cannot support it.
  Concerned concerned{report.sender.name.clear, report.recipient.host.clear, {}};
  for (const std::string& name : {report.recipient.organisation, report.recipient.operated_by}) {
    if (!name.empty()) concerned.organisations.push_back(name);
  }
  if (report.sender.inferred) concerned.sender.clear();
  report.permission = permission_of(rows, *actions_, report.datum, concerned);
  report.told = told_of(rows, *actions_, report.datum, concerned);
  if (report.sender.kind != "unknown" || aggregate.times.end()) return;
  if (const std::string app = app_by_timing(rows, beside, *actions_); !app.empty()) {
    std::string timing = fmt::format(
        "timing beside named actions: each of its {} messages began within {} s of another action in this app, and one "
        "within that of each of them",
        rows.size(), actions_->window_s);
    Shown ground = std::move(report.sender.ground);
    if (ground.clear == kNoSign) ground = {};
    const auto joined = [&](const std::string& before) { return before.empty() ? timing : timing + "; " + before; };
    report.sender = {"app", {app, masker_.mask(app)}, {joined(ground.clear), joined(ground.masked)}};
  }
}

std::vector<ActionReport> DocumentBuilder::actions() const {
  std::vector<ActionReport> reports;
  if (actions_ == nullptr) return reports;
  const auto shown = [&](const std::string& text) { return Shown{text, masker_.mask(text)}; };
  for (const Action& action : actions_->actions) {
    ActionReport& report = reports.emplace_back();
    report.time = action.time;
    report.uncertainty_s = action.uncertainty_s;
    report.action = shown(action.action);
    report.app = shown(action.app);
    report.setting = shown(action.setting);
    report.trigger = shown(action.trigger);
    report.recipient = shown(fmt::format("{}", fmt::join(action.recipients, ", ")));
    report.usual = action.usual;
    report.rest = action.is_rest();
    report.asked = action.asked;
    report.granted = action.granted;
    report.refused = action.refused;
    report.told = action.told;
    report.told_elsewhere = action.told_elsewhere;
    report.screen_sha256 = action.screen_sha256;
    report.screen_text = shown(action.screen_text);
  }
  return reports;
}

std::string DocumentBuilder::key_of(const DisclosureReport& report, std::uint64_t same_before) const {
  std::string text;
  const auto put = [&](std::string_view part) {
    text += part;
    text.push_back('\0');
  };
  put(report.subject < subjects_.size() ? subjects_[report.subject].name : "");
  put(report.entry.empty() ? "(" + report.datum + ")" : report.entry.masked);
  put(to_string(report.certainty));
  put(report.form);
  put(to_string(report.direction));
  put(to_string(report.transport));
  // The masked host: the key must not be a way to try out values.
  put(!report.recipient.host.empty() || report.recipient.addresses.empty() ? report.recipient.host.masked
                                                                           : report.recipient.addresses.front());
  put(to_string(report.role));
  put(report.sender.kind);
  put(report.sender.name.masked);
  if (report.sender.inferred) put("inferred");
  for (const PathReport& step : report.path) {
    put(step.step);
    put(step.detail.masked);
  }
  if (same_before > 0) put(fmt::format("#{}", same_before));
  return short_digest(text);
}

std::vector<DisclosureReport> DocumentBuilder::disclosures(const std::vector<Aggregate>& aggregates,
                                                           std::uint64_t searched) const {
  struct Group {
    Aggregate aggregate;
    Certainty certainty;
    double chance;
    std::vector<std::uint64_t> numbers;
  };
  std::vector<Group> groups;
  std::unordered_map<std::string, std::size_t> by_identity;
  for (const Aggregate& aggregate : aggregates) {
    const Entry* entry = entry_of(aggregate);
    const double chance =
        expected_accidents(aggregate.log2_probability, searched, entry == nullptr ? 1 : entry->parts.size());
    const Certainty certainty = certainty_of(entry != nullptr, chance, aggregate.corroborated);
    auto [found, fresh] = by_identity.try_emplace(identity_of(aggregate, certainty), groups.size());
    if (fresh) {
      groups.push_back({aggregate, certainty, chance, {aggregate.number}});
      continue;
    }
    Group& group = groups[found->second];
    merge_aggregate(group.aggregate, aggregate, most_addresses_);
    group.chance = std::max(group.chance, chance);
    group.numbers.push_back(aggregate.number);
  }
  std::vector<DisclosureReport> reports;
  std::unordered_map<std::string, std::uint64_t> same;
  for (const Group& group : groups) {
    DisclosureReport& report = reports.emplace_back(disclosure(group.aggregate, group.certainty, group.chance));
    report.numbers = group.numbers;
    // What only masked parts tell apart would share a key.
    const std::uint64_t before = same[key_of(report, 0)]++;
    report.key = key_of(report, before);
    tell_times(group.aggregate, report);
  }
  std::stable_sort(reports.begin(), reports.end(), graver);
  for (std::size_t i = 0; i < reports.size(); ++i) reports[i].id = fmt::format("D{}", i + 1);
  return reports;
}

std::vector<ContactReport> DocumentBuilder::contacts(const std::vector<Contact>& contacts,
                                                     const std::vector<DisclosureReport>& disclosures) const {
  // A report has no address type any more: its first address in text names a recipient without a host.
  const auto name_of = [](const RecipientReport& recipient) {
    if (!recipient.host.empty()) return "h" + recipient.host.clear;
    return recipient.addresses.empty() ? std::string("?") : "a" + recipient.addresses.front();
  };
  std::unordered_map<std::string, std::vector<std::string>> ids;
  for (const DisclosureReport& report : disclosures) ids[name_of(report.recipient)].push_back(report.id);
  std::vector<ContactReport> reports;
  for (const Contact& contact : contacts) {
    ContactReport& report = reports.emplace_back();
    report.recipient = recipients_.build({contact.host,
                                          contact.ground,
                                          contact.addresses,
                                          contact.first,
                                          contact.last,
                                          std::nullopt,
                                          {},
                                          contact.nearby});
    report.roles.assign(contact.roles.begin(), contact.roles.end());
    report.flows = contact.flows;
    report.messages = contact.messages;
    report.sent_bytes = contact.sent_bytes;
    report.received_bytes = contact.received_bytes;
    report.opaque_bytes = contact.opaque_bytes;
    report.opaque_flows = contact.opaque_flows;
    report.raw_bytes = contact.raw_bytes;
    report.first = contact.first;
    report.last = contact.last;
    if (auto found = ids.find(name_of(report.recipient)); found != ids.end()) report.disclosures = found->second;
  }
  std::stable_sort(reports.begin(), reports.end(), [](const ContactReport& a, const ContactReport& b) {
    const auto rank = [](const ContactReport& c) {
      return std::tuple(~c.disclosures.size(), ~(c.sent_bytes + c.received_bytes));
    };
    return rank(a) < rank(b);
  });
  return reports;
}

}  // namespace tattle
