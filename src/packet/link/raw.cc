// Links without addresses of their own.
#include <algorithm>

#include "packet/link/link.h"

namespace tattle {
namespace {

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

LinkPayload ip_at(Bytes frame, std::size_t header) {
  LinkPayload payload;
  if (frame.size() <= header) {
    payload.why = Unread::malformed;
  } else {
    payload.ip = frame.subspan(header);
  }
  return payload;
}

std::uint32_t le32(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at + 3]) << 24 | bytes[at + 2] << 16 | bytes[at + 1] << 8 | bytes[at];
}

LinkPayload unread(Unread why) {
  LinkPayload payload;
  payload.why = why;
  return payload;
}

}  // namespace

LinkPayload parse_raw_ip(Bytes frame) {
  if (frame.empty()) return unread(Unread::malformed);
  const int version = frame[0] >> 4;
  return version == 4 || version == 6 ? ip_at(frame, 0) : unread(Unread::not_ip);
}

// Four bytes in the byte order of the system that wrote them. AF_INET is 2 everywhere; AF_INET6 is 24 (NetBSD,
// OpenBSD), 28 (FreeBSD), 30 (macOS), 10 (Linux) or 23 (Windows).
LinkPayload parse_bsd_loopback(Bytes frame) {
  if (frame.size() < 4) return unread(Unread::malformed);
  const bool little = frame[2] == 0 && frame[3] == 0;
  const bool big = frame[0] == 0 && frame[1] == 0;
  if (!little && !big) {  // Linux ISDN writes an Ethertype into the second half
    LinkPayload payload;
    follow_ethertype(u16(frame, 2), frame.subspan(4), payload);
    return payload;
  }
  const int family = little ? frame[1] << 8 | frame[0] : frame[2] << 8 | frame[3];
  switch (family) {
    case 2:
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      return ip_at(frame, 4);
    default:
      return unread(Unread::not_ip);
  }
}

// HDLC's address and control bytes may stand first (RFC 1662); the protocol may be compressed to one byte.
LinkPayload parse_ppp(Bytes frame) {
  if (frame.size() >= 2 && frame[0] == 0xff && frame[1] == 0x03) frame = frame.subspan(2);
  if (frame.size() < 2) return unread(Unread::malformed);
  const bool compressed = (frame[0] & 1) != 0;
  const unsigned protocol = compressed ? frame[0] : u16(frame, 0);
  // A compressed datagram (RFC 1962), as MPPE sends them (RFC 3078).
  if (protocol == 0x00fd) return unread(Unread::encrypted_tunnel);
  return protocol == 0x0021 || protocol == 0x0057 ? ip_at(frame, compressed ? 1 : 2) : unread(Unread::not_ip);
}

// Family, version, resource, then TLVs in the byte order of the host, padded to 4; number 9 is the packet.
LinkPayload parse_nflog(Bytes frame) {
  if (frame.size() < 4) return unread(Unread::malformed);
  if (frame[0] != 2 && frame[0] != 10) return unread(Unread::not_ip);
  Bytes rest = frame.subspan(4);
  while (rest.size() >= 4) {
    const std::size_t little = rest[1] << 8 | rest[0], big = u16(rest, 0);
    const bool is_little = little >= 4 && little <= rest.size();
    const std::size_t length = is_little ? little : big;
    if (length < 4 || length > rest.size()) break;
    const unsigned type = is_little ? rest[3] << 8 | rest[2] : u16(rest, 2);
    if ((type & 0x7fff) == 9) return ip_at(rest.first(length), 4);
    rest = rest.subspan(std::min(rest.size(), (length + 3) & ~std::size_t{3}));
  }
  return unread(Unread::malformed);
}

LinkPayload parse_cisco_hdlc(Bytes frame) {
  if (frame.size() < 4) return unread(Unread::malformed);
  LinkPayload payload;
  follow_ethertype(u16(frame, 2), frame.subspan(4), payload);
  return payload;
}

// Length, type of what follows (1: a packet), its link type, then interface, process and more, little-endian as all of
// Apple's systems. Source: xnu's bsd/net/pktap.h. Older tools wrote it as USER2 (149), which others use for their own.
LinkPayload parse_pktap(Bytes frame) {
  constexpr std::size_t kShortest = 108;
  if (frame.size() < kShortest) return unread(Unread::malformed);
  const std::uint32_t length = le32(frame, 0), link_type = le32(frame, 8);
  if (length < kShortest || length > frame.size()) return unread(Unread::malformed);
  if (le32(frame, 4) != 1) return unread(Unread::not_ip);
  const LinkParser parse = link_type < 0xffff ? link_parser(static_cast<std::uint16_t>(link_type)) : nullptr;
  if (parse == nullptr) return unread(Unread::unknown_link);
  return parse == parse_pktap || parse == parse_ppi ? unread(Unread::malformed) : parse(frame.subspan(length));
}

}  // namespace tattle
