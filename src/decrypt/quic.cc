#include "decrypt/quic.h"

namespace tattle {

struct QuicConnection::State {
  QuicFacts facts;
  std::uint64_t bytes = 0;
};

QuicConnection::QuicConnection(const FlowInfo&, TlsContext&, QuicSink&) : state_(std::make_unique<State>()) {}
QuicConnection::~QuicConnection() = default;
void QuicConnection::on_datagram(const Chunk& chunk) {
  state_->bytes += chunk.data.size();
  state_->facts.opaque_bytes += chunk.data.size();
}
void QuicConnection::finish() {}
const QuicFacts& QuicConnection::facts() const { return state_->facts; }
QuicFlowBytes QuicConnection::take_flow_bytes(FlowId) { return {0, state_->bytes}; }
void QuicConnection::set_id_observer(QuicIdObserver*) {}
bool QuicConnection::can_open(const Chunk&) const { return false; }

bool starts_quic(Bytes datagram) { return datagram.size() >= 7 && (datagram[0] & 0x80) != 0; }
bool starts_quic_initial(Bytes datagram) { return starts_quic(datagram); }

}  // namespace tattle
