#include "decrypt/quic/quic.h"

#include <algorithm>

#include "decrypt/quic/state.h"

namespace tattle {
namespace {

PacketId first_packet(PacketRunsView packets) {
  return packets.empty() ? PacketId{} : PacketId{packets.front().capture, packets.front().first};
}

QuicLevel level_of(QuicPacketType type) {
  switch (type) {
    case QuicPacketType::initial:
      return QuicLevel::initial;
    case QuicPacketType::early:
      return QuicLevel::early;
    case QuicPacketType::handshake:
      return QuicLevel::handshake;
    default:
      return QuicLevel::application;
  }
}

}  // namespace

QuicConnection::QuicConnection(const FlowInfo& flow, TlsContext& context, QuicSink& sink)
    : state_(std::make_unique<State>(flow, context, sink)) {}
QuicConnection::~QuicConnection() = default;

void QuicConnection::on_datagram(const Chunk& chunk) {
  if (!state_->finished) state_->take_datagram(chunk);
}

void QuicConnection::finish() {
  State& state = *state_;
  if (state.finished) return;
  state.check_keys();
  state.flushing = true;
  state.drain();
  state.end_streams();
  state.finished = true;
}

const QuicFacts& QuicConnection::facts() const {
  state_->update_outcome();
  return state_->facts;
}

QuicFlowBytes QuicConnection::take_flow_bytes(FlowId flow) {
  auto& all = state_->flow_bytes;
  auto found = std::ranges::find(all, flow, &std::pair<FlowId, QuicFlowBytes>::first);
  QuicFlowBytes bytes;
  if (found != all.end()) {
    bytes = found->second;
    all.erase(found);
  }
  for (QuicWaiting& item : state_->waiting) {
    if (item.arrival.flow != flow) continue;
    item.arrival.flow = 0;  // of no flow that still counts
    bytes.opaque += item.bytes.size();
  }
  return bytes;
}

bool QuicConnection::can_open(const Chunk& chunk) const {
  if (has_quic_long_header(chunk.data) || chunk.data.empty()) return false;
  return state_->can_open(state_->sides[index(chunk.direction)], chunk.data);
}

bool QuicConnection::begins_another(const Chunk& chunk) const {
  State& state = *state_;
  if (!state.crypto || !starts_quic_initial(chunk.data)) return false;
  const auto packet = parse_quic_long_header(chunk.data);
  const auto keys = state.make_initial(packet->version, packet->destination);
  State::Opened opened;
  return keys && state.open_with(keys->keys[0], 0, *packet, opened);
}

void QuicConnection::set_id_observer(QuicIdObserver* observer) {
  state_->ids = observer;
  if (!observer) return;
  for (const QuicSide& side : state_->sides) {
    for (const ByteVector& id : side.ids) {
      if (!id.empty()) observer->on_connection_id(side.direction, id);
    }
  }
}

void QuicConnection::State::take_datagram(const Chunk& chunk) {
  check_keys();
  if (!crypto && context.keys) crypto = context.keys->crypto();
  take_packets({{}, chunk.direction, chunk.flow.id, {chunk.packets, chunk.seen, 0}}, chunk.data, true);
  if (progress) drain();
}

// The packets of one datagram; `first` unless some of it was taken before.
void QuicConnection::State::take_packets(QuicArrival arrival, Bytes rest, bool first) {
  while (!rest.empty()) {
    arrival.packet = QuicPacket();
    arrival.packet.raw = rest;
    if (has_quic_long_header(rest)) {
      auto packet = parse_quic_long_header(rest);
      if (!packet) {
        note(packet.error().field == "version" ? "quic.unknown-version" : "quic.bad-header", arrival.origin.packets);
        count(arrival, Step::closed);
        break;
      }
      arrival.packet = *packet;
    } else if (!first && std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; })) {
      // Padding behind the last packet. The fixed bit alone says nothing: it may be greased (RFC 9287).
      count(arrival, Step::read);
      break;
    }
    take(arrival);
    rest = rest.subspan(arrival.packet.raw.size());
    first = false;
  }
}

void QuicConnection::State::take(QuicArrival& arrival) {
  const Step step = process(arrival);
  if (step == Step::wait) {
    enqueue(arrival);
  } else {
    count(arrival, step);
  }
}

// Leaves `arrival.packet.raw` shorter when further packets follow in what looked like one.
QuicConnection::State::Step QuicConnection::State::process(QuicArrival& arrival) {
  const QuicPacket& packet = arrival.packet;
  QuicSide& side = sides[index(arrival.direction)];
  if (packet.version != 0 && facts.version == 0) facts.version = packet.version;
  if (packet.type == QuicPacketType::version_negotiation) return Step::read;
  if (packet.type == QuicPacketType::retry) return take_retry(arrival);
  const QuicLevel level = level_of(packet.type);
  Opened opened;
  if (level == QuicLevel::initial) {
    if (!open_initial(arrival, opened)) {
      if (initials.empty() && !flushing) return Step::wait;
      note("quic.bad-packet", arrival.origin.packets);
      return Step::closed;
    }
  } else if (const Step step = open_level(arrival, level, opened); step != Step::read) {
    if (packet.version != 0 && other(side).ids.empty()) add_id(other(side), packet.source);
    return step;
  }
  if (packet.version != 0) {
    add_id(other(side), packet.source);
    if (level == QuicLevel::initial && from_client(side) && side.ids.empty()) add_id(side, packet.destination);
    // The server's choice holds from its first packet on (RFC 9368 section 2.3).
    if (version == 0 || !from_client(side)) version = facts.version = packet.version;
  }
  if (opened.size != 0) arrival.packet.raw = packet.raw.first(opened.size);
  side.received[space_of(level)].add(opened.number, opened.number);
  take_frames(arrival, level, opened.number, opened.plain);
  return Step::read;
}

