#include <optional>

#include "base/byte_reader.h"
#include "protocol/local/local_protocols.h"

namespace tattle {
namespace {

constexpr std::size_t kCodedBytes = 32;  // of a name, behind its length

// RFC 1001 section 14.1: each half byte is a letter from A to P. The 16th byte says of what kind the name is; names are
// padded with spaces.
std::optional<std::string> decode_name(Bytes coded) {
  if (coded.size() != kCodedBytes) return std::nullopt;
  std::string name;
  for (std::size_t i = 0; i < kCodedBytes; i += 2) {
    const int high = coded[i] - 'A', low = coded[i + 1] - 'A';
    if (high < 0 || high > 15 || low < 0 || low > 15) return std::nullopt;
    name.push_back(static_cast<char>(high << 4 | low));
  }
  name.resize(15);
  while (!name.empty() && (name.back() == ' ' || name.back() == '\0')) name.pop_back();
  return name;
}

// A name with its scope; no pointer stands where these are read.
std::optional<std::string> read_name(ByteReader& in) {
  const std::uint8_t length = in.u8("name.length");
  if (length != kCodedBytes) {
    in.fail("name.length", "is not 32");
    return std::nullopt;
  }
  std::optional<std::string> name = decode_name(in.take(kCodedBytes, "name"));
  for (std::uint8_t scope = in.u8("scope"); scope != 0 && !in.error(); scope = in.u8("scope")) {
    in.skip(scope & 0x3f, "scope");
  }
  return in.error() ? std::nullopt : name;
}

std::string_view operation(int opcode) {
  switch (opcode) {
    case 0:
      return "query";
    case 5:
      return "registration";
    case 6:
      return "release";
    case 7:
      return "wack";
    case 8:
    case 9:
      return "refresh";
    default:
      return "";
  }
}

}  // namespace

bool fits_nbns(const Chunk& datagram) {
  const Bytes data = datagram.data;
  return on_port(datagram, 137) && data.size() >= 12 + 34 && !operation(data[2] >> 3 & 0xf).empty() && data[12] == 32;
}

DatagramFate read_nbns(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  if (!fits_nbns(chunk)) return DatagramFate::unknown;
  const Bytes data = chunk.data;
  const bool response = (data[2] & 0x80) != 0;
  DatagramWords words;
  words.protocol = "nbns";
  words.sender_is_client = !response;
  words.kind = response ? MessageKind::response : MessageKind::query;
  words.method = operation(data[2] >> 3 & 0xf);
  words.broadcast = !response && (data[3] & 0x10) != 0;  // B of NM_FLAGS (RFC 1002 section 4.2.1.1)
  if (response) words.status = data[3] & 0xf;
  ByteReader in(data.subspan(12));
  const std::optional<std::string> name = read_name(in);
  words.damaged = cut || !name;
  if (!name && !cut) context.anomalies->note("nbns.malformed", chunk.first_packet());
  if (name) {
    words.host = *name;
    words.add_decoded("name", *name);
  }
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

bool fits_nbdgm(const Chunk& datagram) {
  const Bytes data = datagram.data;
  return on_port(datagram, 138) && data.size() >= 14 && data[0] >= 0x10 && data[0] <= 0x16;
}

DatagramFate read_nbdgm(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  if (!fits_nbdgm(chunk)) return DatagramFate::unknown;
  const int type = chunk.data[0];
  DatagramWords words;
  words.protocol = "nbdgm";
  words.damaged = cut;
  words.sender_is_client = chunk.direction == Direction::to_server;
  ByteReader in(chunk.data);
  in.skip(10, "header");
  if (type <= 0x12) {
    in.skip(4, "header.length");
    if (const auto from = read_name(in)) words.add_decoded("source-name", *from);
    if (const auto to = read_name(in)) words.add_decoded("destination-name", *to);
  } else if (type >= 0x14) {
    if (const auto to = read_name(in)) words.add_decoded("destination-name", *to);
  }
  if (!in.error()) words.head_size = in.offset();
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
