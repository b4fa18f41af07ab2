#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "assess/table/disclosure_table.h"
#include "base/shared_values.h"

namespace tattle {

/// Which software wrote the phones' handshakes, by TLS and HTTP/2 fingerprints. They tell programs apart only as far as
/// their libraries differ: a fingerprint names a sender only where the capture records whose other flows with it were,
/// all of them one app's, and where it records another app with another fingerprint, so that they do differ here.
class FingerprintTable {
 public:
  FingerprintTable(const Limits& limits, Anomalies& anomalies) : limit_(limits.recipients), anomalies_(&anomalies) {}

  /// @param aggregates  Numbers of those that the message's hits belong to; those of the phone's own messages alone.
  void on_message(const MessageRecord& message, const std::vector<std::uint64_t>& aggregates);
  /// Ends the flow; its fingerprints go to the aggregates met on it.
  void on_flow(const FlowSummary& summary, std::vector<Aggregate>& aggregates);
  /// Of a disclosure of whose sender there is no other sign: the app, or a ground for "unknown". Absent when the
  /// fingerprint says nothing, or when not all of its flows had the same.
  std::optional<Sender> sender(const Aggregate& aggregate) const;

 private:
  static constexpr std::size_t kEnough = 2;  // more than one: it tells nobody apart
  // There are as many as open flows: most say one thing of one agent.
  struct Open {
    std::array<std::uint32_t, kEnough> agents{};               // 0: none
    std::uint64_t aggregate = 0;                               // the first; 0: none
    std::unique_ptr<std::set<std::uint64_t>> more_aggregates;  // null: none
  };
  struct Users {
    std::map<std::pair<std::string, std::string>, Sender> apps;  // by kind and name
    std::set<std::string> agents, http2;
  };
  Users* users_of(const std::string& ja4);
  std::optional<Sender> of_app(const Aggregate& aggregate, const Users& users) const;

  std::uint64_t limit_;
  Anomalies* anomalies_;
  void add_agent(Open& open, const std::string& agent);

  std::unordered_map<FlowId, Open> open_;
  SharedValues<std::string> agents_;
  std::unordered_map<std::string, Users> by_ja4_;
  std::set<std::pair<std::string, std::string>> apps_;  // two of all that have a fingerprint, by kind and name
};

}  // namespace tattle
