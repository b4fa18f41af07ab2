#include "protocol/message.h"

#include <algorithm>

namespace tattle {
namespace {

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

void PieceMap::add(std::size_t added, PacketRunsView packets) {
  if (added == 0) return;
  const std::size_t end = size() + added;
  // Bytes that several runs carried together (a TLS record over reordered packets) belong to each of them.
  for (const PacketRun& run : packets) {
    if (!pieces_.empty() && pieces_.back().run == run && packets.size() == 1) {
      pieces_.back().end = end;
    } else {
      pieces_.push_back({end, run});
    }
  }
  if (packets.empty() && !pieces_.empty()) pieces_.back().end = end;
}

void PieceMap::packets(std::size_t begin, std::size_t end, PacketRuns& out) const {
  std::size_t start = 0;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (start < end && pieces_[i].end > begin) add_packets(out, pieces_[i].run);
    if (i + 1 < pieces_.size() && pieces_[i + 1].end != pieces_[i].end) start = pieces_[i].end;
    if (start >= end) return;
  }
}

void PieceMap::drop_front(std::size_t count) {
  std::erase_if(pieces_, [&](const Piece& piece) { return piece.end <= count; });
  for (Piece& piece : pieces_) piece.end -= count;
}

std::string_view to_string(MessageKind kind) {
  switch (kind) {
    case MessageKind::request:
      return "request";
    case MessageKind::response:
      return "response";
    case MessageKind::query:
      return "query";
    case MessageKind::publish:
      return "publish";
    case MessageKind::frame:
      return "frame";
    case MessageKind::data:
      return "data";
    case MessageKind::connect:
      return "connect";
    case MessageKind::subscribe:
      return "subscribe";
    case MessageKind::unsubscribe:
      return "unsubscribe";
    case MessageKind::acknowledge:
      return "acknowledge";
    case MessageKind::control:
      return "control";
  }
  return "data";
}

std::string_view to_string(Protection protection) {
  switch (protection) {
    case Protection::clear:
      return "clear";
    case Protection::tls:
      return "tls";
    case Protection::quic:
      return "quic";
    case Protection::dtls:
      return "dtls";
    case Protection::unknown:
      return "unknown";
  }
  return "unknown";
}

const Field* Message::field(std::string_view lower_case_name) const {
  auto found = std::find_if(fields.begin(), fields.end(),
                            [&](const Field& each) { return equal_ignoring_case(each.name, lower_case_name); });
  return found == fields.end() ? nullptr : &*found;
}

void keep_trailers(Message& message) {
  const auto first =
      std::find_if(message.fields.begin(), message.fields.end(), [](const Field& f) { return f.trailer; });
  if (first == message.fields.end()) {
    message.head = {};
    message.head_pieces.clear();
    return;
  }
  const auto* begin = reinterpret_cast<const std::uint8_t*>(first->name.data());
  const auto offset = static_cast<std::size_t>(begin - message.head.data());
  message.head = message.head.subspan(offset);
  message.head_pieces.drop_front(offset);
}

}  // namespace tattle
