#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/time.h"

namespace tattle {

/// Numbers from 1 in capture order, over the whole run.
using FlowId = std::uint64_t;

/// `esp` (RFC 4303) has no ports: both are 0, and all between two addresses is one flow.
enum class Transport : std::uint8_t { tcp, udp, esp };
inline std::string_view to_string(Transport transport) {
  return transport == Transport::tcp ? "tcp" : transport == Transport::udp ? "udp" : "esp";
}

/// Relative to the flow's client, the side that opened it as far as the capture shows.
enum class Direction : std::uint8_t { to_server, to_client };
inline Direction opposite(Direction direction) {
  return direction == Direction::to_server ? Direction::to_client : Direction::to_server;
}
inline std::size_t index(Direction direction) { return direction == Direction::to_server ? 0 : 1; }

/// Which end of a flow, if any, is a subject's phone.
enum class DeviceSide : std::uint8_t { none, client, server };

/// The software of a conversation, where the capturing program recorded it.
struct AppInfo {
  std::int64_t uid = -1;    // Android's user id of the app; -1: not known; -2: a process's name, no id
  std::string name;         // as the capturing program spelt it; any bytes, perhaps cut; may be empty
  std::string package;      // `com.example.app`; may be empty
  std::string_view ground;  // a literal: where this was read
};

/// Everything that stays the same for a flow's life. Identity is the whole 5-tuple and the start, never a hash.
struct FlowInfo {
  FlowId id = 0;
  Transport transport = Transport::tcp;
  Endpoint client;
  Endpoint server;
  Time start;
  // A SYN, or for UDP the first datagram; else who is the client is a guess: from ports, or for ESP by who is seen
  // first.
  bool opening_seen = false;
  DeviceSide device = DeviceSide::none;
  std::uint32_t subject = 0;           // index of the subject whose phone it is; meaningless when device is none
  bool broadcast = false;              // of UDP: its server is everybody on the link, by the link's own destination
  bool imported = false;               // of a HAR or the like: packet numbers are those of its entries
  std::shared_ptr<const AppInfo> app;  // null: the capture does not say
};

}  // namespace tattle
