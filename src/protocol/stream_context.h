#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/message.h"

namespace tattle {

/// What all parsers of one flow count together.
struct FlowCounters {
  std::uint64_t exchanges = 0;     // numbers given to requests so far
  std::uint64_t raw_bytes = 0;     // stream bytes handed down as they are, because no parser read them
  std::string http2_fingerprint;   // of the first client on the flow that spoke HTTP/2; empty: none, or not seen whole
  std::uint64_t opaque_bytes = 0;  // bytes that a parser below TLS could not look into (another TLS in a tunnel)
};

/// What the layers above a parser know of its stream; goes on each of its messages. It belongs to the layer above and
/// outlives the parser; it may grow richer between calls (TLS learns its version), so read it for each message.
struct StreamContext {
  FlowCounters* counters = nullptr;  // never null while parsing
  Protection protection = Protection::clear;
  std::vector<PathStep> layers;  // outermost first: {"tls", "1.3"}
  std::string sni;
  std::string certificate_host;  // the one name in the server's certificate; empty: none, several or not seen
  Via via = Via::direct;
  std::string tunnel_host;        // name in the CONNECT, when via is tunnel
  std::uint16_t tunnel_port = 0;  // its port
  std::string_view protocol;      // word for a message when one parser serves several: `mdns`, `llmnr`; or empty

  std::uint64_t next_exchange() const { return ++counters->exchanges; }

  /// Fills in what does not depend on the protocol. `sender_is_client`: whether the sender of this message is the
  /// client in the protocol's eyes (the sender of requests), which need not be the flow's client.
  void apply(Message& message, const FlowInfo& flow, Direction direction, bool sender_is_client) const {
    message.flow = &flow;
    message.direction = direction;
    const bool as_flow = sender_is_client == (direction == Direction::to_server);
    message.client = as_flow ? flow.client : flow.server;
    message.server = as_flow ? flow.server : flow.client;
    message.protection = protection;
    message.layers = layers;
    message.sni = sni;
    message.certificate_host = certificate_host;
    message.via = via;
    message.tunnel_host = tunnel_host;
  }
};

}  // namespace tattle
