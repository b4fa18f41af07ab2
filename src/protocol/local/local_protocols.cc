#include "protocol/local/local_protocols.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"

namespace tattle {

bool on_port(const Chunk& datagram, std::uint16_t port) {
  return datagram.flow.server.port == port || datagram.flow.client.port == port;
}

void emit_datagram(const Chunk& chunk, const DatagramWords& words, const StreamContext& above, ParserContext& context) {
  Message message;
  above.apply(message, chunk.flow, chunk.direction, words.sender_is_client);
  message.protocol = words.protocol;
  message.layers.push_back({std::string(words.protocol), std::string(words.method)});
  message.kind = words.kind;
  message.first = message.last = chunk.seen;
  message.method = words.method;
  message.host = words.host;
  message.target = words.target;
  message.status = words.status;
  message.fields = words.fields;
  message.body_type = words.body_type;
  message.damaged = words.damaged;
  message.broadcast = words.broadcast;
  const std::size_t head = std::min(words.head_size, chunk.data.size());
  message.head = chunk.data.first(head);
  message.head_pieces.add(head, chunk.packets);
  message.body = chunk.data.subspan(head);
  message.body_pieces.add(message.body.size(), chunk.packets);
  context.sink->on_message(message);
}

// RFC 5905 section 7.3; behind the 48 bytes a key identifier with nothing, an MD5 or a SHA-1 digest (RFC 8573, 5905
// section 7.5), or nothing.
bool fits_ntp(const Chunk& datagram) {
  if (!on_port(datagram, 123) || datagram.data.size() < 48) return false;
  const int version = datagram.data[0] >> 3 & 7, mode = datagram.data[0] & 7;
  return version >= 1 && version <= 4 && mode >= 1 && mode <= 5;
}

DatagramFate read_ntp(const Chunk& chunk, bool, const StreamContext&, ParserContext&) {
  const std::size_t size = chunk.data.size();
  const bool fixed = size == 48 || size == 52 || size == 68 || size == 72;
  return fixed && fits_ntp(chunk) ? DatagramFate::parsed : DatagramFate::unknown;
}

namespace {

std::string_view stun_method(int method) {
  constexpr std::array<std::string_view, 13> kNames{"",
                                                    "binding",
                                                    "",
                                                    "allocate",
                                                    "refresh",
                                                    "",
                                                    "send",
                                                    "data",
                                                    "create-permission",
                                                    "channel-bind",
                                                    "connect",
                                                    "connection-bind",
                                                    "connection-attempt"};
  return method < static_cast<int>(kNames.size()) ? kNames[static_cast<std::size_t>(method)] : "";
}

std::string_view stun_attribute(std::uint16_t type) {
  switch (type) {
    case 0x0006:
      return "username";
    case 0x0014:
      return "realm";
    case 0x8022:
      return "software";
    case 0x8003:
      return "alternate-domain";
    case 0x0013:
      return "data";
    default:
      return {};
  }
}

}  // namespace

// RFC 8489 section 5: two zero bits, the magic cookie, a length that is a multiple of four.
bool fits_stun(const Chunk& datagram) {
  const Bytes data = datagram.data;
  if (data.size() < 20 || data[0] > 3) return false;
  const std::size_t length = std::size_t{data[2]} << 8 | data[3];
  return data[4] == 0x21 && data[5] == 0x12 && data[6] == 0xa4 && data[7] == 0x42 && length % 4 == 0 &&
         length + 20 <= data.size();
}

DatagramFate read_stun(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  if (!fits_stun(chunk)) return DatagramFate::unknown;
  const Bytes data = chunk.data;
  const int type = data[0] << 8 | data[1];
  const int what = (type >> 7 & 2) | (type >> 4 & 1);  // request, indication, success, error
  DatagramWords words;
  words.protocol = "stun";
  words.kind = what == 0 ? MessageKind::request : what == 1 ? MessageKind::data : MessageKind::response;
  words.sender_is_client = what == 0 || (what == 1 && chunk.direction == Direction::to_server);
  words.method = stun_method((type & 0xf) | (type >> 1 & 0x70) | (type >> 2 & 0xf80));
  words.damaged = cut;
  ByteReader in(data.subspan(20));
  while (in.remaining() >= 4) {
    const std::uint16_t attribute = in.u16("attribute.type"), length = in.u16("attribute.length");
    const Bytes value = in.take(length, "attribute.value");
    in.skip(std::min<std::size_t>((4 - length % 4) % 4, in.remaining()), "attribute.padding");
    if (in.error()) break;
    if (const std::string_view name = stun_attribute(attribute); !name.empty()) words.add(name, value);
  }
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
