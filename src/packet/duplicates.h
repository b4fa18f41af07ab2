#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "capture/capture.h"
#include "packet/hash.h"

namespace tattle {

/// Finds packets that another capture or interface holds too: the same bytes from the IP header on, within a second.
/// Each packet of one source answers for at most one of another, and none for its own source: two equal packets seen
/// at two points each are two packets.
class Duplicates {
 public:
  Duplicates(const Limits& limits, Anomalies& anomalies) : limits_(limits), anomalies_(anomalies) {}
  /// @param ip     From the IP header on, without padding.
  /// @param point  Tells several places apart that one interface captures at: both sides of a bridge, two tunnels.
  /// @param clock  Never behind any packet seen, but for jumps.
  bool is_duplicate(const CapturedPacket& packet, Bytes ip, std::uint64_t point, Time clock);

 private:
  struct Digest {
    std::uint64_t first, second;
    bool operator==(const Digest&) const = default;
  };
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const { return digest.first; }
  };
  struct Source {
    std::uint64_t interface, point;  // the capture in the upper half of `interface`
    bool operator==(const Source&) const = default;
  };
  struct Seen {
    Time time;
    std::vector<Source> sources;  // each once
  };
  void forget_oldest();

  const Limits& limits_;
  Anomalies& anomalies_;
  HashKey key_;
  std::unordered_map<Digest, std::vector<Seen>, DigestHash> seen_;
  std::deque<std::pair<Digest, Time>> order_;
};

}  // namespace tattle
