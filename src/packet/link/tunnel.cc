#include "packet/link/tunnel.h"

#include <algorithm>

namespace tattle {
namespace {

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

LinkPayload unread(Unread why) {
  LinkPayload payload;
  payload.why = why;
  return payload;
}

LinkPayload ip_of(Bytes packet) {
  LinkPayload payload;
  payload.ip = packet;
  if (packet.empty()) payload.why = Unread::malformed;
  return payload;
}

LinkPayload of_ethertype(std::uint16_t ethertype, Bytes rest) {
  LinkPayload payload;
  follow_ethertype(ethertype, rest, payload);
  return payload;
}

LinkPayload ethernet_behind(Bytes bytes, std::size_t header) {
  return bytes.size() < header ? unread(Unread::malformed) : parse_ethernet(bytes.subspan(header));
}

// Source routes (RFC 1701) are not followed: nobody sends them.
LinkPayload open_gre(Bytes bytes) {
  if (bytes.size() < 4) return unread(Unread::malformed);
  const unsigned flags = u16(bytes, 0), version = flags & 7;
  const std::uint16_t protocol = u16(bytes, 2);
  const bool checksum = (flags & 0x8000) != 0, key = (flags & 0x2000) != 0, sequence = (flags & 0x1000) != 0;
  if (version > 1 || (flags & 0x4000) != 0) return unread(Unread::malformed);
  std::size_t header = 4 + (checksum ? 4 : 0) + (key ? 4 : 0) + (sequence ? 4 : 0);
  if (version == 1) {
    // Enhanced GRE: the key holds the payload's length; an acknowledgment may stand alone.
    if (!key || checksum || protocol != 0x880b) return unread(Unread::malformed);
    if ((flags & 0x80) != 0) header += 4;
    if (bytes.size() < header) return unread(Unread::malformed);
    if (!sequence) return unread(Unread::not_ip);
    const std::size_t length = u16(bytes, 4);
    const Bytes payload = bytes.subspan(header);
    return parse_ppp(payload.first(std::min(payload.size(), length)));
  }
  if (bytes.size() < header) return unread(Unread::malformed);
  const Bytes rest = bytes.subspan(header);
  switch (protocol) {
    case 0x6558:  // transparent Ethernet bridging
      return parse_ethernet(rest);
    case 0x880b:
      return parse_ppp(rest);
    case 0x88be:  // ERSPAN type I has no header of its own, type II has 8 bytes
      return ethernet_behind(rest, sequence ? 8 : 0);
    case 0x22eb: {  // ERSPAN type III: 12 bytes, 8 more when the last bit says so
      if (rest.size() < 12) return unread(Unread::malformed);
      return ethernet_behind(rest, (rest[11] & 1) != 0 ? 20 : 12);
    }
    default:
      return of_ethertype(protocol, rest);
  }
}

/// Whether what is behind a UDP tunnel's header is what the header says: with IP, a packet that holds together and
/// is as long as the datagram has room for.
bool agrees(const LinkPayload& payload, const TransportHeader& udp) {
  if (payload.why) return *payload.why != Unread::malformed;
  const std::size_t before = static_cast<std::size_t>(payload.ip.data() - udp.payload.data());
  const std::uint32_t wire = udp.wire_payload - static_cast<std::uint32_t>(before);
  const auto ip = parse_ip(payload.ip, wire);
  if (!ip) return false;
  return static_cast<std::uint32_t>(ip->payload.data() - payload.ip.data()) + ip->wire_payload <= wire;
}

/// As agrees(), and nothing may be left behind the IP packet.
bool fills(const LinkPayload& payload, const TransportHeader& udp) {
  if (payload.why || !agrees(payload, udp)) return false;
  const std::size_t before = static_cast<std::size_t>(payload.ip.data() - udp.payload.data());
  const bool v6 = payload.ip[0] >> 4 == 6;
  const std::size_t total = v6 ? std::size_t{40} + u16(payload.ip, 4) : u16(payload.ip, 2);
  return before + total == udp.wire_payload;
}

// Flags with only the I bit, a reserved 24 bits, the VNI, a reserved byte; then Ethernet.
std::optional<LinkPayload> open_vxlan(Bytes bytes) {
  if (bytes.size() < 22 || bytes[0] != 8 || bytes[1] != 0 || u16(bytes, 2) != 0 || bytes[7] != 0) return std::nullopt;
  return parse_ethernet(bytes.subspan(8));
}

// Version 0, options of known length, reserved bits zero, an Ethertype.
std::optional<LinkPayload> open_geneve(Bytes bytes) {
  if (bytes.size() < 8 || (bytes[0] & 0xc0) != 0 || (bytes[1] & 0x3f) != 0 || bytes[7] != 0) return std::nullopt;
  const std::size_t header = 8 + std::size_t{4} * (bytes[0] & 0x3f);
  if (bytes.size() < header) return std::nullopt;
  const std::uint16_t protocol = u16(bytes, 2);
  return protocol == 0x6558 ? parse_ethernet(bytes.subspan(header)) : of_ethertype(protocol, bytes.subspan(header));
}

// Version 1, protocol type GTP, message type G-PDU; with any of E, S and PN four more bytes, and with E a chain of
// extension headers, each beginning with its length in words and ending with the next one's type.
std::optional<LinkPayload> open_gtp(Bytes bytes, std::uint32_t wire) {
  if (bytes.size() < 8 || (bytes[0] & 0xf8) != 0x30 || bytes[1] != 0xff) return std::nullopt;
  if (std::uint32_t{u16(bytes, 2)} + 8 != wire) return std::nullopt;
  std::size_t at = 8;
  if ((bytes[0] & 7) != 0) {
    if (bytes.size() < 12) return std::nullopt;
    std::uint8_t next = (bytes[0] & 4) != 0 ? bytes[11] : std::uint8_t{0};
    at = 12;
    while (next != 0) {
      if (at >= bytes.size() || bytes[at] == 0) return std::nullopt;
      const std::size_t end = at + std::size_t{4} * bytes[at];
      if (end > bytes.size()) return std::nullopt;
      next = bytes[end - 1];
      at = end;
    }
  }
  const Bytes packet = bytes.subspan(at);
  // A PDP type may also be PPP or Ethernet: then it stays a datagram.
  if (packet.empty() || (packet[0] >> 4 != 4 && packet[0] >> 4 != 6)) return std::nullopt;
  return ip_of(packet);
}

// Authentication and origin indication may stand before the IPv6 packet (RFC 4380 section 5.1.1).
std::optional<LinkPayload> open_teredo(Bytes bytes) {
  if (bytes.size() >= 4 && u16(bytes, 0) == 1) {
    const std::size_t header = std::size_t{4} + bytes[2] + bytes[3] + 9;
    if (bytes.size() < header) return std::nullopt;
    bytes = bytes.subspan(header);
  }
  if (bytes.size() >= 8 && u16(bytes, 0) == 0) bytes = bytes.subspan(8);
  if (bytes.size() < 40 || bytes[0] >> 4 != 6) return std::nullopt;
  return ip_of(bytes);
}

bool has_teredo_address(Bytes packet) {
  const auto is_teredo = [&](std::size_t at) { return u16(packet, at) == 0x2001 && u16(packet, at + 2) == 0; };
  return is_teredo(8) || is_teredo(24);
}

// Data of version 2: length, sequence numbers and offset as the flags say; then PPP.
std::optional<LinkPayload> open_l2tp(Bytes bytes, std::uint32_t wire) {
  if (bytes.size() < 6 || (bytes[1] & 0xf) != 2 || (bytes[0] & 0x80) != 0) return std::nullopt;
  const bool has_length = (bytes[0] & 0x40) != 0, has_sequence = (bytes[0] & 8) != 0, has_offset = (bytes[0] & 2) != 0;
  if (has_length && u16(bytes, 2) != wire) return std::nullopt;
  std::size_t at = std::size_t{6} + (has_length ? 2 : 0) + (has_sequence ? 4 : 0);
  if (has_offset) {
    if (bytes.size() < at + 2) return std::nullopt;
    at += 2 + std::size_t{u16(bytes, at)};
  }
  if (bytes.size() < at + 2) return std::nullopt;
  LinkPayload payload = parse_ppp(bytes.subspan(at));
  // Without a length nothing but an IP packet tells that this is L2TP.
  if (payload.why && !has_length) return std::nullopt;
  return payload;
}

}  // namespace

std::optional<LinkPayload> open_tunnel(const IpPacket& outer) {
  const Bytes bytes = outer.payload;
  switch (outer.protocol) {
    case kIpInIp:
    case kIpv6: {
      const int version = bytes.empty() ? 0 : bytes[0] >> 4;
      return version == (outer.protocol == kIpv6 ? 6 : 4) ? ip_of(bytes) : unread(Unread::malformed);
    }
    case kGre:
      return open_gre(bytes);
    case kEtherIp:
      return bytes.size() >= 2 && bytes[0] >> 4 == 3 ? ethernet_behind(bytes, 2) : unread(Unread::malformed);
    case kMpls:
      return of_ethertype(0x8847, bytes);
    default:
      return std::nullopt;
  }
}

std::optional<LinkPayload> open_udp_tunnel(const TransportHeader& udp) {
  const auto checked = [&](std::optional<LinkPayload> payload) {
    return payload && agrees(*payload, udp) ? payload : std::nullopt;
  };
  switch (udp.destination_port) {
    case 4789:
    case 8472:
      return checked(open_vxlan(udp.payload));
    case 6081:
      return checked(open_geneve(udp.payload));
    default:
      break;
  }
  for (std::uint16_t port : {udp.source_port, udp.destination_port}) {
    switch (port) {
      case 2152:
        return checked(open_gtp(udp.payload, udp.wire_payload));
      case 1701:
        return checked(open_l2tp(udp.payload, udp.wire_payload));
      case 4500:
        return std::nullopt;  // is_udp_esp()
      default:
        break;
    }
  }
  const bool teredo_port = udp.source_port == 3544 || udp.destination_port == 3544;
  const bool perhaps = teredo_port || (udp.payload.size() >= 40 && udp.payload[0] >> 4 == 6);
  if (!perhaps) return std::nullopt;
  // Teredo's clients speak to each other and to relays on any port: then an address of its own prefix is wanted.
  auto teredo = open_teredo(udp.payload);
  if (teredo && fills(*teredo, udp) && (teredo_port || has_teredo_address(teredo->ip))) return teredo;
  return std::nullopt;
}

// SPI and sequence number before at least a block and a check value. An SPI of 0 marks IKE, one up to 255 is reserved
// (RFC 4303 section 2.1). DTLS, STUN and RTP may have met the same port number.
bool is_udp_esp(const TransportHeader& udp) {
  if (udp.source_port != 4500 && udp.destination_port != 4500) return false;
  const Bytes bytes = udp.payload;
  constexpr std::size_t kShortest = 24;
  if (udp.wire_payload < kShortest || bytes.size() < 8) return false;
  const std::uint32_t spi = std::uint32_t{u16(bytes, 0)} << 16 | u16(bytes, 2);
  const std::uint32_t sequence = std::uint32_t{u16(bytes, 4)} << 16 | u16(bytes, 6);
  constexpr std::uint32_t kStunCookie = 0x2112a442;
  if (spi <= 255 || sequence == 0 || sequence == kStunCookie) return false;
  const bool dtls = bytes[0] >= 20 && bytes[0] <= 26 && bytes[1] == 0xfe;
  const std::uint16_t other = udp.source_port == 4500 ? udp.destination_port : udp.source_port;
  return !dtls && (other == 4500 || !is_service_port(other));
}

}  // namespace tattle
