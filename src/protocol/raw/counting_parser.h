#pragma once

#include <algorithm>

#include "base/state_archive.h"
#include "protocol/flow_parser.h"
#include "protocol/server_speech.h"
#include "protocol/stream_context.h"
#include "stream/round_trip.h"

namespace tattle {

/// What the parsers of both transports count alike.
class CountingParser : public FlowParser {
 public:
  CountingParser(const FlowInfo& flow, ParserContext& parser) : flow_(flow), parser_(parser), speech_(flow.start) {
    context_.counters = &counters_;
    last_ = flow.start;
  }
  const FlowInfo& flow() const override { return flow_; }

 protected:
  /// @return  Whether the other side spoke after silence, as far as this segment shows.
  bool count(const Segment& segment) {
    ++packets_;
    last_ = std::max(last_, segment.time);
    payload_bytes_[index(segment.direction)] += segment.payload.size();
    return !segment.payload.empty() && speech_.on_payload(segment, flow_, *parser_.limits, *parser_.anomalies);
  }
  /// With what is counted here. Made at the end only: an open flow is but a few counters.
  FlowSummary summary() {
    FlowSummary made;
    made.server_spoke = speech_.take();
    made.flow = flow_;
    made.last = last_;
    made.packets = packets_;
    made.payload_bytes[0] = payload_bytes_[0];
    made.payload_bytes[1] = payload_bytes_[1];
    made.http2_fingerprint = counters_.http2_fingerprint;
    made.handshake_rtt = round_trip_.microseconds();
    return made;
  }

  void pass_counts(StateArchive& archive) {
    archive(counters_.exchanges, counters_.raw_bytes, counters_.opaque_bytes);
    archive.shared(counters_.http2_fingerprint);
    round_trip_.pass(archive, flow_.start);
    archive(packets_, payload_bytes_[0], payload_bytes_[1]);
    archive.near(last_, flow_.start);
    speech_.pass(archive, last_);
  }

  const FlowInfo flow_;
  ParserContext& parser_;
  FlowCounters counters_;
  StreamContext context_;
  RoundTrip round_trip_;
  ServerSpeech speech_;

 private:
  Time last_;
  std::uint64_t packets_ = 0;
  std::uint64_t payload_bytes_[2] = {0, 0};
};

}  // namespace tattle
