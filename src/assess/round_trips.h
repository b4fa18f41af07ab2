#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "attribute/recipient.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "detect/record.h"

namespace tattle {

/// How far away whoever ended a connection can have been, or why nothing is said of it.
struct DistanceBound {
  std::uint32_t rtt_us = 0;  // 0 when withheld
  std::uint32_t within_km = 0;
  std::string ground, withheld;  // one of them
};

/// The smallest round trips to each address. Light in vacuum goes no further than c * rtt / 2, so that the bound holds
/// whatever the cable and whoever answered; it is measured from where the capture was made.
class RoundTrips {
 public:
  RoundTrips(const Limits& limits, Anomalies& anomalies) : limit_(limits.recipients), anomalies_(&anomalies) {}

  /// A host behind a proxy: the proxy ended the connection, and its round trip says nothing of the host.
  void on_message(const MessageRecord& message, const std::vector<Party>& parties);
  void on_flow(const FlowSummary& summary);
  /// Of a recipient met at these addresses. The bound holds for all of them; absent when one was not measured.
  std::optional<DistanceBound> bound(const std::string& host, const std::set<Address>& addresses) const;

 private:
  struct Measured {
    std::uint32_t least_us = 0;
    std::uint64_t tcp = 0, quic = 0;
  };
  /// More networks answer within a millisecond than can stand beside a capture.
  bool somebody_answers_for_all() const;

  std::uint64_t limit_;
  Anomalies* anomalies_;
  std::map<Address, Measured> measured_;
  std::set<std::string> proxied_;
};

}  // namespace tattle
