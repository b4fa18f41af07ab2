#include "packet/link/ip.h"

#include <algorithm>

namespace tattle {
namespace {

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

tl::unexpected<ParseError> wrong(std::string_view field, std::size_t at, std::string_view why) {
  return tl::unexpected(ParseError{field, at, why});
}

void cut_to(IpPacket& packet, Bytes bytes, std::size_t header, std::uint32_t total) {
  packet.whole = bytes.first(std::min<std::size_t>(bytes.size(), total));
  packet.payload = packet.whole.subspan(std::min(packet.whole.size(), header));
  packet.wire_payload = total - static_cast<std::uint32_t>(header);
}

Result<IpPacket> parse_ipv4(Bytes bytes, std::uint32_t wire) {
  if (bytes.size() < 20) return wrong("ip.header-length", bytes.size(), "the packet ends within the header");
  const std::size_t header = std::size_t{4} * (bytes[0] & 0xf);
  if (header < 20 || header > bytes.size()) return wrong("ip.header-length", 0, "leaves the packet");
  std::uint32_t total = u16(bytes, 2);
  if (total == 0) total = std::max(wire, static_cast<std::uint32_t>(bytes.size()));
  if (total < header) return wrong("ip.total-length", 2, "less than the header");
  IpPacket packet;
  packet.source = Address::v4(bytes.subspan(12, 4));
  packet.destination = Address::v4(bytes.subspan(16, 4));
  packet.protocol = bytes[9];
  packet.identification = u16(bytes, 4);
  const unsigned fragment = u16(bytes, 6);
  packet.more_fragments = (fragment & 0x2000) != 0;
  packet.fragment_offset = (fragment & 0x1fff) * 8;
  packet.fragment = packet.more_fragments || packet.fragment_offset != 0;
  cut_to(packet, bytes, header, total);
  return packet;
}

Result<IpPacket> parse_ipv6(Bytes bytes, std::uint32_t wire) {
  constexpr std::size_t kHeader = 40;
  if (bytes.size() < kHeader) return wrong("ip.header-length", bytes.size(), "the packet ends within the header");
  const std::uint32_t length = u16(bytes, 4);
  IpPacket packet;
  packet.source = Address::v6(bytes.subspan(8, 16));
  packet.destination = Address::v6(bytes.subspan(24, 16));
  packet.protocol = bytes[6];
  const std::uint32_t there = std::max(wire, static_cast<std::uint32_t>(bytes.size()));
  cut_to(packet, bytes, kHeader, length == 0 && packet.protocol != 59 ? there : length + kHeader);
  if (auto error = skip_ipv6_extensions(packet)) return tl::unexpected(*error);
  return packet;
}

}  // namespace

Result<IpPacket> parse_ip(Bytes packet, std::uint32_t wire) {
  if (packet.empty()) return wrong("ip.version", 0, "nothing was captured");
  switch (packet[0] >> 4) {
    case 4:
      return parse_ipv4(packet, wire);
    case 6:
      return parse_ipv6(packet, wire);
    default:
      return wrong("ip.version", 0, "neither 4 nor 6");
  }
}

std::optional<ParseError> skip_ipv6_extensions(IpPacket& packet) {
  const auto cut = [&] {
    return ParseError{"ip.extension", packet.whole.size() - packet.payload.size(), "leaves the packet"};
  };
  while (true) {
    std::size_t length = 0;
    switch (packet.protocol) {
      case 0:    // hop-by-hop options
      case 43:   // routing
      case 60:   // destination options
      case 135:  // mobility
      case 139:  // host identity
      case 140:  // shim6
        if (packet.payload.size() < 2) return cut();
        length = std::size_t{8} * (packet.payload[1] + 1u);
        break;
      case 51:  // authentication
        if (packet.payload.size() < 2) return cut();
        length = std::size_t{4} * (packet.payload[1] + 2u);
        break;
      case 44:
        if (packet.payload.size() < 8) return cut();
        length = 8;
        packet.more_fragments = (packet.payload[3] & 1) != 0;
        packet.fragment_offset = u16(packet.payload, 2) & 0xfff8u;
        packet.identification = std::uint32_t{u16(packet.payload, 4)} << 16 | u16(packet.payload, 6);
        // A fragment that is the whole datagram is treated as none (RFC 6946).
        packet.fragment = packet.more_fragments || packet.fragment_offset != 0;
        break;
      default:
        return std::nullopt;
    }
    if (length > packet.payload.size() || length > packet.wire_payload) return cut();
    packet.protocol = packet.payload[0];
    packet.payload = packet.payload.subspan(length);
    packet.wire_payload -= static_cast<std::uint32_t>(length);
    if (packet.fragment) return std::nullopt;
  }
}

std::optional<ParseError> skip_authentication(IpPacket& packet) {
  while (packet.protocol == kAuthentication) {
    const std::size_t length = packet.payload.size() < 2 ? 0 : std::size_t{4} * (packet.payload[1] + 2u);
    if (length == 0 || length > packet.payload.size() || length > packet.wire_payload) {
      return ParseError{"ip.extension", packet.whole.size() - packet.payload.size(), "leaves the packet"};
    }
    packet.protocol = packet.payload[0];
    packet.payload = packet.payload.subspan(length);
    packet.wire_payload -= static_cast<std::uint32_t>(length);
  }
  return std::nullopt;
}

}  // namespace tattle
