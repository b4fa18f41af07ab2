#include "stream/tcp_reassembly.h"

#include <algorithm>
#include <utility>

#include "stream/tcp_half.h"

// Each direction delivers what is in order at once. A segment waits when bytes before it are missing, or when its
// sender had already received bytes of the other direction that the capture has not shown yet: captures reorder
// packets, and a response must not overtake its request. Both waits end after kPatience further segments of the flow;
// the first only if the receiver acknowledged the missing bytes, because else their retransmission is still to come.

namespace tattle {
namespace {

constexpr std::uint64_t kPatience = 32;

PacketRun run_of(PacketId id) { return {id.capture, id.number, id.number}; }
PacketId id_of(const PacketRun& run) { return {run.capture, run.first}; }

}  // namespace

struct TcpReassembly::State {
  const FlowInfo& flow;
  const Limits& limits;
  Anomalies& anomalies;
  StreamSink& sink;
  ReassemblyCounts counts;
  TcpHalf halves[2];
  std::uint64_t clock = 0;  // segments so far
  bool midstream_noted = false;

  TcpHalf& half(Direction direction) { return halves[index(direction)]; }
  TcpHalf& other(Direction direction) { return halves[index(opposite(direction))]; }

  void on_segment(const Segment& segment);
  void note_acknowledgment(const Segment& segment);
  void on_payload(const Segment& segment, std::uint32_t sequence);
  bool place(TcpHalf& me, const Segment& segment, std::uint32_t sequence);
  void keep(const Segment& segment, std::int64_t at, std::uint64_t skip);
  void note_fin(const Segment& segment, std::uint32_t sequence);

