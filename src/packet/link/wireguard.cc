// Source: WireGuard: Next Generation Kernel Network Tunnel (Donenfeld, 2017), section 5.4.
#include "packet/link/wireguard.h"

#include <algorithm>
#include <utility>

namespace tattle {
namespace {

constexpr std::uint16_t kPort = 51820;

// An ephemeral key begins at byte 8 of both handshake messages: 32 random bytes, of which five zeros are met once in
// seven million. The last 16 bytes are zero unless the receiver is under load.
bool is_handshake(Bytes bytes, std::size_t length) {
  if (bytes.size() < length) return false;
  const std::size_t key_at = length == 148 ? 8 : 12;
  const auto key = bytes.subspan(key_at, 32), mac2 = bytes.subspan(length - 16, 16);
  return std::count(key.begin(), key.end(), 0) < 5 && std::count(mac2.begin(), mac2.end(), 0) == 16;
}

}  // namespace

std::size_t WireguardTracker::ConversationHash::operator()(const Conversation& value) const {
  const std::uint64_t low = keyed_hash(value.low.address.bytes, key.first) ^ value.low.port;
  const std::uint64_t high = keyed_hash(value.high.address.bytes, key.second) ^ value.high.port;
  return fold_multiply(low ^ key.second, high ^ key.first);
}

// Type, three zeros, and a length that the type has.
int WireguardTracker::wireguard_type(const TransportHeader& udp) {
  const Bytes bytes = udp.payload;
  if (bytes.size() < 4 || bytes[1] != 0 || bytes[2] != 0 || bytes[3] != 0) return 0;
  switch (bytes[0]) {
    case 1:
      return udp.wire_payload == 148 ? 1 : 0;
    case 2:
      return udp.wire_payload == 92 ? 2 : 0;
    case 3:
      return udp.wire_payload == 64 ? 3 : 0;
    case 4:
      return udp.wire_payload >= 32 && udp.wire_payload % 16 == 0 ? 4 : 0;
    default:
      return 0;
  }
}

bool WireguardTracker::is_message(int type, const Endpoint& source, const Endpoint& destination,
                                  const TransportHeader& udp, PacketId packet) {
  if (source.port == kPort || destination.port == kPort) return true;
  Conversation conversation{std::min(source, destination), std::max(source, destination)};
  if (known_.contains(conversation)) return true;
  if (type > 2 || !is_handshake(udp.payload, udp.wire_payload)) return false;
  if (known_.size() >= limits_.tunnels) {
    anomalies_.note("packet.tunnels-limit", packet);
    known_.erase(order_.front());
    order_.pop_front();
  }
  known_.insert(conversation);
  order_.push_back(conversation);
  return true;
}

}  // namespace tattle
