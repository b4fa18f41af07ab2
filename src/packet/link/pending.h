#pragma once

#include <cstdint>
#include <list>

#include "base/limits.h"
#include "base/packet_ref.h"
#include "base/time.h"

namespace tattle {

/// What is known of every whole that waits for its other pieces.
struct PendingPieces {
  Time began;
  PacketId first;
  PacketRuns packets;
  std::uint64_t captured_bytes = 0;  // of those packets
  std::uint64_t held_bytes = 0;
};

/// Wholes that wait for their other pieces, oldest first, as many and as large as limits.fragments and
/// limits.fragment_bytes allow, for limits.fragment_seconds.
/// @tparam Pending  A PendingPieces with a `key`.
/// @tparam Index    A map from keys to its argument.
template <class Pending, template <class> class Index>
class PendingTable {
 public:
  using Position = typename std::list<Pending>::iterator;
  using Key = decltype(Pending::key);

  explicit PendingTable(const Limits& limits) : limits_(limits) {}

  bool empty() const { return pending_.empty(); }
  Position end() { return pending_.end(); }
  /// end() when there is none.
  Position find(const Key& key) {
    const auto found = index_.find(key);
    return found != index_.end() ? found->second : pending_.end();
  }
  /// @param lose  (Position oldest): drops it; called while there is no room for another.
  template <class Lose>
  Position start(const Key& key, PacketId packet, Time clock, Lose&& lose) {
    while (!pending_.empty() && (pending_.size() >= limits_.fragments || held_bytes_ > limits_.fragment_bytes)) {
      lose(pending_.begin());
    }
    const Position started = pending_.emplace(pending_.end());
    started->key = key;
    started->began = clock;
    started->first = packet;
    hold(*started, kCost);
    index_.emplace(key, started);
    return started;
  }
  void hold(Pending& pending, std::uint64_t bytes) {
    pending.held_bytes += bytes;
    held_bytes_ += bytes;
  }
  /// Its bytes were given back, while it stays.
  void release(Pending& pending) {
    held_bytes_ -= pending.held_bytes;
    pending.held_bytes = 0;
  }
  void drop(Position position) {
    release(*position);
    index_.erase(position->key);
    pending_.erase(position);
  }
  /// Gives up what has waited too long.
  template <class Lose>
  void expire(Time clock, Lose&& lose) {
    const std::int64_t age = static_cast<std::int64_t>(limits_.fragment_seconds) * 1000000000;
    while (!pending_.empty() && clock.ns - pending_.front().began.ns > age) lose(pending_.begin());
  }
  template <class Lose>
  void finish(Lose&& lose) {
    while (!pending_.empty()) lose(pending_.begin());
  }

 private:
  static constexpr std::uint64_t kCost = 512;  // bookkeeping, so that tiny pieces count for what they cost

  const Limits& limits_;
  std::list<Pending> pending_;  // oldest first
  Index<Position> index_;
  std::uint64_t held_bytes_ = 0;
};

}  // namespace tattle
