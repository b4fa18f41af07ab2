#include "protocol/raw/raw.h"

#include <utility>

namespace tattle {

RawStream::RawStream(const FlowInfo& flow, const StreamContext& context, ParserContext& parser)
    : flow_(flow),
      context_(context),
      parser_(parser),
      windows_{PieceBuffer(parser.limits->raw_window_bytes, parser.limits->raw_overlap_bytes),
               PieceBuffer(parser.limits->raw_window_bytes, parser.limits->raw_overlap_bytes)} {}

void RawStream::on_data(const Chunk& chunk) {
  PieceBuffer& window = windows_[index(chunk.direction)];
  std::uint64_t& next = next_[index(chunk.direction)];
  if (next != chunk.offset) {
    flush(chunk.direction, true);
    window.restart(0);
  }
  next = chunk.offset + chunk.data.size();
  context_.counters->raw_bytes += chunk.data.size();
  window.add(chunk.data, chunk.packets, chunk.seen, [&] { flush(chunk.direction, false); });
}

void RawStream::on_gap(const Chunk& where, std::uint64_t) { on_end(where); }

void RawStream::on_end(const Chunk& where) {
  flush(where.direction, true);
  windows_[index(where.direction)].restart(0);
}

void RawStream::flush(Direction direction, bool last) {
  PieceBuffer& window = windows_[index(direction)];
  if (!window.has_new()) return;
  Message message;
  context_.apply(message, flow_, direction, direction == Direction::to_server);
  const bool quic = context_.protection == Protection::quic && context_.via != Via::tunnel;
  message.protocol = quic ? "quic" : "tcp";
  if (!quic) message.layers.push_back({"tcp", ""});
  message.kind = MessageKind::data;
  message.first = window.first();
  message.last = window.last();
  message.body = window.bytes();
  std::swap(message.body_pieces, window.pieces());
  message.overlap = window.overlap();
  message.body_offset = window.offset();
  message.last_piece = last;
  message.body_key = &window;
  parser_.sink->on_message(message);
  std::swap(message.body_pieces, window.pieces());
}

void emit_raw_datagram(const Chunk& chunk, bool cut, const StreamContext& context, ParserContext& parser) {
  context.counters->raw_bytes += chunk.data.size();
  if (chunk.data.empty()) return;
  Message message;
  context.apply(message, chunk.flow, chunk.direction, chunk.direction == Direction::to_server);
  const bool quic = context.protection == Protection::quic;
  message.protocol = quic ? "quic" : "udp";
  message.layers.push_back({quic ? "datagram" : "udp", ""});
  message.kind = MessageKind::data;
  message.first = message.last = chunk.seen;
  message.body = chunk.data;
  message.body_pieces.add(chunk.data.size(), chunk.packets);
  message.damaged = cut;
  parser.sink->on_message(message);
}

}  // namespace tattle
