#include "assess/table/carried_table.h"

#include <algorithm>

#include "assess/cause/log_fit.h"

namespace tattle {
namespace {

constexpr std::size_t kOpen = 4096;  // messages in pieces
constexpr std::size_t kLookups = 4;  // names that are looked up at a time
constexpr std::int64_t kLookupNs =
    1000000000;                             // resolvers ask for A and AAAA at once, and again after a second or more
constexpr std::size_t kNumbersPerSet = 16;  // on average, of the limit

void add_sorted(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& numbers) {
  for (const std::uint64_t number : numbers) {
    if (number != 0) to.push_back(number);
  }
  std::sort(to.begin(), to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
}

PacketId first_packet(const MessageRecord& record) {
  return record.packets.empty() ? PacketId{} : PacketId{record.packets[0].capture, record.packets[0].first};
}

}  // namespace

CarriedTable::CarriedTable(const Limits& limits, Anomalies& anomalies, const ActionLog* log)
    : limits_(limits), anomalies_(anomalies), doings_(log) {
  if (log != nullptr && !log->actions.empty()) cover_ = cover_of(*log);
}

void CarriedTable::on_message(const MessageRecord& record, const std::vector<std::uint64_t>& numbers) {
  // A stream of no known protocol has no messages; what is searched at a time stands for one.
  const bool whole = record.protocol == "tcp" || (record.body_offset == 0 && record.last_piece);
  if (numbers.empty() && (whole || open_.empty())) return;
  if (whole) {
    std::vector<std::uint64_t> sorted;
    add_sorted(sorted, numbers);
    const bool lookup = record.kind == MessageKind::query && record.protocol == "dns";
    count(sorted, record.first, record.last, first_packet(record), lookup ? &record.host : nullptr);
    return;
  }
  auto found = open_.find(record.number);
  if (found == open_.end()) {
    if (numbers.empty()) return;
    found =
        open_.emplace(record.number, Open{record.flow.id, record.first, record.last, {}, first_packet(record)}).first;
  }
  add_sorted(found->second.numbers, numbers);
  found->second.last = std::max(found->second.last, record.last);
  if (!record.last_piece && open_.size() <= kOpen) return;
  if (!record.last_piece) found = open_.begin();
  Open done = std::move(found->second);
  open_.erase(found);
  count(done.numbers, done.time, done.last, done.where, nullptr);
}

void CarriedTable::on_flow_end(FlowId flow) {
  for (auto each = open_.begin(); each != open_.end();) {
    if (each->second.flow != flow) {
      ++each;
      continue;
    }
    count(each->second.numbers, each->second.time, each->second.last, each->second.where, nullptr);
    each = open_.erase(each);
  }
}

CarriedTable::Counted* CarriedTable::find(const std::vector<std::uint64_t>& numbers, std::size_t left_alone) {
  std::string key(reinterpret_cast<const char*>(&left_alone), sizeof left_alone);
  key.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint64_t));
  const auto found = by_numbers_.find(key);
  if (found != by_numbers_.end()) return &counted_[found->second];
  // One number alone always has its place: it is bounded by the limit of disclosures.
  const bool room =
      counted_.size() < limits_.disclosures && listed_ + numbers.size() <= limits_.disclosures * kNumbersPerSet;
  if (!room && (numbers.size() > 1 || left_alone != kNoAction)) return nullptr;
  by_numbers_.emplace(std::move(key), counted_.size());
  listed_ += numbers.size();
  counted_.push_back({{numbers, left_alone, 0, 0, 0}, {}});
  return &counted_.back();
}

void CarriedTable::count(const std::vector<std::uint64_t>& numbers, Time time, Time last, PacketId where,
                         const std::string* name) {
  if (numbers.empty()) return;
  const bool beside_none = doings_.beside(time) == kNoAction && !doings_.during(time, last);
  const std::size_t left_alone = beside_none ? doings_.left_alone(time) : kNoAction;
  Counted* counted = find(numbers, left_alone);
  if (counted == nullptr) {
    exact_ = false;
    anomalies_.note("assess.combinations-full", where);
    for (const std::uint64_t number : numbers) {
      count_one(find({number}, kNoAction)->row, time, beside_none);
    }
    return;
  }
  if (name != nullptr) {
    const auto same = std::find_if(counted->lookups.begin(), counted->lookups.end(), [&](const Lookup& each) {
      return each.name == *name && time.ns - each.time.ns <= kLookupNs && each.time.ns - time.ns <= kLookupNs;
    });
    if (same != counted->lookups.end()) return;
    if (counted->lookups.size() == kLookups) counted->lookups.erase(counted->lookups.begin());
    counted->lookups.push_back({*name, time});
  }
  count_one(counted->row, time, beside_none);
}

void CarriedTable::count_one(Row& row, Time time, bool beside_none) const {
  ++row.messages;
  if (!beside_none) return;
  const bool covered = !cover_ || cover_->holds(time);
  row.idle += covered;
  row.not_covered += !covered;
}

std::vector<CarriedTable::Row> CarriedTable::take() {
  for (const auto& [number, open] : open_) count(open.numbers, open.time, open.last, open.where, nullptr);
  open_.clear();
  std::vector<Row> rows;
  rows.reserve(counted_.size());
  for (Counted& each : counted_) rows.push_back(std::move(each.row));
  counted_.clear();
  by_numbers_.clear();
  return rows;
}

std::vector<CarriedReport> carried_by(const std::vector<DisclosureReport>& disclosures,
                                      const std::vector<CarriedTable::Row>& rows, bool log) {
  std::unordered_map<std::uint64_t, std::uint32_t> of_number;
  for (std::size_t i = 0; i < disclosures.size(); ++i) {
    for (const std::uint64_t number : disclosures[i].numbers) of_number[number] = static_cast<std::uint32_t>(i);
  }
  std::map<std::pair<std::vector<std::uint32_t>, std::size_t>, CarriedReport> merged;
  for (const CarriedTable::Row& row : rows) {
    std::vector<std::uint32_t> indices;
    for (const std::uint64_t number : row.numbers) {
      if (const auto found = of_number.find(number); found != of_number.end()) indices.push_back(found->second);
    }
    std::sort(indices.begin(), indices.end());
    indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
    if (indices.empty() || row.messages == 0) continue;
    const std::size_t left_alone = log ? row.left_alone : kNoAction;
    CarriedReport& into = merged[{indices, left_alone}];
    into.disclosures = std::move(indices);
    into.messages += row.messages;
    if (log) into.idle += row.idle;
    if (log) into.not_covered += row.not_covered;
    if (left_alone != kNoAction) into.left_alone = left_alone;
  }
  std::vector<CarriedReport> reports;
  reports.reserve(merged.size());
  for (auto& [key, report] : merged) reports.push_back(std::move(report));
  return reports;
}

}  // namespace tattle
