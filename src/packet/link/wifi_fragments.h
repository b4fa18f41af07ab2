#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "base/limits.h"
#include "packet/link/defragment.h"
#include "packet/link/link.h"

namespace tattle {

/// Puts the fragments of 802.11 data frames together, by who sent them, to whom, and their sequence number. Only what
/// was captured whole can be joined. Sequence numbers come again after 4,096 frames: a first fragment with other bytes
/// begins anew.
/// @anomaly wlan.fragment  Other fragments of the frame are not in the capture, or contradict each other.
/// Source: IEEE 802.11-2020 sections 10.4 and 10.5.
class WifiDefragmenter {
 public:
  using OnLost = std::function<void(PacketId first, std::uint64_t captured_bytes)>;
  WifiDefragmenter(const Limits& limits, Anomalies& anomalies, OnLost on_lost)
      : limits_(limits), anomalies_(anomalies), on_lost_(std::move(on_lost)) {}

  /// The frame's body once its last fragment has come; null until then.
  std::shared_ptr<const WholeDatagram> add(const WifiFragment& fragment, PacketId packet, std::uint64_t captured_bytes,
                                           Time clock);
  /// Gives up what has waited for longer than limits.fragment_seconds.
  void expire(Time clock) {
    if (!pending_.empty()) expire_old(clock);
  }
  void finish();

 private:
  struct Key {
    MacAddress transmitter, receiver;
    std::uint16_t sequence = 0;
    std::uint8_t tid = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Pending {
    Key key;
    Time began;
    PacketId first;
    PacketRuns packets;
    std::uint64_t captured_bytes = 0, held_bytes = 0;
    std::map<std::uint8_t, ByteVector> parts;  // by number
    std::optional<std::uint8_t> last;          // number of the last
  };
  using Position = std::list<Pending>::iterator;

  void expire_old(Time clock);
  Position start(const Key& key, PacketId packet, Time clock);
  void lose(Position position);
  void drop(Position position);

  const Limits& limits_;
  Anomalies& anomalies_;
  OnLost on_lost_;
  std::list<Pending> pending_;  // oldest first
  std::map<Key, Position> index_;
  std::uint64_t held_bytes_ = 0;
};

}  // namespace tattle
