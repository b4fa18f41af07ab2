#include "protocol/http2/stream.h"

#include <algorithm>
#include <charconv>

namespace tattle {
namespace {

constexpr std::size_t kResetStreamsKept = 100;

void clear_part(Http2Part& part) {
  part.head.clear();
  part.head_pieces.clear();
  part.body.clear();
  part.split_bytes = 0;
  part.status.reset();
  part.open = part.headed = part.damaged = false;
}

std::uint64_t held(const Http2Part& part) {
  return part.body.held_bytes() + part.head.text().size() + (part.splitter ? part.splitter->held_bytes() : 0);
}

std::optional<std::uint64_t> declared_length(const Http2Head& head) {
  std::vector<Field> fields;
  head.fields(0, fields);
  for (const Field& field : fields) {
    if (field.name != "content-length" || field.unknown) continue;
    std::uint64_t length = 0;
    const char* end = field.value.data() + field.value.size();
    const auto read = std::from_chars(field.value.data(), end, length);
    if (read.ec == std::errc{} && read.ptr == end) return length;
  }
  return std::nullopt;
}

}  // namespace

Http2Streams::Http2Streams(const FlowInfo& flow, const StreamContext& above, ParserContext& context,
                           HttpVersion version)
    : flow_(flow),
      above_(above),
      context_(context),
      limits_(*context.limits),
      version_(version),
      unread_(flow, above, context) {}

void Http2Streams::set_client(Direction direction) {
  if (client_known_) return;
  client_ = direction;
  client_known_ = true;
}

void Http2Streams::begin_upgraded(const Message& request) {
  set_client(request.direction);
  Http2Stream& stream = find_or_make(1, PacketId{});
  stream.exchange = request.exchange;
  stream.method = request.method;
  stream.host = request.host;
  stream.host_port = request.host_port;
  stream.target = request.target;
  stream.url = request.url;
  stream.parts[index(client_)].ended = true;
}

Http2Stream* Http2Streams::find(std::uint64_t id) {
  if (recent_ != nullptr && recent_->id == id) return recent_;
  const auto found = streams_.find(id);
  if (found == streams_.end()) return nullptr;
  return recent_ = &found->second;
}

Http2Stream& Http2Streams::find_or_make(std::uint64_t id, PacketId where) {
  if (Http2Stream* known = find(id)) return *known;
  if (streams_.size() >= limits_.http2_streams) evict_oldest(where);
  if (order_.size() > 2 * limits_.http2_streams + 64) {
    std::erase_if(order_, [&](std::uint64_t each) { return !streams_.contains(each); });
  }
  order_.push_back(id);
  highest_ = std::max(highest_, id);
  recent_ = &streams_.try_emplace(id, id, limits_).first->second;
  return *recent_;
}

void Http2Streams::erase(std::uint64_t id) {
  if (Http2Stream* gone = find(id); gone != nullptr && !gone->early.empty()) on_answer(*gone, true);
  if (Http2Stream* gone = find(id); gone != nullptr && gone->tunnel) {
    for (const Direction direction : {client_, opposite(client_)}) gone->tunnel->on_end(direction);
    --tunnels_;
  }
  if (recent_ != nullptr && recent_->id == id) recent_ = nullptr;
  streams_.erase(id);
}

void Http2Streams::evict_oldest(PacketId where) {
  while (!order_.empty()) {
    const std::uint64_t id = order_.front();
    order_.pop_front();
    const auto found = streams_.find(id);
    if (found == streams_.end()) continue;
    context_.anomalies->note(version_.streams_limit, where);
    flush_damaged(found->second);
    erase(id);
    return;
  }
}

void Http2Streams::open(Http2Part& part, Time first, Time last) {
  if (!part.open) part.first = first;
  part.open = true;
  part.last = last;
}

void Http2Streams::begin_request(Http2Stream& stream, const Http2Meaning& meaning) {
  stream.method = meaning.method;
  stream.host = meaning.host;
  stream.host_port = meaning.host_port;
  stream.target = meaning.target;
  stream.url = meaning.url;
  stream.connect = meaning.connect;
  stream.byte_stream = meaning.connect || !meaning.protocol.empty();
  if (meaning.protocol == "websocket" && meaning.method == "CONNECT") {
    stream.websocket = std::make_unique<WebSocketOpening>();
    *stream.websocket = {client_, meaning.host, meaning.target, meaning.url, meaning.host_port, {}, {}, 0};
  }
}

void Http2Streams::on_head(Direction direction, std::uint64_t id, const Http2Block& block, PacketId where) {
  const Http2Meaning meaning = read_http2_head(*block.head, 0);
  if (meaning.malformed) context_.anomalies->note(version_.pseudo_fields, where);
  if (meaning.request || meaning.response) set_client(meaning.request ? direction : opposite(direction));
  Http2Stream& stream = find_or_make(id, where);
  Http2Part* part = &stream.parts[index(direction)];
  const std::uint64_t before = held(*part);
  const bool trailers = part->open && !meaning.pseudo && (part->headed || part->body.started());
  if (part->headed && part->open && !trailers) {
    // Only lost frames or a fault put a second head here (RFC 9113 section 8.1).
    context_.anomalies->note(version_.second_head, where);
    part->damaged = true;
    hand_down(stream, *part, direction, true);
  }
  open(*part, block.first, block.last);
  part->damaged |= block.damaged || block.head->cut();
  const std::size_t text = part->head.text().size();
  if (trailers) {
    part->head.add_trailers(*block.head);
  } else {
    part->head = *block.head;
    part->headed = true;
    part->status = meaning.status;
    part->body.begin(declared_length(*block.head));
    if (is_request(direction)) begin_request(stream, meaning);
  }
  if (is_request(direction) && stream.exchange == 0) stream.exchange = above_.next_exchange();
  part->head_pieces.add(part->head.text().size() - (trailers ? text : 0), block.packets);
  buffered_ += held(*part) - std::min(before, held(*part));
  if (!trailers && !block.end_stream) begin_split(stream, *part, direction);
  after_head(stream, direction, meaning, block.end_stream);
  relieve(where);
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
  const std::uint64_t before = held(part);
  part.splitter->on_data(chunk, data);
  buffered_ += held(part);
  buffered_ -= std::min(buffered_, before);
  return true;
}

void Http2Streams::after_head(Http2Stream& stream, Direction direction, const Http2Meaning& meaning, bool end_stream) {
  Http2Part& part = stream.parts[index(direction)];
  const bool informational = !is_request(direction) && meaning.status && *meaning.status < 200;
  const bool accepted = !is_request(direction) && meaning.status && *meaning.status >= 200 && *meaning.status < 300;
  const bool refused = !is_request(direction) && meaning.status && *meaning.status >= 300;
  if (accepted || refused) on_answer(stream, accepted);
  // What follows is an ordinary body, not the bytes of a tunnel that never was.
  if (refused && !stream.tunnel) stream.byte_stream = false;
  if (end_stream) {
    end_part(stream, direction);
  } else if (informational || (stream.byte_stream && (is_request(direction) || accepted) && part.headed)) {
    hand_down(stream, part, direction, true);
  } else if (stream.byte_stream && !is_request(direction)) {
    stream.byte_stream = false;  // refused: what follows is an ordinary body
  }
}

void Http2Streams::on_promise(Direction direction, std::uint64_t promised, const Http2Block& block, PacketId where) {
  const Http2Meaning meaning = read_http2_head(*block.head, 0);
  if (meaning.malformed) context_.anomalies->note(version_.pseudo_fields, where);
  set_client(opposite(direction));
  // A promised stream may overtake its promise in HTTP/3, and be promised on several requests.
  if (const Http2Stream* known = find(promised); known != nullptr && known->exchange != 0) {
    if (!version_.promised_twice.empty()) context_.anomalies->note(version_.promised_twice, where);
    return;
  }
  Http2Stream& stream = find_or_make(promised, where);
  begin_request(stream, meaning);
  stream.exchange = above_.next_exchange();
  stream.parts[index(client_)].ended = true;
  // The request travels to the client; a part of its own hands it down.
  Http2Part part(limits_);
  open(part, block.first, block.last);
  part.head = *block.head;
  part.damaged = block.damaged || block.head->cut();
  Message message = describe(stream, part, client_);
  message.head_pieces.add(part.head.text().size(), block.packets);
  message.direction = direction;
  context_.sink->on_message(message);
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
  relieve(chunk.first_packet());
}

void Http2Streams::append(Http2Stream& stream, Http2Part& part, Direction direction, Bytes data, const Chunk& chunk) {
  if (data.empty()) return;
  if (stream.byte_stream || part.astray) part.body.begin_bytes();
  const std::uint64_t before = part.body.held_bytes();
  part.body.add(data, chunk.packets, chunk.seen, [&] { hand_down(stream, part, direction, false); });
  buffered_ += part.body.held_bytes();
  buffered_ -= std::min(buffered_, before);
}

void Http2Streams::relieve(PacketId where) {
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

void Http2Streams::end_part(Http2Stream& stream, Direction direction) {
  Http2Part& part = stream.parts[index(direction)];
  bool unfinished = false;
  if (!is_request(direction)) {
    // The request's own end was most likely lost. Should more of it come, it is known whose it is.
    Http2Part& request = stream.parts[index(client_)];
    if (request.open && request.damaged) {
      request.ended = unfinished = true;
      hand_down(stream, request, client_, true);
    }
  }
  if (part.open) hand_down(stream, part, direction, true);
  part.ended = true;
  if (stream.tunnel) stream.tunnel->on_end(direction);
  const Http2Part& other = stream.parts[index(opposite(direction))];
  const bool request_pending = stream.parts[index(client_)].open;
  if (unfinished && !stream.byte_stream) return keep_a_while(stream);
  if ((part.ended && other.ended) || (!is_request(direction) && !request_pending && !stream.byte_stream)) {
    erase(stream.id);
  }
}

void Http2Streams::flush_damaged(Http2Stream& stream) {
  for (const Direction direction : {client_, opposite(client_)}) {
    Http2Part& part = stream.parts[index(direction)];
    if (!part.open) continue;
    part.damaged = true;
    hand_down(stream, part, direction, true);
  }
}

void Http2Streams::on_reset(Direction direction, std::uint64_t id) {
  Http2Stream* stream = find(id);
  if (stream == nullptr || stream->reset) return;
  // A server that has answered may ask the client to stop; what the client sends all the same is its request's
  // (RFC 9113 section 8.1).
  const bool answered = !is_request(direction) && stream->parts[index(direction)].ended;
  if (!answered) flush_damaged(*stream);
  keep_a_while(*stream);
}

void Http2Streams::keep_a_while(Http2Stream& stream) {
  if (stream.reset) return;
  stream.reset = true;
  reset_order_.push_back(stream.id);
  if (reset_order_.size() <= kResetStreamsKept) return;
  if (Http2Stream* oldest = find(reset_order_.front())) {
    flush_damaged(*oldest);
    erase(oldest->id);
  }
  reset_order_.pop_front();
}

void Http2Streams::on_part_end(Direction direction, std::uint64_t id, bool damaged) {
  Http2Stream* stream = find(id);
  if (stream == nullptr) return;
  Http2Part& part = stream->parts[index(direction)];
  if (part.ended) return;
  part.damaged |= damaged && !stream->byte_stream;
  end_part(*stream, direction);
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

void Http2Streams::on_end(Direction direction) {
  unread_.on_end(Chunk{flow_, direction, 0, {}, {}, {}});
  std::vector<std::uint64_t> ids;
  for (const auto& [id, stream] : streams_) {
    if (stream.parts[index(direction)].open || stream.tunnel || !stream.early.empty()) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  for (const std::uint64_t id : ids) {
    Http2Stream& stream = *find(id);
    if (!stream.early.empty()) on_answer(stream, true);  // no answer will be seen
    Http2Part& part = stream.parts[index(direction)];
    part.damaged |= !stream.byte_stream;
    if (part.open) hand_down(stream, part, direction, true);
    part.ended = true;
    if (stream.tunnel) stream.tunnel->on_end(direction);
    if (stream.parts[index(opposite(direction))].ended) erase(id);
  }
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
  buffered_ -= std::min(buffered_, held(part));
  if (bytes_only) {
    part.body.go_on();
    part.open = part.headed = part.damaged = false;
    part.status.reset();
  } else {
    clear_part(part);
  }
}

}  // namespace tattle
