#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "base/packet_ref.h"
#include "base/time.h"
#include "packet/hash.h"
#include "packet/link/ip.h"
#include "packet/link/pending.h"

namespace tattle {

/// A datagram put together again, and the packets that brought its fragments.
struct WholeDatagram {
  ByteVector bytes;
  PacketRuns packets;
  std::uint64_t captured_bytes = 0;  // of those packets
};

/// Where a fragment was met. Those of a tunnel's outside and inside, of two tunnels or of two networks are never of one
/// datagram. The capturing interface is no part of it: of packets seen at several, each is kept of the first only.
struct FragmentPlace {
  std::uint32_t depth = 0;    // tunnels around it
  std::uint64_t vlan = 0;     // as in LinkPayload
  std::uint64_t tunnels = 0;  // hash of their ends; 0 outside of all
  bool operator==(const FragmentPlace&) const = default;
};

/// A datagram of which fragments never came. Its beginning can be read all the same, as if the capture had cut it.
struct LostDatagram {
  PacketId first;
  std::uint64_t captured_bytes = 0;  // of all its packets
  Time began;
  FragmentPlace place;
  IpPacket beginning;  // payload is empty when the first fragment is among the lost, or what came is contradictory
  std::shared_ptr<const WholeDatagram> owner;  // of the payload
};

/// Puts IPv4 and IPv6 fragments together. Of bytes that came twice the first are kept for IPv4 (and where they differ
/// is an anomaly); an IPv6 datagram with an overlap is given up (RFC 5722), unless the same bytes were sent again.
/// @anomaly ip.fragment-overlap   A fragment brings again some bytes, not all of them or not the same.
/// @anomaly ip.fragment-conflict  They overlap with different bytes, or disagree where the datagram ends.
/// @anomaly ip.fragment-length    Empty, not of a multiple of 8 bytes and not the last, or beyond 65,535 bytes.
/// @anomaly ip.fragments-limit    Too many datagrams or bytes wait: the oldest was given up.
/// Source: RFC 791 section 3.2, RFC 815, RFC 8200 section 4.5.
class Defragmenter {
 public:
  using OnLost = std::function<void(const LostDatagram& lost)>;
  Defragmenter(const Limits& limits, Anomalies& anomalies, OnLost on_lost);

  enum class Outcome : std::uint8_t { waiting, whole, malformed };
  /// Adds one fragment. When that completes a datagram, `fragment` becomes it: its payload lives as long as `owner`.
  /// @param packets   That brought it, `packet` the last of them; with `captured_bytes` in all.
  Outcome add(IpPacket& fragment, const FragmentPlace& place, PacketId packet, PacketRunsView packets,
              std::uint64_t captured_bytes, Time clock, std::shared_ptr<const WholeDatagram>& owner);
  /// Gives up what has waited too long.
  void expire(Time clock) {
    pending_.expire(clock, [this](Position oldest) { lose(oldest); });
  }
  void finish() {
    pending_.finish([this](Position oldest) { lose(oldest); });
  }

 private:
  struct Key {
    Address source, destination;
    std::uint32_t identification = 0;
    FragmentPlace place;
    std::uint8_t protocol = 0;  // IPv4 only: RFC 8200 leaves it out
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    HashKey key;
    std::size_t operator()(const Key& value) const;
  };
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  struct Pending : PendingPieces {
    Key key;
    std::optional<std::uint32_t> total;
    std::optional<std::uint8_t> protocol;    // what the first fragment says that the datagram holds
    bool given_up = false;                   // later fragments are only counted
    ByteVector bytes;                        // up to the highest met; zeros where nothing was
    std::vector<Range> ranges;               // what is there, in order, with holes between
    std::uint32_t captured_to = 0xffffffff;  // the snap length cut bytes off from here
  };
  template <class Value>
  using Index = std::unordered_map<Key, Value, KeyHash>;
  using Table = PendingTable<Pending, Index>;
  using Position = Table::Position;

  Position find_or_start(const Key& key, PacketId packet, Time clock);
  bool insert(Pending& pending, const IpPacket& fragment, PacketId packet);
  void put(Pending& pending, Range range, Bytes data);
  void give_up(Pending& pending);
  void lose(Position position);
  std::shared_ptr<const WholeDatagram> assemble(const Pending& pending) const;

  Anomalies& anomalies_;
  OnLost on_lost_;
  Table pending_;
};

}  // namespace tattle
