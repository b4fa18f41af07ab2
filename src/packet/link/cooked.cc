#include <algorithm>

#include "packet/link/link.h"

namespace tattle {
namespace {

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

LinkPayload cooked(Bytes frame, std::size_t header, std::size_t protocol_at, std::size_t hardware_at,
                   std::size_t address_length, std::size_t address_at) {
  LinkPayload payload;
  constexpr std::uint16_t kEthernet = 1, kLoopback = 772;
  const std::uint16_t hardware = u16(frame, hardware_at);
  if (address_length == 6 && (hardware == kEthernet || hardware == kLoopback)) {
    std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(address_at), 6, payload.source.bytes.begin());
    payload.has_source = true;
  }
  follow_ethertype(u16(frame, protocol_at), frame.subspan(header), payload);
  return payload;
}

LinkPayload too_short() {
  LinkPayload payload;
  payload.why = Unread::malformed;
  return payload;
}

// The `any` interface sees a packet again at each interface that it passes. Of packet types only 4 means sent.
std::uint64_t point_of(std::uint64_t interface, unsigned packet_type) {
  return interface << 2 | (packet_type == 4 ? 2u : 1u);
}

}  // namespace

// Packet type, hardware type, address length, address (8), protocol.
LinkPayload parse_linux_cooked(Bytes frame) {
  if (frame.size() < 16) return too_short();
  LinkPayload payload = cooked(frame, 16, 14, 2, u16(frame, 4), 6);
  payload.point = point_of(0, u16(frame, 0));
  return payload;
}

// Protocol, reserved, interface (4), hardware type, packet type (1), address length (1), address (8).
LinkPayload parse_linux_cooked_v2(Bytes frame) {
  if (frame.size() < 20) return too_short();
  LinkPayload payload = cooked(frame, 20, 0, 8, frame[11], 12);
  payload.point = point_of(std::uint64_t{u16(frame, 4)} << 16 | u16(frame, 6), frame[10]);
  return payload;
}

}  // namespace tattle
