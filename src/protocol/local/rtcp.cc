#include <optional>

#include "base/byte_reader.h"
#include "protocol/local/local_protocols.h"

namespace tattle {
namespace {

constexpr std::uint8_t kSourceDescription = 202, kBye = 203;

std::string_view item_name(std::uint8_t type) {
  constexpr std::string_view kNames[] = {"", "cname", "name", "email", "phone", "location", "tool", "note", "private"};
  return type < std::size(kNames) ? kNames[type] : std::string_view();
}

// RFC 3550 section 6.5: chunks of a source and its items, each list ended by a zero and padded to four bytes.
bool read_descriptions(ByteReader& in, unsigned chunks, DatagramWords& words) {
  for (; chunks > 0 && !in.error(); --chunks) {
    in.skip(4, "source");
    while (!in.error()) {
      const std::uint8_t type = in.u8("item.type");
      if (type == 0) break;
      const Bytes text = in.take(in.u8("item.length"), "item.text");
      if (const std::string_view name = item_name(type); !in.error() && !name.empty()) words.add(name, text);
    }
    in.skip((4 - in.offset() % 4) % 4, "item.padding");
  }
  return !in.error();
}

// RFC 3550 section 6.6: sources, then perhaps the reason for leaving.
bool read_bye(ByteReader& in, unsigned sources, DatagramWords& words) {
  in.skip(std::size_t{4} * sources, "source");
  if (in.error() || in.remaining() == 0) return !in.error();
  const Bytes reason = in.take(in.u8("reason.length"), "reason");
  if (!in.error()) words.add("reason", reason);
  return !in.error();
}

// The packets of a compound one, each by its type, count and what it holds behind its header; false when they do not
// fill the datagram.
template <class Met>
bool each_packet(Bytes data, Met&& met) {
  if (data.empty()) return false;
  while (!data.empty()) {
    if (data.size() < 4 || data[0] >> 6 != 2 || data[1] < 200 || data[1] > 207) return false;
    const std::size_t size = 4 + std::size_t{4} * (std::size_t{data[2]} << 8 | data[3]);
    if (size > data.size()) return false;
    met(data[1], data[0] & 0x1f, data.subspan(4, size - 4));
    data = data.subspan(size);
  }
  return true;
}

}  // namespace

bool fits_rtcp(const Chunk& datagram) {
  return datagram.data.size() >= 8 && each_packet(datagram.data, [](std::uint8_t, unsigned, Bytes) {});
}

DatagramFate read_rtcp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  if (!fits_rtcp(chunk)) return DatagramFate::unknown;
  DatagramWords words;
  words.protocol = "rtcp";
  words.sender_is_client = chunk.direction == Direction::to_server;
  words.damaged = cut;
  bool whole = true;
  each_packet(chunk.data, [&](std::uint8_t type, unsigned count, Bytes content) {
    ByteReader in(content);
    if (type == kSourceDescription) whole &= read_descriptions(in, count, words);
    if (type == kBye) whole &= read_bye(in, count, words);
  });
  if (!whole) context.anomalies->note("rtcp.malformed", chunk.first_packet());
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
