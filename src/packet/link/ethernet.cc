#include <algorithm>

#include "packet/link/link.h"

namespace tattle {
namespace {

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

void read_macs(Bytes frame, LinkPayload& payload) {
  std::copy_n(frame.begin(), 6, payload.destination.bytes.begin());
  std::copy_n(frame.begin() + 6, 6, payload.source.bytes.begin());
  payload.has_source = payload.has_destination = true;
}

}  // namespace

void follow_ethertype(std::uint16_t ethertype, Bytes rest, LinkPayload& payload) {
  while (true) {
    switch (ethertype) {
      case 0x0800:
      case 0x86dd:
        payload.ip = rest;
        return;
      case 0x8100:
      case 0x88a8:
      case 0x9100:
      case 0x9200:
        if (rest.size() < 4) {
          payload.why = Unread::malformed;
          return;
        }
        payload.vlan = payload.vlan << 12 | (u16(rest, 0) & 0x0fff);
        ethertype = u16(rest, 2);
        rest = rest.subspan(4);
        continue;
      case 0x8864:  // PPPoE session: version, code, session, length, then PPP
        if (rest.size() < 8) {
          payload.why = Unread::malformed;
          return;
        }
        // A compressed datagram (RFC 1962), as MPPE sends them (RFC 3078).
        if (u16(rest, 6) == 0x00fd) {
          payload.why = Unread::encrypted_tunnel;
          return;
        }
        ethertype = u16(rest, 6) == 0x0021 ? 0x0800 : u16(rest, 6) == 0x0057 ? 0x86dd : 0;
        rest = rest.subspan(8);
        continue;
      case 0x8847: {  // MPLS: labels until the bottom of the stack, then what the first nibble says
        bool bottom = false;
        while (!bottom && rest.size() >= 4) {
          bottom = (rest[2] & 1) != 0;
          rest = rest.subspan(4);
        }
        if (!bottom || rest.empty()) {
          payload.why = Unread::malformed;
          return;
        }
        ethertype = rest[0] >> 4 == 4 ? 0x0800 : rest[0] >> 4 == 6 ? 0x86dd : 0;
        // A control word before Ethernet (RFC 4448 section 4.6).
        if (rest[0] >> 4 == 0 && rest.size() >= 18) {
          read_macs(rest.subspan(4), payload);
          ethertype = u16(rest, 16);
          rest = rest.subspan(18);
        }
        continue;
      }
      default:
        payload.why = Unread::not_ip;
        return;
    }
  }
}

LinkPayload parse_ethernet(Bytes frame) {
  LinkPayload payload;
  if (frame.size() < 14) {
    payload.why = Unread::malformed;
    return payload;
  }
  read_macs(frame, payload);
  const std::uint16_t ethertype = u16(frame, 12);
  // Up to 1500 it is a length: LLC, and IP only behind SNAP (RFC 1042).
  if (ethertype <= 1500) {
    constexpr std::uint8_t kSnap[] = {0xaa, 0xaa, 3, 0, 0, 0};
    if (frame.size() >= 22 && std::equal(std::begin(kSnap), std::end(kSnap), frame.begin() + 14)) {
      follow_ethertype(u16(frame, 20), frame.subspan(22), payload);
    } else {
      payload.why = Unread::not_ip;
    }
    return payload;
  }
  follow_ethertype(ethertype, frame.subspan(14), payload);
  return payload;
}

}  // namespace tattle
