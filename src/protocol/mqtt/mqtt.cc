#include "protocol/mqtt/mqtt.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/body/assembler.h"
#include "protocol/body/ledger.h"
#include "protocol/buffer/held_bytes.h"
#include "protocol/buffer/held_stream.h"
#include "protocol/mqtt/packet.h"
#include "protocol/mqtt/session.h"
#include "protocol/raw/raw.h"

namespace tattle {
namespace {

constexpr std::size_t kMostTried = 64;  // chunks among which a packet's beginning is looked for at a time

MessageKind kind_of(std::uint8_t type) {
  switch (type) {
    case kMqttConnect:
      return MessageKind::connect;
    case kMqttPublish:
      return MessageKind::publish;
    case kMqttSubscribe:
      return MessageKind::subscribe;
    case kMqttUnsubscribe:
      return MessageKind::unsubscribe;
    case kMqttPingreq:
    case kMqttPingresp:
    case kMqttDisconnect:
    case kMqttAuth:
      return MessageKind::control;
    default:
      return MessageKind::acknowledge;
  }
}

// One direction.
struct Side {
  enum class State : std::uint8_t { header, head, payload, searching };

  Side(Direction way, const Limits& limits) : direction(way), packet(limits.http_head_bytes), payload(limits) {}

  const Direction direction;
  State state = State::header;
  bool ended = false;
  std::uint8_t start[kMqttLongestHeader] = {};
  std::size_t start_size = 0;
  MqttHeader header;
  Time first, last;
  std::uint64_t got = 0;  // bytes behind the fixed header
  ByteVector head;        // what is parsed: of a PUBLISH up to its payload
  PacketRuns packets;     // that carried it
  MqttPacket packet;
  bool damaged = false;
  bool topic_unknown = false;
  std::uint64_t exchange = 0;
  BodyAssembler payload;
  HeldBytes held;
};

}  // namespace

struct MqttConnection::State : BodyHolder {
  State(const FlowInfo& info, const StreamContext& outer, ParserContext& context, MqttCarrier on)
      : BodyHolder(context.bodies, info.id),
        flow(info),
        above(outer),
        parser(context),
        limits(*context.limits),
        carrier(std::move(on)),
        session(outer, limits),
        sides{Side(Direction::to_server, limits), Side(Direction::to_client, limits)} {}

  void note(std::string_view name, const Chunk& where) { parser.anomalies->note(name, where.first_packet()); }
  Side& side(Direction direction) { return sides[index(direction)]; }
  std::uint64_t held_bytes() const override { return sides[0].payload.held_bytes() + sides[1].payload.held_bytes(); }
  void relieve() override {
    for (Side& each : sides) {
      if (each.state == Side::State::payload) each.payload.relieve([&] { emit_payload(each, false); });
    }
  }

  void on_data(Side& side, const Chunk& chunk);
  void read(Side& side, const Chunk& chunk);
  std::size_t read_start(Side& side, const Chunk& chunk);
  std::size_t read_head(Side& side, const Chunk& chunk);
  std::size_t head_needs(const Side& side) const;
  void head_done(Side& side, const Chunk& chunk);
  void resolve_topic(Side& side, const Chunk& chunk);
  void end_packet(Side& side);
  void emit_payload(Side& side, bool last);
  void forget_packet(Side& side);
  void cut(Side& side, const Chunk& where);
  void on_gap(Side& side, const Chunk& where, std::uint64_t missing);
  void lose_packets(Side& side, const Chunk& where);
  void search(Side& side, const Chunk& where, bool at_end);
  void on_end(Side& side, const Chunk& where);

  const FlowInfo& flow;
  const StreamContext& above;
  ParserContext& parser;
  const Limits& limits;
  const MqttCarrier carrier;
  MqttSession session;
  Side sides[2];
  std::unique_ptr<RawStream> raw;
};

void MqttConnection::State::on_data(Side& side, const Chunk& chunk) {
  if (chunk.data.empty()) return;
  if (side.state != Side::State::searching) return read(side, chunk);
  side.held.add(chunk);
  search(side, chunk, false);
}

void MqttConnection::State::read(Side& side, const Chunk& chunk) {
  std::size_t used = 0;
  while (used < chunk.data.size()) {
    const Chunk rest = slice(chunk, used);
    switch (side.state) {
      case Side::State::searching:
        return on_data(side, rest);
      case Side::State::header:
        used += read_start(side, rest);
        break;
      case Side::State::head:
        used += read_head(side, rest);
        break;
      case Side::State::payload: {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(rest.data.size(), side.header.length - side.got));
        side.last = rest.seen;
        side.payload.add(rest.data.first(count), rest.packets, rest.seen, [&] { emit_payload(side, false); });
        side.got += count;
        used += count;
        note_held(side.payload.held_bytes());
        if (side.got == side.header.length) end_packet(side);
        break;
      }
    }
  }
}

