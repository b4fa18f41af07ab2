#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "packet/device/apps.h"
#include "packet/dissector.h"
#include "packet/hash.h"
#include "packet/link/link.h"
#include "packet/link/transport.h"
#include "packet/segment.h"

namespace tattle {

/// The ends of a tunnel that a packet came in, and of the one around that.
struct OuterAddresses {
  Address source;
  Address destination;
  const OuterAddresses* outer = nullptr;
};

/// What the flow table needs of one packet.
struct FlowPacket {
  PacketId id;
  Time time;   // of the packet
  Time clock;  // by which flows age; at least `time`
  Transport transport = Transport::tcp;
  Endpoint source;
  Endpoint destination;
  const LinkPayload* link = nullptr;
  const OuterAddresses* outer = nullptr;  // null: in no tunnel
  const TransportHeader* header = nullptr;
  const CapturedPacket* frame = nullptr;
  // Of a DHCP datagram whose client has no address yet: its hardware address, which tells it from the link's others.
  const MacAddress* dhcp_client = nullptr;
};

/// Numbers the conversations of a capture: finds a packet's flow by its whole 5-tuple, opens one when there is none or
/// when the ports are used anew, and ends flows that closed, fell silent or have to make room.
/// @anomaly packet.flows-limit  limits.flows are open: the longest silent one was ended.
/// @anomaly tcp.syn-in-window   A SYN that differs within an open connection's window; it stays the same flow.
class FlowTable {
 public:
  struct Place {
    FlowId flow = 0;
    Direction direction = Direction::to_server;
  };

  /// @param order  The run's position counter; advanced for each flow end.
  FlowTable(std::vector<DeviceAddresses> devices, const Limits& limits, Anomalies& anomalies, SegmentSink& sink,
            std::uint64_t& order);

  /// The packet's flow; may end others first.
  Place place(const FlowPacket& packet);
  /// Whether the hardware address is a subject's, given or learnt.
  bool knows(const MacAddress& mac) const;
  /// A DHCP server has given this address to that hardware. True when it is a subject's address: from now on the
  /// hardware address stands for it where a DHCP client has no other.
  bool learn_lease(const Address& leased, const MacAddress& mac);
  /// A number for a flow that is kept elsewhere.
  FlowId take_number() { return next_id_++; }
  /// Ends flows that have been silent for too long.
  void expire(Time clock);
  /// Ends all, in order of their numbers.
  void finish();

 private:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = 0xffffffff;
  enum List : std::uint8_t { kUdp, kTcpOpen, kTcpClosed, kLists };

  struct Key {
    Endpoint low, high;
    Transport transport = Transport::tcp;
    bool operator==(const Key&) const = default;
  };
  /// One direction of a TCP connection, as far as it tells one connection from the next.
  struct Side {
    bool has_syn = false, has_data = false, fin = false;
    std::uint32_t syn = 0;    // sequence number of the SYN
    std::uint32_t first = 0;  // sequence number met first
    std::uint32_t next = 0;   // after the highest met
  };
  struct Flow {
    Key key;
    FlowId id = 0;
    Time last;
    Slot before = kNone, after = kNone;  // in its list, least recently active first
    std::uint32_t hash = 0;
    List list = kUdp;
    bool client_is_low = false;
    bool reset = false;
    std::array<Side, 2> sides;  // by Direction of what the side sends
  };
  struct Bucket {
    std::uint32_t hash = 0;
    Slot slot = kNone;
  };

  Slot find(const Key& key, std::uint32_t hash) const;
  Slot open(const FlowPacket& packet, const Key& key, std::uint32_t hash, bool source_is_low);
  void end(Slot slot, FlowEndReason reason);
  bool starts_anew(const Flow& flow, Direction direction, const FlowPacket& packet);
  static void follow(Flow& flow, Direction direction, const TransportHeader& header);
  void announce(const FlowPacket& packet, FlowId id, bool source_is_client, bool opening_seen);
  void choose_device(const FlowPacket& packet, bool source_is_client, FlowInfo& info) const;
  bool has_lease(std::size_t subject, const MacAddress* mac) const;

  void link_last(Slot slot, List list);
  void unlink(Slot slot);
  void insert_bucket(Slot slot);
  void erase_bucket(Slot slot);
  void grow();
  std::uint32_t hash_of(const Key& key) const;
  static FlowEndReason reason_of(const Flow& flow, FlowEndReason otherwise);

  static constexpr std::size_t kMostLeases = 64;  // hardware addresses learnt of one subject

  std::vector<DeviceAddresses> devices_;
  std::vector<std::vector<MacAddress>> leases_;  // of each subject: who had its addresses
  const Limits& limits_;
  Anomalies& anomalies_;
  SegmentSink& sink_;
  std::uint64_t& order_;
  AppTable apps_;
  HashKey key_;
  Flow& flow(Slot slot) { return blocks_[slot / kBlock][slot % kBlock]; }
  const Flow& flow(Slot slot) const { return blocks_[slot / kBlock][slot % kBlock]; }

  static constexpr std::size_t kBlock = 1024;
  std::vector<std::unique_ptr<Flow[]>> blocks_;  // never moved: one row would need twice its room to grow
  Slot slots_ = 0;                               // handed out so far
  std::vector<Slot> free_;
  std::vector<Bucket> buckets_;  // open addressing, linear; a power of two, at most half full
  std::size_t live_ = 0;
  std::array<Slot, kLists> first_, last_;
  std::array<std::int64_t, kLists> idle_ns_;
  FlowId next_id_ = 1;
};

}  // namespace tattle
