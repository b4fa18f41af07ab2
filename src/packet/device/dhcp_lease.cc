#include "packet/device/dhcp_lease.h"

#include <algorithm>
#include <array>

namespace tattle {
namespace {

constexpr std::uint16_t kServerPort = 67, kClientPort = 68;
constexpr std::size_t kCiaddr = 12, kYiaddr = 16, kChaddr = 28, kCookie = 236, kOptions = 240;
constexpr std::array<std::uint8_t, 4> kMagic{0x63, 0x82, 0x53, 0x63};
constexpr int kAck = 5;

// The message type; -1: none, or cut before it.
int message_type(Bytes options) {
  std::size_t at = 0;
  while (at < options.size() && options[at] != 255) {
    const std::uint8_t code = options[at++];
    if (code == 0) continue;
    if (at >= options.size()) return -1;
    const std::size_t length = options[at++];
    if (at + length > options.size()) return -1;
    if (code == 53 && length == 1) return options[at];
    at += length;
  }
  return -1;
}

}  // namespace

std::optional<DhcpDatagram> read_dhcp_datagram(const IpPacket& ip, const TransportHeader& udp) {
  const bool asks = udp.source_port == kClientPort && udp.destination_port == kServerPort;
  const bool answers = udp.source_port == kServerPort && udp.destination_port == kClientPort;
  if (ip.protocol != kUdp || (!asks && !answers)) return std::nullopt;
  const bool addressed = !ip.source.is_unspecified() && !ip.destination.is_multicast_or_broadcast();
  if (addressed && asks) return std::nullopt;
  const Bytes data = udp.payload;
  const bool ethernet = data.size() >= kOptions && data[1] == 1 && data[2] == 6;
  if (!ethernet || data[0] != (asks ? 1 : 2)) return std::nullopt;
  if (!std::equal(kMagic.begin(), kMagic.end(), data.begin() + kCookie)) return std::nullopt;
  DhcpDatagram read;
  std::copy_n(data.begin() + kChaddr, read.client.bytes.size(), read.client.bytes.begin());
  read.addressed = addressed;
  if (answers && message_type(data.subspan(kOptions)) == kAck) {
    const Address given = Address::v4(data.subspan(kYiaddr, 4)), had = Address::v4(data.subspan(kCiaddr, 4));
    read.leased = given.is_unspecified() ? had : given;
  }
  return read;
}

}  // namespace tattle
