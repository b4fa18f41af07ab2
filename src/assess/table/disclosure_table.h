#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "assess/cause/occurrence_times.h"
#include "assess/document.h"
#include "attribute/sender.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "detect/record.h"

namespace tattle {

/// Occurrences that are the same in every respect that makes a disclosure, and in how sure one can be of each.
/// Certainty is known only at the end, when it is known how many bytes were searched; then aggregates may merge.
struct Aggregate {
  std::uint64_t number = 0;  // from 1, in order of the first occurrence
  std::uint32_t subject = 0;
  std::int32_t entry = -1;
  std::string datum, form;
  Travel direction = Travel::sent;
  Protection transport = Protection::unknown;
  Party party;  // its address counts for the identity only when the host is not known
  Sender sender;
  std::vector<PathStep> path;  // without what differs from message to message: stream numbers, list indices
  double log2_probability = 0;
  bool corroborated = false;
  std::string context;

  std::string value;                // as met first
  std::vector<std::string> beside;  // other values met in the same message, hidden with it
  std::set<std::string> parts;
  std::set<Address> addresses;
  std::set<std::string> ja4, http2;  // fingerprints of the flows; two stand for several
  std::uint64_t count = 0;
  Time first, last;
  struct Place {
    std::uint64_t message = 0, flow = 0;
    Time time;
    PacketRuns packets;
  };
  std::vector<Place> earliest, latest;  // up to five each; a place is in one of them
  OccurrenceTimes times;
};

/// All aggregates of a run, by identity.
class DisclosureTable {
 public:
  DisclosureTable(const Limits& limits, Anomalies& anomalies) : limits_(limits), anomalies_(anomalies) {}

  /// Counts one occurrence. Returns its aggregate's number; 0 when the table is full.
  std::uint64_t add(const MessageRecord& message, const Hit& hit, const Party& party, Travel direction,
                    const Sender& sender);
  const std::vector<Aggregate>& aggregates() const { return aggregates_; }
  std::vector<Aggregate>& aggregates() { return aggregates_; }
  std::uint64_t dropped() const { return dropped_; }

  static constexpr std::size_t kKept = 5;

 private:
  void keep_time(Aggregate& aggregate, const MessageRecord& message, const Hit& hit);

  const Limits& limits_;
  Anomalies& anomalies_;
  std::vector<Aggregate> aggregates_;
  std::unordered_map<std::string, std::size_t> by_identity_;
  std::string identity_;
  std::uint64_t dropped_ = 0;
  std::uint64_t times_ = 0;  // rows of all OccurrenceTimes
};

/// A path as it identifies a disclosure: list indices become `[*]`, stream numbers go.
std::vector<PathStep> general_path(const std::vector<PathStep>& path);

/// Adds `from`, of the same disclosure, to `into`: counts, times, places, parts and addresses.
void merge_aggregate(Aggregate& into, const Aggregate& from, std::uint64_t most_addresses);

}  // namespace tattle
