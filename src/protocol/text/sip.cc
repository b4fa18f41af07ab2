#include "protocol/text/sip.h"

#include <array>

#include "protocol/buffer/held_stream.h"
#include "protocol/text/line_half.h"
#include "protocol/text/text_head.h"
#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

constexpr std::string_view kVersion = "SIP/2.0";

bool is_number(char c) { return c >= '0' && c <= '9'; }

// RFC 3261 section 19.1.1: scheme, user information up to `@`, host, port, parameters.
struct UriHost {
  std::string host;
  std::uint16_t port = 0;
};
UriHost host_of(std::string_view uri) {
  UriHost found;
  const std::size_t colon = uri.find(':');
  const std::string scheme = std::string(uri.substr(0, std::min(colon, uri.size())));
  if (colon == std::string_view::npos || (scheme != "sip" && scheme != "sips")) return found;
  uri.remove_prefix(colon + 1);
  uri = uri.substr(0, uri.find_first_of(";?>"));
  if (const std::size_t at = uri.rfind('@'); at != std::string_view::npos) uri.remove_prefix(at + 1);
  const std::size_t bracket = uri.starts_with('[') ? uri.find(']') : 0;
  if (bracket == std::string_view::npos) return found;
  const std::size_t end = uri.find(':', bracket);
  found.host = uri.substr(0, end);
  if (found.host.starts_with('[')) found.host = found.host.substr(1, found.host.size() - 2);
  for (char& c : found.host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  if (end == std::string_view::npos) return found;
  const auto port = decimal(uri.substr(end + 1));
  if (port && *port < 65536) found.port = static_cast<std::uint16_t>(*port);
  return found;
}

std::uint64_t content_length(const TextHead& head) {
  const Field* field = head.field("content-length", "l");
  return field ? decimal(field->value).value_or(0) : 0;
}

void fill(const TextHead& head, bool sender_is_client, const FlowInfo& flow, Direction direction,
          const StreamContext& above, Message& message) {
  above.apply(message, flow, direction, sender_is_client);
  message.protocol = "sip";
  message.layers.push_back({"sip", std::string(head.method)});
  message.kind = head.status ? MessageKind::response : MessageKind::request;
  message.method = head.method;
  message.target = head.target;
  message.status = head.status;
  const UriHost to = host_of(head.target);
  message.host = to.host;
  message.host_port = to.port;
  message.fields = head.fields;
  // The compact name is another field's in HTTP (RFC 3261 section 7.3.3).
  for (Field& field : message.fields) {
    if (field.name == "c") field.name = "content-type";
    if (field.name == "e") field.name = "content-encoding";
  }
}

class SipStream : public StreamParser, private LineOwner {
 public:
  SipStream(const FlowInfo& flow, const StreamContext& above, ParserContext& parser)
      : flow_(flow),
        above_(above),
        parser_(parser),
        sides_{Side(Direction::to_server, *parser.limits, *this), Side(Direction::to_client, *parser.limits, *this)} {}

  void on_data(const Chunk& chunk) override {
    for (std::size_t used = 0; used < chunk.data.size();) used += side(chunk).half.on_data(slice(chunk, used));
  }
  void on_gap(const Chunk& where, std::uint64_t missing) override { side(where).half.on_gap(where, missing); }
  void on_end(const Chunk& where) override { side(where).half.on_end(where); }

 private:
  struct Side {
    Side(Direction direction, const Limits& limits, LineOwner& owner) : half(direction, limits, owner) {}
    LineHalf half;
    ByteVector head;  // of the message whose body is under way
    PieceMap pieces;  // of head
    Time first;
    bool damaged = false;
  };
  Side& side(const Chunk& chunk) { return sides_[index(chunk.direction)]; }

  bool on_line(Direction direction, LineGroup& group) override {
    const bool part = !group.whole || group.damaged;
    if (!part && !group.line.empty()) return true;
    if (group.bytes.empty()) return false;  // keeps the connection open (RFC 5626 section 3.5.1)
    Side& mine = sides_[index(direction)];
    mine.head.assign(group.bytes.begin(), group.bytes.end());
    mine.pieces = group.pieces;
    mine.first = group.first;
    mine.damaged = group.damaged;
    const std::optional<TextHead> head = read_text_head(as_text(mine.head), kVersion);
    const std::uint64_t size = head && !part ? content_length(*head) : 0;
    if (size > 0) {
      mine.half.expect_counted(size);
      return false;
    }
    PieceMap none;
    LineBlock block{{}, none, 0, 0, group.first, group.last, true, group.damaged};
    emit(direction, block);
    return false;
  }
  void on_block(Direction direction, LineBlock& block) override { emit(direction, block); }

  void emit(Direction direction, LineBlock& block) {
    Side& mine = sides_[index(direction)];
    Message message;
    if (const std::optional<TextHead> head = read_text_head(as_text(mine.head), kVersion)) {
      fill(*head, !head->status, flow_, direction, above_, message);
    } else {
      above_.apply(message, flow_, direction, direction == Direction::to_server);
      message.protocol = "sip";
      message.layers.push_back({"sip", ""});
    }
    message.first = mine.first;
    message.last = block.last;
    message.damaged = block.damaged || mine.damaged;
    if (block.offset == 0) {
      message.head = mine.head;
      message.head_pieces = mine.pieces;
    } else {
      message.fields.clear();
      message.target.clear();
    }
    message.body = block.bytes;
    message.body_offset = block.offset;
    message.overlap = block.overlap;
    message.last_piece = block.last_piece;
    message.streamed = block.streamed;
    message.body_key = block.key;
    message.body_pieces = block.pieces;
    parser_.sink->on_message(message);
  }

  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& parser_;
  std::array<Side, 2> sides_;
};

}  // namespace

