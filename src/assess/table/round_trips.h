#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "attribute/recipient.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "detect/record.h"

namespace tattle {

/// How far away whoever ended a connection can have been, or why nothing is said of it.
struct DistanceBound {
  std::uint32_t rtt_us = 0;  // 0 when withheld
  std::uint32_t within_km = 0;
  std::uint32_t fibre_km = 0;       // as far as light in fibre goes: likely, but radio and hollow fibre are faster
  std::string ground, withheld;     // one of them
  std::vector<std::string> not_in;  // registered countries that are further than that from the gateway
};

/// The smallest round trips to each address. Light in vacuum goes no further than c * rtt / 2, so that the bound holds
/// whatever the cable and whoever answered; it is measured from where the capture was made: a gateway, or the phone
/// itself. Light in fibre goes two thirds of that, which is likely the way it took, but not certain.
class RoundTrips {
 public:
  RoundTrips(const Limits& limits, Anomalies& anomalies) : limit_(limits.recipients), anomalies_(&anomalies) {}

  /// A host behind a proxy: the proxy ended the connection, and its round trip says nothing of the host.
  void on_message(const MessageRecord& message, const std::vector<Party>& parties);
  void on_flow(const FlowSummary& summary);
  /// Of a recipient met at these addresses. The bound holds for all of them; absent when one was not measured.
  std::optional<DistanceBound> bound(const std::string& host, const std::set<Address>& addresses) const;

  /// Microseconds. What answers sooner stands beside the capture, or something there answered for it.
  static constexpr std::uint32_t kTooNear = 1000;

 private:
  struct Measured {
    std::uint32_t least_us = 0;
    std::uint64_t tcp = 0, quic = 0;
  };
  /// The same somebody answered for several networks: they are nearer than as many can be, or all equally far.
  bool somebody_answers_for_all() const;

  std::uint64_t limit_;
  Anomalies* anomalies_;
  std::map<Address, Measured> measured_;
  std::set<std::string> proxied_;
};

}  // namespace tattle
