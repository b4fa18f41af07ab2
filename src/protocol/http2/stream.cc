#include "protocol/http2/stream.h"

#include <algorithm>
#include <charconv>

namespace tattle {
namespace {

constexpr std::size_t kResetStreamsKept = 100;

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
    : BodyHolder(context.bodies, flow.id),
      flow_(flow),
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
  const std::uint64_t before = part->held_bytes();
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
  buffered_ += part->held_bytes() - std::min(before, part->held_bytes());
  if (!trailers && !block.end_stream) begin_split(stream, *part, direction);
  after_head(stream, direction, meaning, block.end_stream);
  bound(where);
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

}  // namespace tattle
