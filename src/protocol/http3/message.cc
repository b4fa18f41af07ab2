#include <algorithm>

#include "protocol/buffer/held_stream.h"
#include "protocol/http3/state.h"

namespace tattle {

void Http3Connection::State::read_frames(Http3Stream& stream, const Chunk& chunk) {
  Http3Half& half = stream.halves[index(chunk.direction)];
  Bytes input = chunk.data;
  for (;;) {
    if (stream.use == Http3Use::raw) {
      if (!input.empty()) read_raw(stream, slice(chunk, chunk.data.size() - input.size()));
      return;
    }
    if (half.astray) {
      if (input.empty()) return;
      return happen(stream, {Http3Event::What::data, chunk.direction, input, chunk.packets, chunk.seen, chunk.seen});
    }
    const Http3Step step = half.reader.next(input, chunk);
    switch (step.kind) {
      case Http3Step::Kind::need_more:
        return;
      case Http3Step::Kind::rest:
        // A WebTransport stream; nothing of it is a message of HTTP.
        stream.use = Http3Use::raw;
        break;
      case Http3Step::Kind::frame:
        on_frame(stream, step, chunk);
        break;
      case Http3Step::Kind::piece:
        if (step.type == kHttp3Data) {
          if (step.bytes.empty()) break;
          happen(stream, {Http3Event::What::data, chunk.direction, step.bytes, chunk.packets, step.began, chunk.seen});
        } else if (!is_reserved_http3(step.type)) {
          const auto from = static_cast<std::size_t>(step.bytes.empty() ? 0 : step.bytes.data() - chunk.data.data());
          if (!step.bytes.empty()) messages.on_unread(slice(chunk, from, step.bytes.size()));
          if (step.last) messages.end_unread(chunk.direction);
        }
        break;
    }
  }
}

void Http3Connection::State::on_frame(Http3Stream& stream, const Http3Step& step, const Chunk& chunk) {
  if (step.over_limit) note("http3.head-limit", chunk.first_packet());
  Http3Event event{Http3Event::What::section, chunk.direction, step.bytes, step.packets, step.began, chunk.seen};
  event.damaged = step.cut;
  if (step.type == kHttp3PushPromise) {
    event.what = Http3Event::What::promise;
    const std::optional<std::uint64_t> push = take_varint(event.bytes);
    if (!push) {
      if (!step.cut) note("http3.frame", chunk.first_packet());
      return;
    }
    event.number = *push;
  } else if (step.type != kHttp3Headers) {
    note("http3.frame", chunk.first_packet());  // a frame of the control stream
    return;
  }
  happen(stream, event);
}

void Http3Connection::State::on_message_gap(Http3Stream& stream, const Chunk& where, std::uint64_t missing) {
  Http3Half& half = stream.halves[index(where.direction)];
  Http3Event event{Http3Event::What::data_lost, where.direction, {}, where.packets, where.seen, where.seen};
  if (half.astray || stream.use == Http3Use::raw) {
    if (stream.raw) return stream.raw->on_gap(where, missing);
    event.number = missing;
    return happen(stream, event);
  }
  const bool in_data = half.reader.in_data();
  event.number = std::min(missing, half.reader.left());
  const bool known = half.reader.skip(missing);
  if (in_data && event.number > 0) happen(stream, event);
  if (known) return read_frames(stream, Chunk{flow, where.direction, where.offset, where.seen, where.packets, {}});
  if (const std::optional<Http3Step> front = half.reader.take_cut()) {
    on_frame(stream, *front, Chunk{flow, where.direction, where.offset, where.seen, front->packets, {}});
  }
  half.astray = true;
  note("http3.frames-lost", where.first_packet());
  event.what = Http3Event::What::borders_lost;
  happen(stream, event);
}

void Http3Connection::State::on_message_end(Http3Stream& stream, const Chunk& where, bool reset) {
  Http3Half& half = stream.halves[index(where.direction)];
  const bool cut = where.packets.empty();  // no FIN
  const bool between = half.reader.between_frames() || half.astray;
  if (const std::optional<Http3Step> front = half.reader.take_cut(); front && !half.astray) {
    on_frame(stream, *front, Chunk{flow, where.direction, where.offset, where.seen, front->packets, {}});
  }
  if (!between && !reset && !cut) note("http3.cut-frame", where.first_packet());
  Http3Event event{Http3Event::What::end, where.direction, {}, where.packets, where.seen, where.seen};
  event.damaged = reset || cut || !between;
  happen(stream, event);
}

// Does at once what can be done, else behind what waits already.
void Http3Connection::State::happen(Http3Stream& stream, const Http3Event& event) {
  if (!stream.waiting.empty()) return wait(stream, event);
  if (act(stream, event)) return;
  side(event.direction).blocked.push_back(stream.id);
  wait(stream, event);
}

void Http3Connection::State::wait(Http3Stream& stream, const Http3Event& event) {
  constexpr std::uint64_t kBookkeeping = 256;
  Http3Waiting held{event, ByteVector(event.bytes.begin(), event.bytes.end()),
                    PacketRuns(event.packets.begin(), event.packets.end())};
  waiting_bytes += kBookkeeping + held.bytes.size();
  stream.waiting.push_back(std::move(held));
  if (waiting_bytes <= limits.http3_blocked_bytes) return;
  const PacketId where =
      event.packets.empty() ? PacketId{} : PacketId{event.packets[0].capture, event.packets[0].first};
  note("http3.blocked-limit", where);
  for (const Direction direction : {Direction::to_server, Direction::to_client}) {
    if (!side(direction).blocked.empty()) lose_table(direction, where);
  }
}

// False: it has to wait, and nothing was done.
bool Http3Connection::State::act(Http3Stream& stream, const Http3Event& event) {
  const Chunk chunk{flow, event.direction, 0, event.last, event.packets, event.bytes};
  switch (event.what) {
    case Http3Event::What::section:
    case Http3Event::What::promise:
      return read_section(stream, event);
    case Http3Event::What::data:
      messages.on_data(chunk, stream.message_id, event.bytes, false, event.first);
      return true;
    case Http3Event::What::data_lost:
      messages.on_data_lost(event.direction, stream.message_id, event.number);
      return true;
    case Http3Event::What::borders_lost:
      messages.on_borders_lost(event.direction, stream.message_id);
      return true;
    case Http3Event::What::end:
      messages.on_part_end(event.direction, stream.message_id, event.damaged);
      return true;
  }
  return true;
}

bool Http3Connection::State::read_section(Http3Stream& stream, const Http3Event& event) {
  Http3Side& self = side(event.direction);
  // In order behind others that wait for entries: while bytes of the encoder stream are missing, the short form of
  // counts could mislead (RFC 9204 section 4.5.1.1).
  const bool others_wait = !self.blocked.empty() && self.blocked.front() != stream.id;
  if (others_wait && QpackDecoder::needs_table(event.bytes)) return false;
  self.head.clear();
  const QpackDecoder::Outcome outcome = self.qpack.decode(event.bytes, event.damaged, self.head);
  if (outcome == QpackDecoder::Outcome::blocked) return false;
  const PacketId where =
      event.packets.empty() ? PacketId{} : PacketId{event.packets[0].capture, event.packets[0].first};
  const bool malformed = outcome == QpackDecoder::Outcome::malformed;
  if (malformed) note("http3.qpack", where);
  if (self.head.cut()) note("http3.head-limit", where);
  const Http2Block block{&self.head, event.packets, event.first, event.last, false, event.damaged || malformed};
  if (event.what == Http3Event::What::promise) {
    messages.on_promise(event.direction, kHttpPushBit | event.number, block, where);
  } else {
    messages.on_head(event.direction, stream.message_id, block, where);
  }
  return true;
}

// False: the first of them still waits.
bool Http3Connection::State::act_on_waiting(Http3Stream& stream) {
  while (!stream.waiting.empty()) {
    Http3Waiting& first = stream.waiting.front();
    first.event.bytes = first.bytes;
    first.event.packets = first.packets;
    if (!act(stream, first.event)) return false;
    waiting_bytes -= std::min<std::uint64_t>(waiting_bytes, 256 + first.bytes.size());
    stream.waiting.pop_front();
  }
  return true;
}

void Http3Connection::State::retry(Direction direction) {
  std::deque<std::uint64_t>& blocked = side(direction).blocked;
  while (!blocked.empty()) {
    const std::uint64_t id = blocked.front();
    const auto found = streams.find(id);
    if (found == streams.end()) {
      blocked.pop_front();
      continue;
    }
    const bool done = act_on_waiting(found->second);
    if (!done && found->second.waiting.front().event.direction == direction) return;
    blocked.pop_front();
    if (done) {
      unblocked.push_back(id);
    } else {
      const Direction other = opposite(direction);
      side(other).blocked.push_back(id);
      if (side(other).blocked.size() == 1) retry(other);
    }
  }
}

}  // namespace tattle