  bool behind(Direction direction, std::uint32_t acknowledgment);
  bool must_hold(Direction direction, const TcpPiece& piece);
  void deliver(Direction direction, Bytes data, PacketRunsView packets, Time time);
  void gap(Direction direction, std::uint64_t missing, PacketRunsView packets, Time time);
  void deliver_piece(Direction direction);
  bool drain(Direction direction);
  void give_up_hole(Direction direction);
  bool lose_patience(Direction direction);
  void end_if_complete(Direction direction);
  void settle();
  void finish();
  void finish_tail(Direction direction);
};

void TcpReassembly::State::on_segment(const Segment& segment) {
  ++clock;
  TcpHalf& me = half(segment.direction);
  me.last_time = segment.time;
  me.last_packet = run_of(segment.packet);
  // A reset's acknowledgment and payload belong to no stream (RFC 9293 section 3.5.3).
  if (segment.tcp.rst) return settle();
  if (segment.tcp.ack) note_acknowledgment(segment);
  std::uint32_t sequence = segment.tcp.sequence;
  if (segment.tcp.syn) {
    ++sequence;
    if (!me.started || me.tentative) me.start(sequence);
    me.tentative = false;
  }
  if (segment.wire_payload > 0 || !segment.payload.empty()) on_payload(segment, sequence);
  if (segment.tcp.fin) note_fin(segment, sequence);
  if (halves[0].waiting().empty() && halves[1].waiting().empty() && !me.fin) return;
  settle();
}

void TcpReassembly::State::note_acknowledgment(const Segment& segment) {
  TcpHalf& acked = other(segment.direction);
  const std::uint32_t number = segment.tcp.acknowledgment;
  if (!acked.started) {
    acked.start(number);
    acked.tentative = true;
  }
  if (!acked.acknowledged || static_cast<std::int32_t>(number - *acked.acknowledged) > 0) acked.acknowledged = number;
}

// Finds where a segment belongs. False when it lies outside any window: another connection's, or forged.
bool TcpReassembly::State::place(TcpHalf& me, const Segment& segment, std::uint32_t sequence) {
  if (!me.started || me.tentative) {
    // Before the first byte an acknowledgment is only a hint of where the stream stands.
    constexpr std::int64_t kNear = 1 << 20;
    const std::int64_t at = me.started ? me.position(sequence) : 0;
    if (!me.started || at < 0 || at > kNear) {
      if (me.waiting().empty()) me.start(sequence);
    }
    if (!midstream_noted && !flow.opening_seen) {
      midstream_noted = true;
      anomalies.note("tcp.midstream", segment.packet);
    }
    me.tentative = me.tentative && at > 0 && at <= kNear;
  }
  const std::int64_t distance = me.position(sequence) - static_cast<std::int64_t>(me.offset);
  if (distance < TcpHalf::kWindow && distance > -TcpHalf::kWindow) {
    me.stray_sequence.reset();
    return true;
  }
  const bool continues = me.stray_sequence == sequence;
  me.stray_sequence = sequence + segment.wire_payload;
  anomalies.note("tcp.out-of-window", segment.packet);
  if (!continues || !me.waiting().empty()) return false;
  // A second segment that continues the first stray one: the connection is another, its opening was not captured.
  gap(segment.direction, 0, PacketRunsView(&me.last_packet, 1), segment.time);
  me.next_sequence = sequence;
  me.fin.reset();
  me.acknowledged.reset();
  me.stray_sequence.reset();
  return true;
}

void TcpReassembly::State::on_payload(const Segment& segment, std::uint32_t sequence) {
  TcpHalf& me = half(segment.direction);
  if (!flow.opening_seen && segment.payload.size() == 1 && segment.payload[0] == 0 &&
      (!me.started || (me.tentative && me.position(sequence) < 0)) && me.waiting().empty()) {
    // Joined at a keep-alive: its byte is garbage, the stream goes on behind it (RFC 9293 section 3.8.4).
    me.start(sequence + 1);
    ++counts.retransmitted;
    return;
  }
  if (!place(me, segment, sequence)) return;
  if (me.ended || (me.fin && me.position(sequence) >= static_cast<std::int64_t>(*me.fin))) {
    if (me.position(sequence) >= static_cast<std::int64_t>(me.offset)) {
      anomalies.note("tcp.data-after-fin", segment.packet);
    }
    counts.retransmitted += segment.payload.size();
    return;
  }
  const std::int64_t at = me.position(sequence);
  const std::uint64_t size = std::max<std::uint64_t>(segment.wire_payload, segment.payload.size());
  const auto offset = static_cast<std::int64_t>(me.offset);
  if (at == offset && me.waiting().empty() && size == segment.payload.size() &&
      (!segment.tcp.ack || !behind(segment.direction, segment.tcp.acknowledgment))) {
    me.remember(me.offset, segment.payload);
    const PacketRunsView one(&me.last_packet, 1);
    deliver(segment.direction, segment.payload, segment.fragments.empty() ? one : segment.fragments, segment.time);
    return;
  }
  if (at < offset && !me.agrees(at, segment.payload)) anomalies.note("tcp.conflicting-overlap", segment.packet);
  const std::uint64_t skip = at < offset ? static_cast<std::uint64_t>(offset - at) : 0;
  counts.retransmitted += std::min<std::uint64_t>(skip, segment.payload.size());
  if (skip >= size) return;
  keep(segment, at, skip);
}

void TcpReassembly::State::keep(const Segment& segment, std::int64_t at, std::uint64_t skip) {
  TcpHalf& me = half(segment.direction);
  const Bytes data = segment.payload.subspan(std::min<std::uint64_t>(skip, segment.payload.size()));
  TcpPiece piece;
  piece.data.assign(data.begin(), data.end());
  piece.size = std::max<std::uint64_t>(segment.wire_payload, segment.payload.size()) - skip;
  piece.packet = run_of(segment.packet);
  piece.fragments.assign(segment.fragments.begin(), segment.fragments.end());
  piece.time = segment.time;
  piece.order = segment.order;
  if (segment.tcp.ack) piece.acknowledgment = segment.tcp.acknowledgment;
  bool conflict = false;
  counts.retransmitted += me.keep(static_cast<std::uint64_t>(at) + skip, std::move(piece), conflict);
  if (conflict) anomalies.note("tcp.conflicting-overlap", segment.packet);
}

void TcpReassembly::State::note_fin(const Segment& segment, std::uint32_t sequence) {
  TcpHalf& me = half(segment.direction);
  const std::uint32_t end = sequence + segment.wire_payload;
  if (!me.started || (me.tentative && me.waiting().empty() && segment.wire_payload == 0)) me.start(end);
  const std::int64_t at = me.position(end);
  const auto offset = static_cast<std::int64_t>(me.offset);
  if (me.fin || at < offset || at - offset > TcpHalf::kWindow) return;
  me.fin = static_cast<std::uint64_t>(at);
}

// Whether the sender of `direction` had received bytes of the other direction that were not delivered yet.
bool TcpReassembly::State::behind(Direction direction, std::uint32_t acknowledgment) {
  const TcpHalf& peer = other(direction);
  if (!peer.started || peer.ended || peer.trusted_silent) return false;
  // A FIN takes a number of its own.
  const std::uint32_t fin = peer.fin ? 1 : 0;
  return static_cast<std::int32_t>(acknowledgment - fin - peer.next_sequence) > 0;
}

bool TcpReassembly::State::must_hold(Direction direction, const TcpPiece& piece) {
  if (!piece.acknowledgment || !behind(direction, *piece.acknowledgment)) return false;
  TcpHalf& me = half(direction);
  if (me.hold_since == 0) me.hold_since = clock;
  if (clock - me.hold_since < kPatience) return true;
  other(direction).trusted_silent = true;
  return false;
}

void TcpReassembly::State::deliver(Direction direction, Bytes data, PacketRunsView packets, Time time) {
  TcpHalf& me = half(direction);
  const Chunk chunk{flow, direction, me.offset, time, packets, data};
  me.advance(data.size());
  me.tentative = false;
  me.trusted_silent = false;
  counts.delivered += data.size();
  sink.on_data(chunk);
}

void TcpReassembly::State::gap(Direction direction, std::uint64_t missing, PacketRunsView packets, Time time) {
  TcpHalf& me = half(direction);
  const Chunk where{flow, direction, me.offset, time, packets, {}};
  me.advance(missing);
  me.tentative = false;
  counts.missing += missing;
  sink.on_gap(where, missing);
}

void TcpReassembly::State::deliver_piece(Direction direction) {
  TcpHalf& me = half(direction);
  const TcpPiece piece = me.take_first();
  if (!piece.data.empty()) {
    me.remember(me.offset, piece.data);
    deliver(direction, piece.data, piece.packets(), piece.time);
  }
  if (piece.size > piece.data.size()) {
    anomalies.note("tcp.cut-segment", id_of(piece.packet));
    gap(direction, piece.size - piece.data.size(), piece.packets(), piece.time);
  }
}

bool TcpReassembly::State::drain(Direction direction) {
  TcpHalf& me = half(direction);
  bool progress = false;
  while (!me.waiting().empty() && me.hole() == 0 && !must_hold(direction, me.waiting().begin()->second)) {
    deliver_piece(direction);
    progress = true;
  }
  return progress;
}

void TcpReassembly::State::give_up_hole(Direction direction) {
  TcpHalf& me = half(direction);
  const TcpPiece& first = me.waiting().begin()->second;
  const PacketRun packet = first.packet;
  anomalies.note("tcp.gap", id_of(packet));
  gap(direction, me.hole(), PacketRunsView(&packet, 1), first.time);
}

// Gives up a hole that will not be filled, or holding back when too much waits. True when anything may move again.
bool TcpReassembly::State::lose_patience(Direction direction) {
  TcpHalf& me = half(direction);
  if (me.waiting().empty()) return false;
  if (me.waiting_bytes() > limits.tcp_out_of_order_bytes || me.waiting().size() > limits.tcp_out_of_order_segments) {
    anomalies.note("tcp.limit", id_of(me.waiting().begin()->second.packet));
    if (me.hole() > 0) {
      give_up_hole(direction);
    } else {
      other(direction).trusted_silent = true;
    }
    return true;
  }
  const std::uint64_t hole = me.hole();
  if (hole == 0 || !me.acknowledged) return false;
  const auto hole_end = static_cast<std::uint32_t>(me.next_sequence + hole);
  if (static_cast<std::int32_t>(*me.acknowledged - hole_end) < 0) return false;
  if (me.hole_since == 0) me.hole_since = clock;
  if (clock - me.hole_since < kPatience) return false;
  give_up_hole(direction);
  return true;
}

void TcpReassembly::State::end_if_complete(Direction direction) {
  TcpHalf& me = half(direction);
  if (me.ended || !me.fin || me.offset < *me.fin || !me.waiting().empty()) return;
  me.ended = true;
  if (me.offset == 0) return;
  sink.on_end({flow, direction, me.offset, me.last_time, PacketRunsView(&me.last_packet, 1), {}});
}

void TcpReassembly::State::settle() {
  bool progress = true;
  while (progress) {
    progress = false;
    for (Direction direction : {Direction::to_server, Direction::to_client}) {
      progress |= drain(direction);
      end_if_complete(direction);
      progress |= lose_patience(direction);
    }
  }
}

void TcpReassembly::State::finish() {
  // Nothing more comes: holes are given up, the earliest packet first, so that the directions stay interleaved.
  while (!halves[0].waiting().empty() || !halves[1].waiting().empty()) {
    const bool moved = drain(Direction::to_server);
    if (drain(Direction::to_client) || moved) continue;
    Direction first = Direction::to_server;
    if (halves[0].waiting().empty() ||
        (!halves[1].waiting().empty() &&
         halves[1].waiting().begin()->second.order < halves[0].waiting().begin()->second.order)) {
      first = Direction::to_client;
    }
    if (half(first).hole() > 0) {
      give_up_hole(first);
    } else {
      deliver_piece(first);
    }
  }
  finish_tail(Direction::to_server);
  finish_tail(Direction::to_client);
}

void TcpReassembly::State::finish_tail(Direction direction) {
  TcpHalf& me = half(direction);
  if (!me.started || me.ended) return;
  std::int64_t missing = 0;
  if (me.fin) {
    missing = static_cast<std::int64_t>(*me.fin - me.offset);
  } else if (me.acknowledged) {
    // One more may only be the number of a FIN that was not captured.
    missing = me.position(*me.acknowledged) - static_cast<std::int64_t>(me.offset);
    if (missing <= 1 || missing > TcpHalf::kWindow) missing = 0;
  }
  if (missing > 0) {
    anomalies.note("tcp.gap", id_of(me.last_packet));
    gap(direction, static_cast<std::uint64_t>(missing), PacketRunsView(&me.last_packet, 1), me.last_time);
  }
  me.fin = me.offset;
  end_if_complete(direction);
}

TcpReassembly::TcpReassembly(const FlowInfo& flow, const Limits& limits, Anomalies& anomalies, StreamSink& sink)
    : state_(new State{flow, limits, anomalies, sink, {}, {}}) {}
TcpReassembly::~TcpReassembly() = default;
void TcpReassembly::on_segment(const Segment& segment) { state_->on_segment(segment); }
void TcpReassembly::finish() { state_->finish(); }
const ReassemblyCounts& TcpReassembly::counts() const { return state_->counts; }

bool TcpReassembly::at_rest() const {
  return state_->halves[0].waiting().empty() && state_->halves[1].waiting().empty();
}

void TcpReassembly::pass(StateArchive& archive) {
  archive(state_->counts.delivered, state_->counts.missing, state_->counts.retransmitted);
  archive(state_->clock, state_->midstream_noted);
  for (TcpHalf& half : state_->halves) half.pass(archive, state_->flow.start);
}

}  // namespace tattle
