#include "decrypt/quic_registry.h"

#include <unordered_map>

namespace tattle {

struct QuicRegistry::State {
  std::unordered_map<FlowId, std::shared_ptr<QuicSession>> sessions;
};

QuicRegistry::QuicRegistry(const Limits&) : state_(std::make_unique<State>()) {}
QuicRegistry::~QuicRegistry() = default;

bool QuicRegistry::deliver(const Chunk& datagram) {
  auto found = state_->sessions.find(datagram.flow.id);
  if (found == state_->sessions.end()) return false;
  found->second->connection().on_datagram(datagram);
  return true;
}

void QuicRegistry::begin(std::shared_ptr<QuicSession> session, const Chunk& first) {
  state_->sessions[first.flow.id] = session;
  session->connection().on_datagram(first);
}

QuicFlowReport QuicRegistry::leave(FlowId flow) {
  QuicFlowReport report;
  auto found = state_->sessions.find(flow);
  if (found == state_->sessions.end()) return report;
  found->second->finish();
  report.bytes = found->second->connection().take_flow_bytes(flow);
  report.sessions.push_back(std::move(found->second));
  state_->sessions.erase(found);
  return report;
}

bool QuicRegistry::may_end(FlowId) const { return true; }
void QuicRegistry::suspend(FlowId) {}
std::vector<FlowId> QuicRegistry::take_released() { return {}; }

}  // namespace tattle
