// When a TCP 5-tuple's next connection begins: RFC 9293 lets a port pair be used again with another initial sequence
// number, and captures miss the end of the one before.
#include "packet/flow_table.h"

namespace tattle {
namespace {

constexpr std::int32_t kReordered = 65536;  // how far a SYN captured late stands before the data captured first
constexpr std::int32_t kWindow = 65536;     // beyond the highest sequence number met
// Both sides' silence after which a differing SYN within the window is no retransmission and no attack on the
// connection that was, but the next one: ports come round while the end of the one before was never captured.
constexpr std::int64_t kSilence = 60'000'000'000;

std::int32_t distance(std::uint32_t from, std::uint32_t to) { return static_cast<std::int32_t>(to - from); }

}  // namespace

bool FlowTable::starts_anew(const Flow& flow, Direction direction, const FlowPacket& packet) {
  const TcpFields& tcp = packet.header->tcp;
  if (!tcp.syn || tcp.rst) return false;
  const Side& mine = flow.sides[index(direction)];
  const Side& other = flow.sides[index(opposite(direction))];
  if (mine.has_syn && mine.syn == tcp.sequence) return false;                         // sent again
  if (tcp.ack && other.has_syn && tcp.acknowledgment == other.syn + 1) return false;  // answers this flow's SYN
  if (flow.reset || flow.sides[0].fin || flow.sides[1].fin) return true;
  if (packet.clock.ns - flow.last.ns > kSilence) return true;
  if (mine.has_syn) {
    const bool in_window = distance(mine.syn, tcp.sequence) >= 0 && distance(mine.next, tcp.sequence) <= kWindow;
    if (in_window) anomalies_.note("tcp.syn-in-window", packet.id);
    return !in_window;
  }
  if (mine.has_data) {
    const std::int32_t before = distance(tcp.sequence + 1, mine.first);
    return before < 0 || before > kReordered;
  }
  // This side was not heard yet. A SYN and SYN from both sides open one connection together, and a SYN-ACK may be
  // captured before its SYN; behind data that the other side sent before, a SYN begins something new.
  if (tcp.ack) return false;
  return !(other.has_syn && other.next == other.syn + 1);
}

void FlowTable::follow(Flow& flow, Direction direction, const TransportHeader& header) {
  const TcpFields& tcp = header.tcp;
  if (tcp.rst) {
    flow.reset = true;
    return;
  }
  Side& side = flow.sides[index(direction)];
  const std::uint32_t end = tcp.sequence + header.wire_payload + (tcp.syn ? 1u : 0u) + (tcp.fin ? 1u : 0u);
  if (tcp.syn && !side.has_syn) {
    side.has_syn = true;
    side.syn = tcp.sequence;
  }
  if (!side.has_data) {
    side.has_data = true;
    side.first = tcp.sequence;
    side.next = end;
  } else if (distance(side.next, end) > 0) {
    side.next = end;
  }
  side.fin = side.fin || tcp.fin;
}

}  // namespace tattle
