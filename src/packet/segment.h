#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/flow.h"
#include "base/packet_ref.h"
#include "base/time.h"

namespace tattle {

struct TcpFields {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  bool syn = false, ack = false, fin = false, rst = false;
};

/// What closes a payload that an encrypted tunnel carries.
enum class Tunnel : std::uint8_t { none, wireguard, esp };

/// What one packet carries for its flow: a TCP segment's or a UDP datagram's payload, or an ESP packet.
struct Segment {
  std::uint64_t order = 0;  // position in the whole run, from 1: the clock by which results are merged
  PacketId packet;
  Time time;
  FlowId flow = 0;
  Direction direction = Direction::to_server;
  TcpFields tcp;
  Tunnel tunnel = Tunnel::none;    // else the payload is that tunnel's, encrypted
  std::uint32_t wire_payload = 0;  // payload bytes on the wire; more than payload.size() when the packet was cut
  Bytes payload;
  const std::shared_ptr<const void>* owner = nullptr;  // of the payload; both for this call: copy the owner to keep it
  PacketRunsView fragments;  // every packet of a datagram that came in IP fragments, else empty; lives as `payload`
};

/// Why bytes of a capture carry no segment; each is a line of the coverage.
enum class Unread : std::uint8_t {
  not_ip,            // ARP, 802.11 management, …
  unknown_link,      // a link type that is not read
  malformed,         // headers that do not hold together
  no_transport,      // ICMP, IGMP, …
  encrypted_tunnel,  // MPPE
  fragment_lost,     // a datagram of which a fragment never came
  duplicate,         // the same packet in another file or interface
  encrypted_link,    // 802.11 data under WEP or WPA
  left_out,          // by the user's own choice: --filter, --since, --until
  not_sent,          // an entry of an import that never went over the network
};

enum class FlowEndReason : std::uint8_t { closed, reset, idle, evicted, capture_end };

/// Receives what the reader makes of packets, in capture order. One thread.
class SegmentSink {
 public:
  virtual ~SegmentSink() = default;
  virtual void on_flow(const FlowInfo& flow) = 0;
  virtual void on_segment(const Segment& segment) = 0;
  /// No more segments of this flow follow. `order` as in Segment.
  virtual void on_flow_end(FlowId flow, FlowEndReason reason, std::uint64_t order) = 0;
  virtual void on_unread(Unread why, PacketId packet, std::uint64_t bytes) = 0;
};

}  // namespace tattle
