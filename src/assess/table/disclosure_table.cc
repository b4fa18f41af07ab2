#include "assess/table/disclosure_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tattle {
namespace {

void put(std::string& identity, std::string_view text) {
  identity += text;
  identity.push_back('\0');
}

template <class Number>
void put_number(std::string& identity, Number number) {
  char raw[sizeof(Number)];
  std::memcpy(raw, &number, sizeof raw);
  identity.append(raw, sizeof raw);
}

/// Copies `from`, without stream numbers and with list indices made general.
void append_general(std::string_view step, std::string_view detail, std::string& out) {
  if (step.starts_with("http/") && detail.starts_with("stream ")) {
    detail.remove_prefix(7);
    while (!detail.empty() && detail.front() >= '0' && detail.front() <= '9') detail.remove_prefix(1);
    while (!detail.empty() && (detail.front() == ' ' || detail.front() == ',')) detail.remove_prefix(1);
  }
  for (std::size_t i = 0; i < detail.size(); ++i) {
    out.push_back(detail[i]);
    if (detail[i] != '[') continue;
    std::size_t end = i + 1;
    while (end < detail.size() && detail[end] >= '0' && detail[end] <= '9') ++end;
    if (end > i + 1 && end < detail.size() && detail[end] == ']') {
      out += "*]";
      i = end;
    }
  }
}

void keep_place(Aggregate& aggregate, Aggregate::Place place) {
  if (aggregate.earliest.size() < DisclosureTable::kKept) {
    aggregate.earliest.push_back(std::move(place));
    return;
  }
  if (aggregate.latest.size() == DisclosureTable::kKept) aggregate.latest.erase(aggregate.latest.begin());
  aggregate.latest.push_back(std::move(place));
}

void keep_beside(const MessageRecord& message, const Hit& hit, std::vector<std::string>& beside) {
  constexpr std::size_t kMost = 64;
  for (const Hit& other : message.hits) {
    if (beside.size() >= kMost) return;
    if (&other != &hit && std::find(beside.begin(), beside.end(), other.value) == beside.end()) {
      beside.push_back(other.value);
    }
  }
}

}  // namespace

std::vector<PathStep> general_path(const std::vector<PathStep>& path) {
  std::vector<PathStep> general;
  general.reserve(path.size());
  for (const PathStep& step : path) {
    PathStep& added = general.emplace_back(PathStep{step.step, {}});
    append_general(step.step, step.detail, added.detail);
  }
  return general;
}

std::uint64_t DisclosureTable::add(const MessageRecord& message, const Hit& hit, const Party& party, Travel direction,
                                   const Sender& sender) {
  identity_.clear();
  put_number(identity_, message.flow.subject);
  put_number(identity_, hit.entry);
  put_number(identity_, std::bit_cast<std::uint64_t>(hit.log2_probability));
  identity_.push_back(static_cast<char>(hit.corroborated));
  identity_.push_back(static_cast<char>(direction));
  identity_.push_back(static_cast<char>(message.protection));
  identity_.push_back(static_cast<char>(party.role));
  put(identity_, hit.datum);
  put(identity_, hit.form);
  put(identity_, party.host);
  if (party.host.empty() && party.address) identity_.append(party.address->bytes.begin(), party.address->bytes.end());
  put(identity_, sender.kind);
  put(identity_, sender.name);
  for (const PathStep& step : hit.path) {
    put(identity_, step.step);
    append_general(step.step, step.detail, identity_);
    identity_.push_back('\0');
  }

  auto found = by_identity_.find(identity_);
  if (found == by_identity_.end()) {
    if (aggregates_.size() >= limits_.disclosures) {
      ++dropped_;
      anomalies_.note("assess.disclosures-full",
                      hit.packets.empty() ? PacketId{} : PacketId{hit.packets[0].capture, hit.packets[0].first});
      return 0;
    }
    found = by_identity_.emplace(identity_, aggregates_.size()).first;
    Aggregate& fresh = aggregates_.emplace_back();
    fresh.number = aggregates_.size();
    fresh.subject = message.flow.subject;
    fresh.entry = hit.entry;
    fresh.datum = hit.datum;
    fresh.form = hit.form;
    fresh.direction = direction;
    fresh.transport = message.protection;
    fresh.party = party;
    fresh.sender = sender;
    fresh.path = general_path(hit.path);
    fresh.log2_probability = hit.log2_probability;
    fresh.corroborated = hit.corroborated;
    fresh.context = hit.context;
    fresh.value = hit.value;
    keep_beside(message, hit, fresh.beside);
    fresh.first = message.first;
  }
  Aggregate& aggregate = aggregates_[found->second];
  ++aggregate.count;
  aggregate.party.ground = std::min(aggregate.party.ground, party.ground);
  aggregate.first = std::min(aggregate.first, message.first);
  aggregate.last = std::max(aggregate.last, message.first);
  if (!hit.part.empty()) aggregate.parts.insert(hit.part);
  if (party.address && aggregate.addresses.size() < limits_.recipient_addresses) {
    aggregate.addresses.insert(*party.address);
  }
  keep_place(aggregate, {message.number, message.flow.id, message.first, hit.packets});
  keep_time(aggregate, message, hit);
  return aggregate.number;
}

void DisclosureTable::keep_time(Aggregate& aggregate, const MessageRecord& message, const Hit& hit) {
  const bool room = aggregate.times.size() < limits_.occurrence_times && times_ < limits_.all_occurrence_times;
  const bool ended = aggregate.times.end().has_value();
  if (aggregate.times.add(message.first, std::max(message.first, message.last), message.flow.id, room && !ended))
    ++times_;
  if (!ended && aggregate.times.end()) {
    anomalies_.note("assess.occurrence-times-full",
                    hit.packets.empty() ? PacketId{} : PacketId{hit.packets[0].capture, hit.packets[0].first});
  }
}

void merge_aggregate(Aggregate& into, const Aggregate& from, std::uint64_t most_addresses) {
  into.count += from.count;
  into.party.ground = std::min(into.party.ground, from.party.ground);
  into.first = std::min(into.first, from.first);
  into.last = std::max(into.last, from.last);
  into.times.merge(from.times);
  into.parts.insert(from.parts.begin(), from.parts.end());
  into.ja4.insert(from.ja4.begin(), from.ja4.end());
  into.http2.insert(from.http2.begin(), from.http2.end());
  for (const Address& address : from.addresses) {
    if (into.addresses.size() < most_addresses) into.addresses.insert(address);
  }
  if (from.corroborated && !into.corroborated) into.context = from.context;
  into.corroborated |= from.corroborated;
  into.log2_probability = std::max(into.log2_probability, from.log2_probability);

  std::vector<Aggregate::Place> places;
  using Places = std::vector<Aggregate::Place>;
  for (const Places* list :
       std::initializer_list<const Places*>{&into.earliest, &into.latest, &from.earliest, &from.latest}) {
    places.insert(places.end(), list->begin(), list->end());
  }
  std::stable_sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.message < b.message; });
  const std::size_t first = std::min(places.size(), DisclosureTable::kKept);
  const std::size_t last = std::min(places.size() - first, DisclosureTable::kKept);
  into.earliest.assign(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(first));
  into.latest.assign(places.end() - static_cast<std::ptrdiff_t>(last), places.end());
}

}  // namespace tattle