std::size_t MqttConnection::State::read_start(Side& side, const Chunk& chunk) {
  if (side.start_size == 0) side.first = chunk.seen;
  const std::size_t before = side.start_size;
  const std::size_t count = std::min(chunk.data.size(), kMqttLongestHeader - before);
  std::memcpy(side.start + before, chunk.data.data(), count);
  side.start_size += count;
  add_packets(side.packets, chunk.packets);
  side.last = chunk.seen;
  switch (read_mqtt_header(Bytes(side.start, side.start_size), side.header)) {
    case Sniff::maybe:
      return count;
    case Sniff::yes:
      break;
    case Sniff::no:
      note("mqtt.bad-packet", chunk);
      if (before > 0) {
        if (!raw) raw = std::make_unique<RawStream>(flow, above, parser);
        raw->on_data(
            {flow, side.direction, chunk.offset - before, chunk.seen, side.packets, Bytes(side.start, before)});
      }
      side.start_size = 0;
      lose_packets(side, chunk);
      return 0;
  }
  side.start_size = 0;
  side.state = Side::State::head;
  if (side.header.length == 0) head_done(side, chunk);
  return side.header.header_bytes - before;
}

// Of what is behind the fixed header, what must be there before it is parsed; the rest is payload.
std::size_t MqttConnection::State::head_needs(const Side& side) const {
  const std::size_t needed = side.header.type == kMqttPublish
                                 ? mqtt_publish_needs(side.header, session.version(), side.head)
                                 : static_cast<std::size_t>(side.header.length);
  return std::min<std::size_t>(needed, limits.http_head_bytes);
}

std::size_t MqttConnection::State::read_head(Side& side, const Chunk& chunk) {
  const std::size_t needed = head_needs(side);
  const std::size_t count = std::min(chunk.data.size(), needed - std::min(needed, side.head.size()));
  side.head.insert(side.head.end(), chunk.data.begin(), chunk.data.begin() + static_cast<std::ptrdiff_t>(count));
  side.got += count;
  side.last = chunk.seen;
  add_packets(side.packets, chunk.packets);
  if (side.head.size() >= head_needs(side)) head_done(side, chunk);
  return count;
}

void MqttConnection::State::head_done(Side& side, const Chunk& chunk) {
  const bool publish = side.header.type == kMqttPublish;
  read_mqtt_packet(side.header, session.version(), side.head, side.packet);
  const bool too_long = !publish && side.got < side.header.length;
  if (too_long) note("mqtt.packet-limit", chunk);
  if (!side.packet.good && !too_long) note("mqtt.bad-packet", chunk);
  side.damaged |= !side.packet.good || too_long;
  session.learn(side.direction, side.header, side.packet);
  if (publish) resolve_topic(side, chunk);
  side.exchange = session.relate(side.direction, side.header, side.packet);
  side.state = Side::State::payload;
  side.payload.clear();
  side.payload.begin(side.header.length - std::min<std::uint64_t>(side.header.length, side.packet.payload));
  // What could not be parsed is searched as it is.
  const Bytes rest = side.packet.good
                         ? Bytes(side.head).subspan(side.packet.payload, side.packet.payload_end - side.packet.payload)
                         : Bytes(side.head);
  side.payload.add(rest, side.packets, chunk.seen, [&] { emit_payload(side, false); });
  if (side.got == side.header.length) end_packet(side);
}

void MqttConnection::State::resolve_topic(Side& side, const Chunk& chunk) {
  MqttPacket& packet = side.packet;
  const std::string_view anomaly = session.resolve_topic(side.direction, packet, side.topic_unknown);
  if (!anomaly.empty()) note(anomaly, chunk);
  if (!packet.topic.empty() || side.topic_unknown) packet.fields.add("topic", packet.topic, side.topic_unknown);
}

void MqttConnection::State::end_packet(Side& side) {
  emit_payload(side, true);
  forget_packet(side);
}

void MqttConnection::State::forget_packet(Side& side) {
  side.state = Side::State::header;
  side.start_size = 0;
  side.got = 0;
  side.head.clear();
  side.packets.clear();
  side.packet = MqttPacket(limits.http_head_bytes);
  side.damaged = side.topic_unknown = false;
  side.exchange = 0;
  side.payload.clear();
}

