#pragma once

#include <memory>
#include <string_view>

#include "decrypt/quic/quic.h"
#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle {

/// Reads what one QUIC connection carries, and hands down its messages. A stream's end that no packet carried is the
/// connection's, which may have cut the stream short.
class QuicApplication : public QuicSink {
 public:
  /// All streams ended: what waits is handed down.
  virtual void finish() {}
  /// As in FlowSummary::protocol; empty while nothing is known.
  virtual std::string_view name() const = 0;
};

}  // namespace tattle
