#pragma once

#include <algorithm>

#include "base/state_archive.h"
#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle {

/// What the parsers of both transports count alike.
class CountingParser : public FlowParser {
 public:
  CountingParser(const FlowInfo& flow, ParserContext& parser) : flow_(flow), parser_(parser) {
    context_.counters = &counters_;
    last_ = flow.start;
  }
  const FlowInfo& flow() const override { return flow_; }

 protected:
  void count(const Segment& segment) {
    ++packets_;
    last_ = std::max(last_, segment.time);
    payload_bytes_[index(segment.direction)] += segment.payload.size();
  }
  /// With what is counted here. Made at the end only: an open flow is but a few counters.
  FlowSummary summary() const {
    FlowSummary made;
    made.flow = flow_;
    made.last = last_;
    made.packets = packets_;
    made.payload_bytes[0] = payload_bytes_[0];
    made.payload_bytes[1] = payload_bytes_[1];
    return made;
  }

  void pass_counts(StateArchive& archive) {
    archive(counters_.exchanges, counters_.raw_bytes, counters_.opaque_bytes);
    archive(packets_, payload_bytes_[0], payload_bytes_[1]);
    archive.near(last_, flow_.start);
  }

  const FlowInfo flow_;
  ParserContext& parser_;
  FlowCounters counters_;
  StreamContext context_;

 private:
  Time last_;
  std::uint64_t packets_ = 0;
  std::uint64_t payload_bytes_[2] = {0, 0};
};

}  // namespace tattle
