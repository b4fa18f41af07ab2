#include "decrypt/quic/packet.h"

#include "decrypt/quic/quic.h"

namespace tattle {

std::uint64_t read_varint(ByteReader& in, std::string_view field) {
  const std::uint8_t first = in.u8(field);
  std::uint64_t value = first & 0x3f;
  for (Bytes more = in.take((std::size_t{1} << (first >> 6)) - 1, field); std::uint8_t byte : more) {
    value = value << 8 | byte;
  }
  return in.error() ? 0 : value;
}

bool is_known_quic_version(std::uint32_t version) {
  return version == kQuicV1 || version == kQuicV2 || (version >= 0xff00001b && version <= 0xff000020);
}

namespace {

QuicPacketType packet_type(std::uint8_t first, std::uint32_t version) {
  // Version 2 numbers the same types from Retry on (RFC 9369 section 3.2).
  const unsigned type = ((first >> 4 & 3u) + (version == kQuicV2 ? 3u : 0u)) & 3u;
  constexpr QuicPacketType kTypes[] = {QuicPacketType::initial, QuicPacketType::early, QuicPacketType::handshake,
                                       QuicPacketType::retry};
  return kTypes[type];
}

}  // namespace

Result<QuicPacket> parse_quic_long_header(Bytes datagram) {
  ByteReader in(datagram);
  QuicPacket packet;
  const std::uint8_t first = in.u8("first_byte");
  packet.version = in.u32("version");
  packet.destination = in.take(in.u8("destination_id.length"), "destination_id");
  packet.source = in.take(in.u8("source_id.length"), "source_id");
  packet.raw = datagram;
  if (packet.version == 0) {
    packet.type = QuicPacketType::version_negotiation;
  } else if (!is_known_quic_version(packet.version)) {
    in.fail("version", "not a version that is read");
  } else if (packet.destination.size() > kMaxConnectionId || packet.source.size() > kMaxConnectionId) {
    in.fail("connection_id.length", "over 20 bytes");
  } else {
    packet.type = packet_type(first, packet.version);
    if (packet.type == QuicPacketType::retry) {
      if (in.remaining() < 16) in.fail("retry.tag", "the data ends too early");
      packet.token = in.take(in.error() ? 0 : in.remaining() - 16, "retry.token");
      packet.tag = in.take(16, "retry.tag");
    } else {
      if (packet.type == QuicPacketType::initial) {
        packet.token = in.take(read_varint(in, "token.length"), "token");
      }
      const std::uint64_t length = read_varint(in, "length");
      packet.number_at = in.offset();
      in.skip(length, "payload");
      packet.raw = datagram.first(in.offset());
    }
  }
  if (in.error()) return tl::unexpected(*in.error());
  return packet;
}

std::uint64_t decode_packet_number(std::uint64_t expected, std::uint64_t truncated, unsigned bytes) {
  const std::uint64_t window = std::uint64_t{1} << (8 * bytes), half = window / 2;
  const std::uint64_t candidate = (expected & ~(window - 1)) | truncated;
  if (candidate + half <= expected && candidate + window < (std::uint64_t{1} << 62)) return candidate + window;
  if (candidate > expected + half && candidate >= window) return candidate - window;
  return candidate;
}

bool starts_quic(Bytes datagram) {
  if (!has_quic_long_header(datagram)) return false;
  const auto packet = parse_quic_long_header(datagram);
  if (!packet) return false;
  if (packet->type != QuicPacketType::version_negotiation) return (datagram[0] & 0x40) != 0;
  // Versions, four bytes each, at least one.
  const std::size_t versions = datagram.size() - (7 + packet->destination.size() + packet->source.size());
  return versions >= 4 && versions % 4 == 0;
}

bool starts_quic_initial(Bytes datagram) {
  if (!starts_quic(datagram)) return false;
  const auto packet = parse_quic_long_header(datagram);
  return packet->type == QuicPacketType::initial && packet->destination.size() >= 8;
}

}  // namespace tattle
