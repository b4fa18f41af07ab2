#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "assess/cause/timing.h"
#include "assess/document.h"
#include "attribute/actions/action_log.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "detect/record.h"

namespace tattle {

/// Counts messages by the aggregates that they were met in together, so that any sum over disclosures can be made of
/// distinct messages. A message counts once, however many pieces it comes in; so do the queries (A, AAAA, repeats) by
/// which a phone looks up one name within a second.
class CarriedTable {
 public:
  /// @param log  Null: none.
  CarriedTable(const Limits& limits, Anomalies& anomalies, const ActionLog* log);

  /// Call for every message of a phone, in capture order: one that comes in pieces ends with a piece without hits.
  /// @param numbers  Of the aggregates it was met in; 0 counts nothing.
  void on_message(const MessageRecord& record, const std::vector<std::uint64_t>& numbers);
  /// Ends the flow's messages whose last piece never came.
  void on_flow_end(FlowId flow);

  struct Row {
    std::vector<std::uint64_t> numbers;  // of aggregates, ascending
    std::size_t left_alone = kNoAction;  // the line of the log since which the phone lay untouched
    std::uint64_t messages = 0;
    std::uint64_t idle = 0;         // of these, beside no action of the log, at a time that it covers
    std::uint64_t not_covered = 0;  // beside none, at a time of which it does not say everything
  };
  /// Call once, at the end.
  std::vector<Row> take();
  /// False: there were too many sets, and the messages of further ones stand under each aggregate by itself.
  bool exact() const { return exact_; }

 private:
  struct Open {
    FlowId flow = 0;
    Time time, last;
    std::vector<std::uint64_t> numbers;
    PacketId where;
  };
  struct Lookup {
    std::string name;
    Time time;
  };
  struct Counted {
    Row row;
    std::vector<Lookup> lookups;  // the latest few
  };
  void count(const std::vector<std::uint64_t>& numbers, Time time, Time last, PacketId where, const std::string* name);
  void count_one(Row& row, Time time, bool beside_none) const;
  Counted* find(const std::vector<std::uint64_t>& numbers, std::size_t left_alone);

  const Limits& limits_;
  Anomalies& anomalies_;
  Doings doings_;
  std::optional<LogCover> cover_;
  std::map<std::uint64_t, Open> open_;  // messages whose pieces are not all here, by number
  std::unordered_map<std::string, std::size_t> by_numbers_;
  std::vector<Counted> counted_;
  std::uint64_t listed_ = 0;  // numbers in all rows
  bool exact_ = true;
};

/// The rows by disclosures. Aggregates that were merged make rows that are.
/// @param log  Whether the log's lines may be used.
std::vector<CarriedReport> carried_by(const std::vector<DisclosureReport>& disclosures,
                                      const std::vector<CarriedTable::Row>& rows, bool log);

}  // namespace tattle
