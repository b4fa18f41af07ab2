#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decrypt/quic/quic.h"

namespace tattle {

/// One connection together with whoever reads its streams. Made by the protocol stage, owned by the registry. The flow
/// in which it began, and all that belongs to that flow, outlives it (see QuicRegistry::may_end).
class QuicSession {
 public:
  virtual ~QuicSession() = default;  // hands nothing down any more
  virtual QuicConnection& connection() = 0;
  /// The connection is over: calls connection().finish() and hands down what its readers hold back. Called once.
  virtual void finish() = 0;
};

/// What a flow carried, for its summary.
struct QuicFlowReport {
  QuicFlowBytes bytes;
  /// Sessions that had packets in this flow, the one longest out of use first. Those that began here are finished.
  std::vector<std::shared_ptr<QuicSession>> sessions;
};

/// Finds the connection of a datagram by its connection ids, so that one whose client migrates or is rebound stays
/// whole (RFC 9000 section 9). Ids are looked up among those of the same server endpoint; a datagram without one
/// belongs to its flow's latest connection. One for each worker: flows of one server endpoint meet in one worker, and
/// all bounds hold for a connection or a flow, so that what it answers does not depend on the number of workers.
///
/// The parser of a UDP flow, for each datagram: `if (!registry.deliver(chunk) && starts_quic(chunk.data))
/// registry.begin(std::make_shared<...>(...), chunk);`, and at its end: `report = registry.leave(flow.id)`.
class QuicRegistry {
 public:
  explicit QuicRegistry(const Limits& limits, Anomalies* anomalies = nullptr);
  ~QuicRegistry();

  /// Gives a datagram to the session it belongs to. False: it belongs to none that is known.
  bool deliver(const Chunk& datagram);
  /// A new session, which begins in the flow of its first datagram; that is delivered to it.
  void begin(std::shared_ptr<QuicSession> session, const Chunk& first);

  /// A flow carries no more. Sessions that are in no other flow are finished here, so that they hand their last
  /// messages down during this call.
  QuicFlowReport leave(FlowId flow);

  /// For who owns the flows: whether a flow may go. No, while a session that began in it goes on in another flow; then
  /// call suspend() for it now, and let it go when take_released() names it.
  bool may_end(FlowId flow) const;
  void suspend(FlowId flow);
  /// Suspended flows that may go now, since the last call.
  std::vector<FlowId> take_released();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