bool fits_sip(const Chunk& datagram) {
  const std::string_view text = as_text(datagram.data);
  if (text.size() < 12) return false;
  if (text.starts_with("SIP/2.0 ") && is_number(text[8])) return true;
  if (text[0] < 'A' || text[0] > 'Z') return false;
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  return line.size() < 2048 && line.ends_with(" SIP/2.0");
}

DatagramFate read_sip(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  const std::string_view text = as_text(chunk.data);
  // Keeps a way through a translator open (RFC 5626 section 3.5.1, and what many do).
  if (text.find_first_not_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) return DatagramFate::parsed;
  if (!fits_sip(chunk)) return DatagramFate::unknown;
  const std::optional<TextHead> head = read_text_head(text, kVersion);
  if (!head) return DatagramFate::unknown;
  Message message;
  fill(*head, !head->status, chunk.flow, chunk.direction, above, message);
  message.first = message.last = chunk.seen;
  message.damaged = cut;
  message.head = chunk.data.first(head->size);
  message.head_pieces.add(head->size, chunk.packets);
  message.body = chunk.data.subspan(head->size);
  message.body_pieces.add(message.body.size(), chunk.packets);
  context.sink->on_message(message);
  return DatagramFate::parsed;
}

Sniff sniff_sip(const StreamStart& start) {
  if (!may_be_lines(start)) return Sniff::no;
  bool maybe = false;
  for (const Direction direction : {Direction::to_server, Direction::to_client}) {
    const auto line = first_line(start, direction);
    if (!line) {
      const std::string_view begun = as_text(start.bytes[index(direction)]);
      if (!begun.empty() && (begun[0] < 'A' || begun[0] > 'Z')) return Sniff::no;
      maybe = true;
      continue;
    }
    if (line->starts_with("SIP/2.0 ") || line->ends_with(" SIP/2.0")) return Sniff::yes;
    if (!line->empty()) return Sniff::no;
  }
  return maybe ? Sniff::maybe : Sniff::no;
}

std::unique_ptr<StreamParser> make_sip(const FlowInfo& flow, const StreamContext& above, ParserContext& parser) {
  return std::make_unique<SipStream>(flow, above, parser);
}

}  // namespace tattle
