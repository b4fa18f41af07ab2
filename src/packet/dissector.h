#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "capture/capture.h"
#include "packet/segment.h"

namespace tattle {

/// How the phone of each subject is known on the network; empty lists match nothing.
struct DeviceAddresses {
  std::vector<MacAddress> macs;
  std::vector<Prefix> prefixes;
};

/// The reader's work on packets, in order: link layer, IP, defragmentation, TCP and UDP headers, flow numbering,
/// admission and eviction. Everything it decides depends on the packets alone.
class Dissector {
 public:
  /// @param devices  One for each subject, in the subjects' order; the first that matches a flow's end has it.
  /// @param several_sources  Several files or interfaces: equal packets from different ones within a second count once.
  Dissector(std::vector<DeviceAddresses> devices, bool several_sources, const Limits& limits, Anomalies& anomalies,
            SegmentSink& sink);
  ~Dissector();

  void on_packet(const CapturedPacket& packet);
  /// Numbers and places for flows that come from elsewhere (imports), in one row with those of packets.
  FlowId take_flow_number();
  std::uint64_t take_order();
  /// Ends every flow still open, in order of their numbers.
  void finish();
  /// Packets that were not looked at because their link type is not known, by capture and type.
  const std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint64_t>& unknown_links() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