// The client answers with new keys, from the id that the server chose (RFC 9001 section 5.2).
QuicConnection::State::Step QuicConnection::State::take_retry(const QuicArrival& arrival) {
  const QuicPacket& packet = arrival.packet;
  if (initials.empty() || !crypto) return flushing ? Step::closed : Step::wait;
  const Bytes without_tag = packet.raw.first(packet.raw.size() - packet.tag.size());
  const bool genuine = std::ranges::any_of(initials, [&](const auto& keys) {
    return is_retry_of(*crypto, packet.version, keys->id, without_tag, packet.tag);
  });
  if (!genuine) {
    note("quic.bad-retry", arrival.origin.packets);
    return Step::closed;
  }
  add_id(sides[client_index], packet.source);
  if (initials.size() < 8) {
    if (auto keys = make_initial(packet.version, packet.source)) initials.push_back(std::move(keys));
  }
  return Step::read;
}

void QuicConnection::State::take_frames(const QuicArrival& arrival, QuicLevel level, std::uint64_t number,
                                        Bytes plain) {
  QuicOrigin origin = arrival.origin;
  origin.number = number;
  // A packet opened while a frame of this one is handed down (waiting packets never are) would reuse the buffer.
  ByteReader in(plain);
  while (!in.done()) {
    const QuicFrame frame = read_quic_frame(in);
    if (in.error()) {
      note(in.error()->field == "frame.type" ? "quic.unknown-frame" : "quic.bad-frame", origin.packets);
      return;
    }
    take_frame(arrival, level, origin, frame);
  }
}

void QuicConnection::State::take_frame(const QuicArrival& arrival, QuicLevel level, const QuicOrigin& origin,
                                       const QuicFrame& frame) {
  QuicSide& side = sides[index(arrival.direction)];
  const bool data = level == QuicLevel::early || level == QuicLevel::application;
  switch (frame.kind) {
    case QuicFrameKind::crypto:
      if (level != QuicLevel::early) take_crypto(side, level, origin, frame);
      return;
    case QuicFrameKind::stream:
      return data ? take_stream(side, origin, frame) : note("quic.bad-frame", origin.packets);
    case QuicFrameKind::reset_stream:
      return data ? take_reset(side, origin, frame) : note("quic.bad-frame", origin.packets);
    case QuicFrameKind::datagram:
      if (!data) return note("quic.bad-frame", origin.packets);
      facts.tls.decrypted_bytes += frame.data.size();
      return sink.on_quic_datagram(chunk_of(side, 0, origin, frame.data));
    case QuicFrameKind::new_connection_id:
      if (!data) return note("quic.bad-frame", origin.packets);
      add_id(other(side), frame.data);
      if (side.reset_tokens.size() < 16)
        side.reset_tokens.emplace_back(frame.reset_token.begin(), frame.reset_token.end());
      return;
    case QuicFrameKind::ack:
      if (level != QuicLevel::application) return;
      each_acked(frame, [&](std::uint64_t first, std::uint64_t last) { other(side).acked.add(first, last); });
      return check_losses(other(side), origin);
    default:
      return;
  }
}

void QuicConnection::State::count(const QuicArrival& arrival, Step step) {
  const std::uint64_t size = arrival.packet.raw.size();
  // One that waited longer than its flow lasted goes to a line that nobody asks for.
  auto found = std::ranges::find(flow_bytes, arrival.flow, &std::pair<FlowId, QuicFlowBytes>::first);
  if (found == flow_bytes.end()) found = flow_bytes.insert(found, {arrival.flow, {}});
  if (step == Step::read) {
    found->second.parsed += size;
    facts.parsed_bytes += size;
    return;
  }
  found->second.opaque += size;
  facts.opaque_bytes += size;
  const QuicLevel level = level_of(arrival.packet.type);
  if (level == QuicLevel::early || level == QuicLevel::application) {
    facts.tls.opaque_bytes += size;
    // Rejected early data comes again: nothing is missing without it.
    if (level == QuicLevel::application || early != Early::rejected) ++sides[index(arrival.direction)].closed_packets;
  }
}

void QuicConnection::State::add_id(QuicSide& side, Bytes id) {
  const bool known =
      std::ranges::any_of(side.ids, [&](const ByteVector& each) { return std::ranges::equal(each, id); });
  if (known || side.ids.size() >= context.limits->quic_connection_ids) return;
  side.ids.emplace_back(id.begin(), id.end());
  if (ids && !id.empty()) ids->on_connection_id(side.direction, id);
}

void QuicConnection::State::note(std::string_view anomaly, PacketRunsView packets) {
  if (context.anomalies) context.anomalies->note(anomaly, first_packet(packets));
}

void QuicConnection::State::update_outcome() {
  TlsFacts& tls = facts.tls;
  const bool read = tls.decrypted_bytes > 0;
  const std::uint64_t closed = tls.opaque_bytes + waiting_data_bytes;
  if (closed == 0) {
    tls.outcome = read ? TlsOutcome::decrypted : TlsOutcome::none;
  } else if (read) {
    tls.outcome = TlsOutcome::partly;
  } else if (unsupported) {
    tls.outcome = TlsOutcome::unsupported;
  } else if (!tls.client_hello) {
    tls.outcome = TlsOutcome::handshake_unseen;
  } else {
    tls.outcome = mismatch ? TlsOutcome::key_mismatch : TlsOutcome::no_key;
  }
}

}  // namespace tattle
