#pragma once

#include <cstddef>
#include <deque>
#include <unordered_set>

#include "base/address.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "packet/hash.h"
#include "packet/link/transport.h"

namespace tattle {

/// Tells WireGuard's datagrams from others. A message type and a length are little to go by, so data counts only in a
/// conversation of which a handshake was seen, or on WireGuard's own port.
class WireguardTracker {
 public:
  WireguardTracker(const Limits& limits, Anomalies& anomalies) : limits_(limits), anomalies_(anomalies) {}

  /// @anomaly packet.tunnels-limit  limits.tunnels conversations are remembered: the oldest was forgotten.
  bool is_message(const Endpoint& source, const Endpoint& destination, const TransportHeader& udp, PacketId packet) {
    const int type = wireguard_type(udp);
    return type != 0 && is_message(type, source, destination, udp, packet);
  }

 private:
  struct Conversation {
    Endpoint low, high;
    bool operator==(const Conversation&) const = default;
  };
  struct ConversationHash {
    HashKey key;
    std::size_t operator()(const Conversation& value) const;
  };
  static int wireguard_type(const TransportHeader& udp);
  bool is_message(int type, const Endpoint& source, const Endpoint& destination, const TransportHeader& udp,
                  PacketId packet);

  const Limits& limits_;
  Anomalies& anomalies_;
  std::unordered_set<Conversation, ConversationHash> known_;
  std::deque<Conversation> order_;
};

}  // namespace tattle
