#include "protocol/text/line_connection.h"

#include <algorithm>
#include <utility>

#include "protocol/buffer/held_stream.h"
#include "protocol/mux.h"
#include "protocol/raw/sniff.h"

namespace tattle {

std::string upper_word(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

FirstWord first_word(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return {line, {}};
  std::string_view rest = line.substr(space + 1);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  return {line.substr(0, space), rest};
}

LineConnection::LineConnection(std::string_view protocol, const FlowInfo& flow, const StreamContext& above,
                               ParserContext& parser)
    : BodyHolder(parser.bodies, flow.id),
      protocol_(protocol),
      flow_(flow),
      above_(above),
      parser_(parser),
      halves_{LineHalf(kClient, *parser.limits, *this), LineHalf(kServer, *parser.limits, *this)} {}

LineConnection::~LineConnection() = default;

const Mux* LineConnection::inner() const { return inner_.get(); }

void LineConnection::answer_tls(bool granted) {
  if (!awaiting_) return;
  awaiting_ = false;
  if (granted) inside_[0] = inside_[1] = true;
}

// TLS after a positive answer, or before it was read: no line begins like one of its records.
bool LineConnection::goes_inside(const Chunk& chunk) {
  bool& inside = inside_[index(chunk.direction)];
  if (!inside && half(chunk.direction).in_lines()) {
    const bool hello = chunk.direction == kClient && sniff_client_hello(chunk.data) == Sniff::yes;
    const bool record = (awaiting_ || inner_) && looks_like_tls(chunk.data) && chunk.data.size() >= 6;
    inside = hello || record;
  }
  if (inside && !inner_) {
    inner_context_ = above_;
    inner_context_.layers.push_back({std::string(protocol_), "STARTTLS"});
    inner_ = std::make_unique<Mux>(flow_, inner_context_, parser_);
  }
  return inside;
}

void LineConnection::begin_deflate() {
  if (deflated_[0]) return;  // once is all there is (RFC 4978 section 3), and its bytes may be under way just now
  for (std::unique_ptr<Deflated>& each : deflated_) each = std::make_unique<Deflated>(*parser_.limits);
}

std::size_t LineConnection::take(const Chunk& chunk) {
  const std::size_t used = half(chunk.direction).on_data(chunk);
  note_held(half(chunk.direction).held_bytes());
  return used;
}

void LineConnection::read_lines(const Chunk& chunk) {
  for (std::size_t used = 0; used < chunk.data.size();) used += take(slice(chunk, used));
}

void LineConnection::inflate(const Chunk& chunk) {
  Deflated& from = *deflated_[index(chunk.direction)];
  if (!from.lost) {
    const MessageInflater::State state = from.inflater.run(chunk.data, [&](Bytes plain) {
      read_lines({chunk.flow, chunk.direction, from.offset, chunk.seen, chunk.packets, plain});
      from.offset += plain.size();
    });
    if (state == MessageInflater::State::good) return;
    parser_.anomalies->note("imap.bad-deflate", chunk.first_packet());
    from.lost = true;
  }
  if (!raw_) raw_ = std::make_unique<RawStream>(flow_, above_, parser_);
  raw_->on_data(chunk);
}

void LineConnection::on_data(const Chunk& chunk) {
  for (std::size_t used = 0; used < chunk.data.size();) {
    const Chunk rest = slice(chunk, used);
    if (deflated_[index(chunk.direction)]) return inflate(rest);
    if (goes_inside(rest)) return inner_->on_data(rest);
    used += take(rest);
  }
}

void LineConnection::on_gap(const Chunk& where, std::uint64_t missing) {
  if (inside_[index(where.direction)] && inner_) return inner_->on_gap(where, missing);
  if (const auto& from = deflated_[index(where.direction)]) from->lost = true;
  if (raw_) raw_->on_gap(where, missing);
  half(where.direction).on_gap(where, missing);
  on_loss(where.direction);
}

void LineConnection::on_end(const Chunk& where) {
  if (inside_[index(where.direction)] && inner_) return inner_->on_end(where);
  half(where.direction).on_end(where);
  if (raw_) raw_->on_end(where);
}

bool LineConnection::on_line(Direction direction, LineGroup& group) {
  if (!group.whole || group.damaged) {
    on_loss(direction);
    emit_line(direction, group, {}, 0);
    return false;
  }
  return direction == kClient ? on_command(group) : on_reply(group);
}

Message LineConnection::start(Direction direction, const Words& words) const {
  Message message;
  above_.apply(message, flow_, direction, direction == kClient);
  message.protocol = protocol_;
  if (deflated_[index(direction)]) message.layers.push_back({"deflate", ""});
  message.layers.push_back({std::string(protocol_), std::string(words.method)});
  message.method = words.method;
  message.target = words.target;
  message.exchange = words.exchange;
  message.status = words.status;
  message.body_type = words.body_type;
  return message;
}

void LineConnection::emit_line(Direction direction, LineGroup& line, const Words& words, std::size_t body_at) {
  if (line.bytes.empty()) return;
  Message message = start(direction, words);
  const bool part = !line.whole || line.damaged;
  message.kind = part ? MessageKind::data : direction == kClient ? MessageKind::request : MessageKind::response;
  message.first = line.first;
  message.last = line.last;
  message.damaged = line.damaged;
  message.body_offset = line.offset;
  message.overlap = line.overlap;
  message.last_piece = line.last_piece;
  body_at = std::min(body_at, line.bytes.size());
  message.head = line.bytes.first(body_at);
  message.body = line.bytes.subspan(body_at);
  const auto pieces = [&](std::size_t begin, std::size_t end, PieceMap& out) {
    PacketRuns runs;
    line.pieces.packets(begin, end, runs);
    out.add(end - begin, runs);
  };
  pieces(0, body_at, message.head_pieces);
  pieces(body_at, line.bytes.size(), message.body_pieces);
  parser_.sink->on_message(message);
}

void LineConnection::emit_block(Direction direction, LineBlock& block, const Words& words) {
  Message message = start(direction, words);
  message.kind = MessageKind::data;
  message.first = block.first;
  message.last = block.last;
  message.damaged = block.damaged;
  message.body = block.bytes;
  message.body_offset = block.offset;
  message.overlap = block.overlap;
  message.last_piece = block.last_piece;
  message.streamed = block.streamed;
  message.body_key = block.key;
  std::swap(message.body_pieces, block.pieces);
  parser_.sink->on_message(message);
  std::swap(message.body_pieces, block.pieces);
}

}  // namespace tattle
