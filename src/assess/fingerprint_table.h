#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "assess/disclosure_table.h"

namespace tattle {

/// Which software wrote the phones' handshakes, by TLS and HTTP/2 fingerprints. They tell programs apart only as far as
/// their libraries differ, so they never name a sender; they say where else the same was seen.
class FingerprintTable {
 public:
  FingerprintTable(const Limits& limits, Anomalies& anomalies) : limit_(limits.recipients), anomalies_(&anomalies) {}

  /// @param aggregates  Numbers of those that the message's hits belong to; those of the phone's own messages alone.
  void on_message(const MessageRecord& message, const std::vector<std::uint64_t>& aggregates);
  /// Ends the flow; its fingerprints go to the aggregates met on it.
  void on_flow(const FlowSummary& summary, std::vector<Aggregate>& aggregates);
  /// Why a sender of whom there is no other sign may be known; empty when the fingerprint says nothing.
  std::string ground(const Aggregate& aggregate) const;

 private:
  static constexpr std::size_t kEnough = 2;  // more than one: it tells nobody apart
  struct Open {
    std::set<std::string> agents;
    std::set<std::uint64_t> aggregates;
  };
  struct Users {
    std::set<std::string> apps, agents;
  };
  std::uint64_t limit_;
  Anomalies* anomalies_;
  std::unordered_map<FlowId, Open> open_;
  std::unordered_map<std::string, Users> by_ja4_;
};

}  // namespace tattle
