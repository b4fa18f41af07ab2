#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/anomalies.h"
#include "base/flow.h"
#include "base/limits.h"
#include "base/packet_ref.h"
#include "base/state_archive.h"
#include "base/time.h"
#include "packet/segment.h"

namespace tattle {

/// After how long without payload from either side the one who speaks is said to speak unasked.
inline constexpr Time kSilence{5'000'000'000};
/// A server that closes its connection this soon after it spoke may have said good-bye. What can be read shows whether
/// it did; an answer that was held back may well end its connection.
inline constexpr Time kFarewell{1'000'000'000};

/// A moment at which the other side of a phone's flow spoke after silence. Needs no key: time and size suffice.
struct ServerSpoke {
  Time time;
  std::uint32_t bytes = 0;  // of the TLS record, with its header, where the packet begins with one; else of the payload
  std::uint32_t silence = 0;  // whole seconds before it
  PacketId packet;
  bool farewell = false;  // it ended the connection within kFarewell
  bool operator==(const ServerSpoke&) const = default;
};

/// Finds these moments in one flow. Costs a comparison for each packet of a busy flow.
class ServerSpeech {
 public:
  explicit ServerSpeech(Time start) : last_(start) {}

  /// For each segment with payload. @return Whether a moment was noted.
  bool on_payload(const Segment& segment, const FlowInfo& flow, const Limits& limits, Anomalies& anomalies) {
    const std::int64_t silent = segment.time.ns - last_.ns;
    last_ = segment.time;
    return silent >= kSilence.ns && note(segment, silent, flow, limits, anomalies);
  }
  /// The segment that was noted last brought nothing new.
  void take_back();
  /// For a FIN or RST of this direction.
  void on_close(const Segment& segment, const FlowInfo& flow);

  std::vector<ServerSpoke> take() { return moments_ ? std::move(*moments_) : std::vector<ServerSpoke>(); }
  /// @param known  A time near to the last payload's, known to both sides.
  void pass(StateArchive& archive, Time known);

 private:
  bool note(const Segment& segment, std::int64_t silent, const FlowInfo& flow, const Limits& limits,
            Anomalies& anomalies);

  Time last_;                                          // payload of either side
  std::unique_ptr<std::vector<ServerSpoke>> moments_;  // null in most flows
};

}  // namespace tattle
