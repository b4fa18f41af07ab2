#include "protocol/http3/http3.h"

#include <algorithm>

#include "protocol/buffer/held_stream.h"
#include "protocol/http3/qpack_rewrite.h"
#include "protocol/http3/state.h"

namespace tattle {
namespace {

// RFC 9114 section 6.2, RFC 9204 section 4.2, draft-ietf-webtrans-http3.
constexpr std::uint64_t kControlStream = 0, kPushStream = 1, kEncoderStream = 2, kDecoderStream = 3;

constexpr HttpVersion kHttp3Version{"http/3", "http3.pseudo-fields", "http3.second-head",
                                    "",       "http3.streams-limit", "http3.connection-buffer-limit"};

}  // namespace

Http3Connection::State::State(const FlowInfo& info, const StreamContext& context_above, ParserContext& parser)
    : flow(info),
      above(context_above),
      context(parser),
      limits(*parser.limits),
      messages(info, context_above, parser, kHttp3Version),
      sides{Http3Side(limits), Http3Side(limits)} {}

Http3Stream& Http3Connection::State::find_or_make(std::uint64_t id, PacketId where) {
  if (const auto known = streams.find(id); known != streams.end()) return known->second;
  if (streams.size() >= limits.http2_streams) evict_oldest(where);
  if (order.size() > 2 * limits.http2_streams + 64) {
    std::erase_if(order, [&](std::uint64_t each) { return !streams.contains(each); });
  }
  order.push_back(id);
  Http3Stream& made = streams.try_emplace(id, id, limits).first->second;
  if (!made.unidirectional()) {
    made.use = Http3Use::request;
    made.message_id = id;
  }
  return made;
}

// The oldest but those that the connection itself needs, of which each side has three at most.
void Http3Connection::State::evict_oldest(PacketId where) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto found = streams.find(order[i]);
    if (found == streams.end()) continue;
    Http3Stream& stream = found->second;
    const Http3Use use = stream.use;
    if (use == Http3Use::control || use == Http3Use::encoder || use == Http3Use::decoder) continue;
    note("http3.streams-limit", where);
    for (const Direction direction : {Direction::to_server, Direction::to_client}) {
      if (!stream.waiting.empty()) lose_table(direction, where);
      if (!stream.halves[index(direction)].ended) on_end(stream, Chunk{flow, direction, 0, {}, {}, {}}, true);
    }
    streams.erase(found);
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

void Http3Connection::State::forget_if_over(std::uint64_t id) {
  const auto found = streams.find(id);
  if (found == streams.end() || !found->second.waiting.empty()) return;
  const Http3Half* halves = found->second.halves;
  const bool over =
      found->second.unidirectional() ? halves[0].ended || halves[1].ended : halves[0].ended && halves[1].ended;
  if (over) streams.erase(found);
}

void Http3Connection::State::forget_unblocked() {
  for (const std::uint64_t id : unblocked) forget_if_over(id);
  unblocked.clear();
}

// Each side opens one of these at most (RFC 9114 section 6.2.1, RFC 9204 section 4.2).
void Http3Connection::State::begin_critical(Http3Stream& stream, std::uint64_t type, const Chunk& chunk) {
  Http3Side& self = side(chunk.direction);
  bool& seen = type == kControlStream   ? self.control_seen
               : type == kEncoderStream ? self.encoder_seen
                                        : self.decoder_seen;
  stream.use = type == kControlStream   ? Http3Use::control
               : type == kEncoderStream ? Http3Use::encoder
                                        : Http3Use::decoder;
  if (seen) {
    note("http3.second-stream", chunk.first_packet());
    stream.use = Http3Use::ignored;
  }
  seen = true;
}

// Unidirectional streams begin with their type (RFC 9114 section 6.2); a push's goes on with its number (4.6).
void Http3Connection::State::read_start(Http3Stream& stream, const Chunk& chunk) {
  stream.start.insert(stream.start.end(), chunk.data.begin(), chunk.data.end());
  add_packets(stream.start_packets, chunk.packets);
  Bytes rest = stream.start;
  const std::optional<std::uint64_t> type = take_varint(rest);
  if (!type) return;
  if (*type == kPushStream) {
    const std::optional<std::uint64_t> push = take_varint(rest);
    if (!push) return;
    stream.message_id = kHttpPushBit | *push;
    stream.use = Http3Use::push;
  } else if (*type == kControlStream || *type == kEncoderStream || *type == kDecoderStream) {
    begin_critical(stream, *type, chunk);
  } else {
    stream.use = is_reserved_http3(*type) ? Http3Use::ignored : Http3Use::raw;
  }
  const ByteVector start = std::move(stream.start);
  const PacketRuns packets = std::move(stream.start_packets);
  stream.start = {};
  stream.start_packets = {};
  const std::uint64_t offset = chunk.offset + chunk.data.size() - rest.size();
  if (!rest.empty())
    read(stream, Chunk{flow, chunk.direction, offset, chunk.seen, packets, Bytes(start).last(rest.size())});
}

void Http3Connection::State::read(Http3Stream& stream, const Chunk& chunk) {
  switch (stream.use) {
    case Http3Use::unknown:
      return read_start(stream, chunk);
    case Http3Use::request:
    case Http3Use::push:
      return read_frames(stream, chunk);
    case Http3Use::control:
      return read_control(stream, chunk);
    case Http3Use::encoder:
      if (!side(chunk.direction).qpack.read_encoder(chunk.data)) note("http3.qpack", chunk.first_packet());
      return retry(chunk.direction);
    case Http3Use::decoder:
      return read_decoder_stream(stream, chunk);
    case Http3Use::ignored:
      return;
    case Http3Use::raw:
      return read_raw(stream, chunk);
  }
}

void Http3Connection::State::read_raw(Http3Stream& stream, const Chunk& chunk) {
  if (!stream.raw) stream.raw = std::make_unique<RawStream>(flow, above, context);
  stream.raw->on_data(chunk);
}

void Http3Connection::State::read_control(Http3Stream& stream, const Chunk& chunk) {
  Http3Half& half = stream.halves[index(chunk.direction)];
  Bytes input = chunk.data;
  while (!half.astray) {
    const Http3Step step = half.reader.next(input, chunk);
    if (step.kind == Http3Step::Kind::need_more) return;
    if (step.kind == Http3Step::Kind::rest) half.astray = true;
    Http3Side& self = side(chunk.direction);
    if (!self.settings_seen && (step.kind != Http3Step::Kind::frame || step.type != kHttp3Settings)) {
      // Section 6.2.1: SETTINGS come first.
      note("http3.settings-missing", chunk.first_packet());
      on_settings(chunk.direction, {}, chunk.first_packet());
    }
    if (step.kind == Http3Step::Kind::frame && step.type == kHttp3Settings && !self.settings_seen) {
      if (step.cut) {
        self.settings_seen = true;
        lose_table(opposite(chunk.direction), chunk.first_packet());
      } else {
        on_settings(chunk.direction, step.bytes, chunk.first_packet());
      }
    }
  }
}

// RFC 9114 section 7.2.4.1: pairs of integers. What one side announces binds the other's encoder.
void Http3Connection::State::on_settings(Direction direction, Bytes payload, PacketId where) {
  constexpr std::uint64_t kTableCapacity = 1;
  side(direction).settings_seen = true;
  std::uint64_t capacity = 0;
  while (!payload.empty()) {
    const std::optional<std::uint64_t> identifier = take_varint(payload);
    const std::optional<std::uint64_t> value = take_varint(payload);
    if (!identifier || !value) {
      note("http3.frame", where);
      break;
    }
    if (*identifier == kTableCapacity) capacity = *value;
  }
  if (!side(opposite(direction)).qpack.announce(capacity)) note("http3.qpack", where);
  retry(opposite(direction));
}

// RFC 9204 section 4.4: what the receiver of this side's opposite says of the entries it got.
void Http3Connection::State::read_decoder_stream(Http3Stream& stream, const Chunk& chunk) {
  Http3Side& acknowledged = side(opposite(chunk.direction));
  stream.start.insert(stream.start.end(), chunk.data.begin(), chunk.data.end());
  Bytes rest = stream.start;
  constexpr std::size_t kLongest = 10;
  while (!rest.empty()) {
    Bytes in = rest;
    const std::uint8_t first = rest[0];
    const std::optional<std::uint64_t> value = take_prefixed(in, (first & 0x80) != 0 ? 7 : 6);
    if (!value && rest.size() < kLongest) break;
    if (!value) {
      note("http3.qpack", chunk.first_packet());
      stream.use = Http3Use::ignored;
      stream.start = {};
      return;
    }
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
    if ((first & 0xc0) == 0)
      acknowledged.inserts_acknowledged = std::min(kMost, acknowledged.inserts_acknowledged + *value);
    rest = in;
  }
  acknowledged.qpack.acknowledge(acknowledged.inserts_acknowledged);
  stream.start.erase(stream.start.begin(), stream.start.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

// What is lost came in no packet: at a connection's end it is told by the one that misses it.
PacketId Http3Connection::State::packet_that_waits(Direction direction) const {
  for (const std::uint64_t id : sides[index(direction)].blocked) {
    const auto found = streams.find(id);
    if (found == streams.end() || found->second.waiting.empty()) continue;
    const PacketRuns& packets = found->second.waiting.front().packets;
    if (!packets.empty()) return {packets[0].capture, packets[0].first};
  }
  return sides[index(direction)].last_packet;
}

void Http3Connection::State::lose_table(Direction direction, PacketId where) {
  if (where == PacketId{}) where = packet_that_waits(direction);
  note("http3.table-lost", where);
  side(direction).qpack.lose_table();
  retry(direction);
}

void Http3Connection::State::on_gap(Http3Stream& stream, const Chunk& where, std::uint64_t missing) {
  const PacketId packet = where.first_packet();
  switch (stream.use) {
    case Http3Use::request:
    case Http3Use::push:
      return on_message_gap(stream, where, missing);
    case Http3Use::encoder:
      lose_table(where.direction, packet);
      break;
    case Http3Use::control:
      stream.halves[index(where.direction)].astray = true;
      if (!side(where.direction).settings_seen) {
        side(where.direction).settings_seen = true;
        lose_table(opposite(where.direction), packet);
      }
      break;
    case Http3Use::unknown:
      stream.use = Http3Use::raw;
      return;
    case Http3Use::raw:
      if (stream.raw) stream.raw->on_gap(where, missing);
      return;
    case Http3Use::decoder:
    case Http3Use::ignored:
      break;
  }
  stream.use = Http3Use::ignored;
  stream.start = {};
}

void Http3Connection::State::on_end(Http3Stream& stream, const Chunk& where, bool reset) {
  Http3Half& half = stream.halves[index(where.direction)];
  if (half.ended) return;
  half.ended = true;
  if (stream.use == Http3Use::request || stream.use == Http3Use::push) return on_message_end(stream, where, reset);
  // Its end is an error of the connection's, unless all ends.
  const bool needed = stream.use == Http3Use::encoder && !side(where.direction).blocked.empty();
  if (needed && !where.packets.empty()) lose_table(where.direction, where.first_packet());
  if (stream.raw) stream.raw->on_end(where);
}

Http3Connection::Http3Connection(const FlowInfo& flow, const StreamContext& above, ParserContext& context)
    : state_(std::make_unique<State>(flow, above, context)) {}
Http3Connection::~Http3Connection() = default;

void Http3Connection::on_stream_data(std::uint64_t id, const Chunk& chunk) {
  Http3Stream& stream = state_->find_or_make(id, chunk.first_packet());
  Http3Half& half = stream.halves[index(chunk.direction)];
  if (chunk.data.empty()) return;
  if (chunk.offset > half.next) state_->on_gap(stream, slice(chunk, 0, 0), chunk.offset - half.next);
  half.next = chunk.offset + chunk.data.size();
  state_->side(chunk.direction).last_packet = chunk.first_packet();
  state_->read(stream, chunk);
  state_->forget_unblocked();
}

void Http3Connection::on_stream_gap(std::uint64_t id, const Chunk& where, std::uint64_t missing) {
  Http3Stream& stream = state_->find_or_make(id, where.first_packet());
  stream.halves[index(where.direction)].next = where.offset + missing;
  state_->on_gap(stream, where, missing);
  state_->forget_unblocked();
}

void Http3Connection::on_stream_end(std::uint64_t id, const Chunk& where, bool reset) {
  state_->on_end(state_->find_or_make(id, where.first_packet()), where, reset);
  state_->forget_if_over(id);
  state_->forget_unblocked();
}

void Http3Connection::on_quic_datagram(const Chunk& chunk) {
  emit_raw_datagram(chunk, false, state_->above, state_->context);
}

void Http3Connection::finish() {
  for (const Direction direction : {Direction::to_server, Direction::to_client}) {
    if (!state_->side(direction).blocked.empty()) state_->lose_table(direction, PacketId{});
  }
  for (const Direction direction : {Direction::to_server, Direction::to_client}) state_->messages.on_end(direction);
}

}  // namespace tattle
