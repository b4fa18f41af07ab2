#pragma once

#include <memory>

#include "base/anomalies.h"
#include "base/limits.h"
#include "base/state_archive.h"
#include "stream/stream.h"

namespace tattle {

/// What reassembly counted; bytes of payload.
struct ReassemblyCounts {
  std::uint64_t delivered = 0;      // given to the sink
  std::uint64_t missing = 0;        // announced as gaps
  std::uint64_t retransmitted = 0;  // seen again
};

/// Puts the segments of one TCP flow in order, both directions, and hands the bytes on as early as they are whole.
/// A hole is given up when the receiver acknowledged past it and the sender went on, when the buffers are full, or at
/// the flow's end; then one on_gap and the bytes behind it.
class TcpReassembly {
 public:
  TcpReassembly(const FlowInfo& flow, const Limits& limits, Anomalies& anomalies, StreamSink& sink);
  ~TcpReassembly();

  void on_segment(const Segment& segment);
  void finish();
  const ReassemblyCounts& counts() const;

  /// Whether no segment waits: then pass() tells everything.
  bool at_rest() const;
  void pass(StateArchive& archive);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
