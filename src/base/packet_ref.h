#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

namespace tattle {

/// One packet: which capture (index on the command line, from 0) and Wireshark's number in that file (from 1).
struct PacketId {
  std::uint32_t capture = 0;
  std::uint64_t number = 0;
  auto operator<=>(const PacketId&) const = default;
};

/// Packets `first` to `last` of one capture, both included.
struct PacketRun {
  std::uint32_t capture = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  auto operator<=>(const PacketRun&) const = default;
};

/// Owned and borrowed lists of runs. Sorted, coalesced.
using PacketRuns = std::vector<PacketRun>;
using PacketRunsView = std::span<const PacketRun>;

/// Adds packets; keeps the list sorted and coalesced. Cheap when they come in order.
void add_packets(PacketRuns& runs, PacketRun added);
inline void add_packets(PacketRuns& runs, PacketRunsView added) {
  for (const PacketRun& run : added) add_packets(runs, run);
}

}  // namespace tattle