void MqttConnection::State::emit_payload(Side& side, bool last) {
  const MqttPacket& packet = side.packet;
  Message message;
  above.apply(message, flow, side.direction, side.direction == session.client().value_or(Direction::to_server));
  message.protocol = "mqtt";
  message.kind = kind_of(side.header.type);
  message.method = mqtt_type_name(side.header.type);
  message.layers.push_back({"mqtt", message.method});
  message.host = !carrier.host.empty() ? carrier.host : above.via == Via::tunnel ? above.tunnel_host : above.sni;
  message.host_port = carrier.host_port;
  message.url = carrier.url;
  message.target = side.header.type == kMqttPublish ? packet.topic : packet.filters;
  message.status = packet.reason;
  message.exchange = side.exchange;
  message.first = side.payload.offset() > 0 ? side.payload.first() : side.first;
  message.last = side.last;
  message.damaged = side.damaged;
  if (side.payload.offset() == 0) {
    message.head = as_bytes(packet.fields.text());
    message.head_pieces.add(message.head.size(), side.packets);
    packet.fields.fields(0, message.fields);
  }
  side.payload.lend(message, last);
  parser.sink->on_message(message);
  side.payload.give_back(message);
}

// The packet under way will not be whole.
void MqttConnection::State::cut(Side& side, const Chunk& where) {
  if (side.state == Side::State::head) {
    side.damaged = true;
    side.header.length = static_cast<std::uint32_t>(side.got);
    head_done(side, where);
  } else if (side.state == Side::State::payload) {
    side.damaged = true;
    end_packet(side);
  }
}

void MqttConnection::State::on_gap(Side& side, const Chunk& where, std::uint64_t missing) {
  if (side.state == Side::State::payload && missing > 0 && missing <= side.header.length - side.got) {
    // Inside the payload: where the next packet begins is known.
    side.damaged = true;
    if (side.payload.offset() == 0 || side.payload.has_new()) emit_payload(side, false);
    side.payload.skip(missing);
    side.got += missing;
    if (side.got == side.header.length) end_packet(side);
    return;
  }
  if (side.state == Side::State::searching) search(side, where, true);
  lose_packets(side, where);
}

void MqttConnection::State::lose_packets(Side& side, const Chunk& where) {
  cut(side, where);
  forget_packet(side);
  session.lose(side.direction);
  side.held = {};
  side.state = Side::State::searching;
}

// Senders begin to write where a packet begins, so that only the starts of chunks are tried.
void MqttConnection::State::search(Side& side, const Chunk& where, bool at_end) {
  std::size_t begin = side.held.size();
  bool found = false;
  for (std::size_t i = 0; i < side.held.chunks() && !found; ++i) {
    found =
        surely_mqtt_packets(side.held.bytes().subspan(side.held.begin_of(i)), session.version(), false) == Sniff::yes;
    if (found) begin = side.held.begin_of(i);
  }
  if (!found && !at_end && side.held.size() < limits.raw_window_bytes && side.held.chunks() < kMostTried) return;
  const HeldBytes held = std::exchange(side.held, {});
  if (!raw) raw = std::make_unique<RawStream>(flow, above, parser);
  held.replay(flow, side.direction, 0, begin, [&](const Chunk& each) { raw->on_data(each); });
  if (!found && !at_end) return;
  raw->on_end(where);
  if (!found) return;
  note("mqtt.resync", where);
  side.state = Side::State::header;
  held.replay(flow, side.direction, begin, held.size(), [&](const Chunk& each) { on_data(side, each); });
}

void MqttConnection::State::on_end(Side& side, const Chunk& where) {
  if (side.ended) return;
  side.ended = true;
  if (side.state == Side::State::searching) return search(side, where, true);
  if (side.state != Side::State::header || side.start_size > 0) note("mqtt.cut-packet", where);
  cut(side, where);
}

MqttConnection::MqttConnection(const FlowInfo& flow, const StreamContext& above, ParserContext& context,
                               MqttCarrier carrier)
    : state_(std::make_unique<State>(flow, above, context, std::move(carrier))) {}
MqttConnection::~MqttConnection() = default;
void MqttConnection::on_data(const Chunk& chunk) { state_->on_data(state_->side(chunk.direction), chunk); }
void MqttConnection::on_gap(const Chunk& where, std::uint64_t missing) {
  state_->on_gap(state_->side(where.direction), where, missing);
}
void MqttConnection::on_end(const Chunk& where) { state_->on_end(state_->side(where.direction), where); }

std::unique_ptr<StreamParser> make_mqtt(const FlowInfo& flow, const StreamContext& above, ParserContext& context) {
  return std::make_unique<MqttConnection>(flow, above, context);
}

}  // namespace tattle
