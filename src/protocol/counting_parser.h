#pragma once

#include <algorithm>

#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle {

/// What the parsers of both transports count alike.
class CountingParser : public FlowParser {
 public:
  CountingParser(const FlowInfo& flow, ParserContext& parser) : flow_(flow), parser_(parser) {
    context_.counters = &counters_;
    summary_.flow = flow;
    summary_.last = flow.start;
  }

 protected:
  void count(const Segment& segment) {
    ++summary_.packets;
    summary_.last = std::max(summary_.last, segment.time);
    summary_.payload_bytes[index(segment.direction)] += segment.payload.size();
  }

  const FlowInfo flow_;
  ParserContext& parser_;
  FlowCounters counters_;
  StreamContext context_;
  FlowSummary summary_;
};

}  // namespace tattle
