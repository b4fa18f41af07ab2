// What a stream carries behind its head: bodies, tunnels, what was lost of them, and how messages are handed down.
#include <algorithm>

#include "protocol/http2/stream.h"

namespace tattle {

void Http2Part::clear() {
  head.clear();
  head_pieces.clear();
  body.clear();
  split_bytes = 0;
  status.reset();
  open = headed = damaged = false;
}

std::uint64_t Http2Part::held_bytes() const {
  return body.held_bytes() + head.text().size() + (splitter ? splitter->held_bytes() : 0);
}

void Http2Streams::begin_split(Http2Stream& stream, Http2Part& part, Direction direction) {
  const bool accepted = part.status && *part.status >= 200;
  if (stream.websocket && accepted) {
    std::vector<Field> fields;
    part.head.fields(0, fields);
    stream.websocket->extensions = joined_values(fields, "sec-websocket-extensions");
    stream.websocket->subprotocol = joined_values(fields, "sec-websocket-protocol");
  }
  if (stream.byte_stream || (!is_request(direction) && !accepted)) return;
  Message head = describe(stream, part, direction);
  head.target = stream.target;
  head.url = stream.url;
  part.splitter = make_body_splitter(head, context_);
}

bool Http2Streams::split(Http2Part& part, const Chunk& chunk, Bytes data) {
  if (!part.splitter) return false;
  const std::uint64_t before = part.held_bytes();
  part.splitter->on_data(chunk, data);
  buffered_ += part.held_bytes();
  buffered_ -= std::min(buffered_, before);
  return true;
}

void Http2Streams::on_data(const Chunk& chunk, std::uint64_t id, Bytes data, bool end_stream, Time began) {
  Http2Stream& stream = find_or_make(id, chunk.first_packet());
  const Direction direction = chunk.direction;
  Http2Part& part = stream.parts[index(direction)];
  if (tunnel(stream, chunk, data)) {
    if (end_stream) end_part(stream, direction);
    return;
  }
  if (!data.empty() || (end_stream && part.headed)) open(part, began, chunk.seen);
  if (!part.headed && !stream.byte_stream && !data.empty()) part.damaged = true;  // its head was lost
  if (is_request(direction) && stream.exchange == 0) stream.exchange = above_.next_exchange();
  if (!split(part, chunk, data)) append(stream, part, direction, data, chunk);
  if (end_stream) end_part(stream, direction);
  bound(chunk.first_packet());
}

void Http2Streams::append(Http2Stream& stream, Http2Part& part, Direction direction, Bytes data, const Chunk& chunk) {
  if (data.empty()) return;
  if (stream.byte_stream || part.astray) part.body.begin_bytes();
  const std::uint64_t before = part.body.held_bytes();
  part.body.add(data, chunk.packets, chunk.seen, [&] { hand_down(stream, part, direction, false); });
  buffered_ += part.body.held_bytes();
  buffered_ -= std::min(buffered_, before);
}

void Http2Streams::relieve() {
  // In the order of their making, so that what comes out does not depend on the hash map.
  for (const std::uint64_t id : order_) {
    Http2Stream* const stream = find(id);
    if (stream == nullptr) continue;
    for (const Direction direction : {client_, opposite(client_)}) relieve(*stream, direction);
  }
}

void Http2Streams::relieve(Http2Stream& stream, Direction direction) {
  Http2Part& part = stream.parts[index(direction)];
  const std::uint64_t before = part.held_bytes();
  if (part.splitter) {
    part.splitter->relieve();
  } else if (part.open) {
    part.body.relieve([&] { hand_down(stream, part, direction, false); });
  }
  buffered_ += part.held_bytes();
  buffered_ -= std::min(buffered_, before);
}

void Http2Streams::bound(PacketId where) {
  note_held(buffered_);
  const std::uint64_t most = 4 * std::max(limits_.body_bytes, limits_.http_head_bytes);
  if (buffered_ <= most) return;
  context_.anomalies->note(version_.buffer_limit, where);
  // Ended in the order of their making, so that what comes out does not depend on the hash map.
  while (buffered_ > most / 2 && !streams_.empty()) evict_oldest(where);
}

void Http2Streams::on_data_lost(Direction direction, std::uint64_t id, std::uint64_t bytes) {
  Http2Stream* stream = find(id);
  if (stream == nullptr) return;
  if (stream->tunnel) return stream->tunnel->on_gap(direction, bytes);
  Http2Part& part = stream->parts[index(direction)];
  part.damaged = true;
  if (part.splitter) return part.splitter->on_gap(Chunk{flow_, direction, 0, part.last, {}, {}}, bytes);
  if (part.open && part.body.has_new()) hand_down(*stream, part, direction, false);
  // What comes behind the gap must not touch what came before it.
  buffered_ -= std::min<std::uint64_t>(buffered_, part.body.held_bytes());
  part.body.skip(bytes);
  part.damaged = true;
}

void Http2Streams::on_borders_lost(Direction direction, std::uint64_t id) {
  Http2Stream& stream = find_or_make(id, PacketId{});
  if (stream.tunnel) return stream.tunnel->on_gap(direction, 0);
  Http2Part& part = stream.parts[index(direction)];
  part.damaged = true;
  if (part.splitter) return part.splitter->on_gap(Chunk{flow_, direction, 0, part.last, {}, {}}, 0);
  if (part.open) hand_down(stream, part, direction, true);
  part.astray = true;
}

void Http2Streams::on_frames_lost(Direction direction) {
  std::vector<std::uint64_t> readers;
  for (auto& [id, stream] : streams_) {
    Http2Part& part = stream.parts[index(direction)];
    if (part.ended) continue;
    part.damaged = true;
    if (stream.tunnel || part.splitter) readers.push_back(id);
  }
  // In their order, so that what comes out does not depend on the hash map.
  std::sort(readers.begin(), readers.end());
  for (const std::uint64_t id : readers) {
    Http2Stream& stream = *find(id);
    Http2Part& part = stream.parts[index(direction)];
    if (stream.tunnel) stream.tunnel->on_gap(direction, 0);
    if (part.splitter) part.splitter->on_gap(Chunk{flow_, direction, 0, part.last, {}, {}}, 0);
  }
}

void Http2Streams::end_unread(Direction direction) { unread_.on_gap(Chunk{flow_, direction, 0, {}, {}, {}}, 0); }

// A CONNECT's bytes go to a reader of their own; past so many they are handed down as they are.
bool Http2Streams::tunnel(Http2Stream& stream, const Chunk& chunk, Bytes data) {
  constexpr std::size_t kMostTunnels = 256;
  const bool read = stream.connect || stream.websocket || stream.tunnel;
  if (!read || !stream.byte_stream) return false;
  if (stream.connect && !stream.answered) {
    const bool room = stream.early.bytes() + data.size() <= limits_.tls_waiting_bytes;
    if (is_request(chunk.direction) && room) {
      if (!data.empty()) stream.early.add({flow_, chunk.direction, chunk.offset, chunk.seen, chunk.packets, data});
      return true;
    }
    on_answer(stream, true);  // the server sends, so that it let the client through
  }
  if (!stream.tunnel) {
    if (tunnels_ >= kMostTunnels || data.empty()) return false;
    ++tunnels_;
    std::vector<PathStep> layers = above_.layers;
    layers.push_back(step(stream));
    if (stream.websocket) {
      stream.websocket->client = client_;
      stream.websocket->exchange = stream.exchange;
      stream.tunnel =
          std::make_unique<Http2Tunnel>(flow_, above_, context_, std::move(layers), std::move(*stream.websocket));
      stream.websocket.reset();
    } else {
      stream.tunnel =
          std::make_unique<Http2Tunnel>(flow_, above_, context_, std::move(layers), stream.host, stream.host_port);
    }
  }
  stream.tunnel->on_data(chunk, data);
  return true;
}

// What the client of a CONNECT sent meanwhile goes where it was meant, or the proxy has read it alone.
void Http2Streams::on_answer(Http2Stream& stream, bool accepted) {
  struct Through : StreamSink {
    Http2Streams& streams;
    Http2Stream& stream;
    Through(Http2Streams& all, Http2Stream& one) : streams(all), stream(one) {}
    void on_data(const Chunk& chunk) override { streams.tunnel(stream, chunk, chunk.data); }
    void on_gap(const Chunk&, std::uint64_t) override {}
    void on_end(const Chunk&) override {}
  } through(*this, stream);
  stream.answered = true;
  if (stream.early.empty()) return;
  HeldStream early = std::move(stream.early);
  stream.early = {};
  early.replay(flow_, accepted ? static_cast<StreamSink&>(through) : unread_);
  if (stream.tunnel && stream.parts[index(client_)].ended) stream.tunnel->on_end(client_);
}

PathStep Http2Streams::step(const Http2Stream& stream) const {
  const bool push = (stream.id & kHttpPushBit) != 0;
  const std::uint64_t number = stream.id & ~kHttpPushBit;
  return {std::string(version_.protocol), (push ? "push " : "stream ") + std::to_string(number)};
}

Message Http2Streams::describe_bytes(const Http2Stream& stream, Direction direction) const {
  Message message;
  above_.apply(message, flow_, direction, is_request(direction));
  message.kind = MessageKind::data;
  message.protocol = "tcp";
  message.layers.push_back(step(stream));
  message.exchange = stream.exchange;
  message.host = stream.host;
  message.host_port = stream.host_port;
  if (stream.connect) {
    message.via = Via::tunnel;
    message.tunnel_host = stream.host;
  }
  return message;
}

Message Http2Streams::describe(const Http2Stream& stream, const Http2Part& part, Direction direction) const {
  Message message;
  const bool request = is_request(direction);
  above_.apply(message, flow_, direction, request);
  message.kind = request ? MessageKind::request : MessageKind::response;
  message.protocol = version_.protocol;
  message.layers.push_back(step(stream));
  message.exchange = stream.exchange;
  message.host = stream.host;
  message.host_port = stream.host_port;
  if (stream.connect) {
    message.via = Via::proxy_connect;
    message.tunnel_host = stream.host;
  }
  if (request) {
    message.method = stream.method;
    message.target = stream.target;
    message.url = stream.url;
  } else {
    message.status = part.status;
    message.answered_method = stream.method;
  }
  message.first = part.first;
  message.last = part.last;
  message.damaged = part.damaged;
  message.head = as_bytes(part.head.text());
  part.head.fields(0, message.fields);
  return message;
}

void Http2Streams::hand_down(Http2Stream& stream, Http2Part& part, Direction direction, bool last_piece) {
  const bool bytes_only = (stream.byte_stream || part.astray) && !part.headed;
  part.damaged |= part.astray;
  if (last_piece && part.splitter) {
    buffered_ -= std::min(buffered_, part.splitter->held_bytes());
    part.splitter->on_end(part.damaged);
    part.split_bytes = part.splitter->bytes();
    part.splitter.reset();
  }
  Message message = bytes_only ? describe_bytes(stream, direction) : describe(stream, part, direction);
  message.first = part.first;
  message.last = part.last;
  message.damaged = part.damaged;
  message.split_bytes = part.split_bytes;
  part.body.lend(message, last_piece);
  message.head_pieces = part.head_pieces;
  if (message.body_offset > 0) keep_trailers(message);
  if (bytes_only) above_.counters->raw_bytes += part.body.held_bytes() - part.body.overlap();
  context_.sink->on_message(message);
  part.body.give_back(message);
  part.first = part.last;
  if (!last_piece) return;
  buffered_ -= std::min(buffered_, part.held_bytes());
  if (bytes_only) {
    part.body.go_on();
    part.open = part.headed = part.damaged = false;
    part.status.reset();
  } else {
    part.clear();
  }
}

}  // namespace tattle
