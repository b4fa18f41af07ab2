#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/limits.h"
#include "packet/link/defragment.h"
#include "packet/link/link.h"
#include "packet/link/pending.h"

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
      : anomalies_(anomalies), on_lost_(std::move(on_lost)), pending_(limits) {}

  /// The frame's body once its last fragment has come; null until then.
  std::shared_ptr<const WholeDatagram> add(const WifiFragment& fragment, PacketId packet, std::uint64_t captured_bytes,
                                           Time clock);
  /// Gives up what has waited for longer than limits.fragment_seconds.
  void expire(Time clock) {
    pending_.expire(clock, [this](Position oldest) { lose(oldest); });
  }
  void finish() {
    pending_.finish([this](Position oldest) { lose(oldest); });
  }

 private:
  struct Key {
    MacAddress transmitter, receiver;
    std::uint16_t sequence = 0;
    std::uint8_t tid = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Pending : PendingPieces {
    Key key;
    std::map<std::uint8_t, ByteVector> parts;  // by number
    std::optional<std::uint8_t> last;          // number of the last
  };
  template <class Value>
  using Index = std::map<Key, Value>;
  using Table = PendingTable<Pending, Index>;
  using Position = Table::Position;

  void lose(Position position);

  Anomalies& anomalies_;
  OnLost on_lost_;
  Table pending_;
};

}  // namespace tattle
