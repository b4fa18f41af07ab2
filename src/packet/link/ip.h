#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"
#include "packet/segment.h"

namespace tattle {

/// One IP packet's header. `payload` is what was captured of what follows it, without the link's padding.
struct IpPacket {
  Address source;
  Address destination;
  std::uint8_t protocol = 0;  // of the payload; in a later fragment of IPv6, of what begins in the first
  bool fragment = false;
  bool more_fragments = false;
  std::uint32_t fragment_offset = 0;  // bytes
  std::uint32_t identification = 0;   // of the datagram; meaningless unless a fragment
  Bytes whole;                        // from the IP header on
  Bytes payload;
  std::uint32_t wire_payload = 0;  // payload bytes on the wire; more than payload.size() when the packet was cut
};

constexpr std::uint8_t kIpInIp = 4, kTcp = 6, kUdp = 17, kIpv6 = 41, kGre = 47, kEsp = 50, kAuthentication = 51,
                       kEtherIp = 97, kMpls = 137;

/// Reads an IPv4 or IPv6 header, its options or extension headers. Checksums are not looked at: capture offload
/// leaves them wrong. A length of 0 (segmentation offload, jumbograms) means as much as was on the wire.
/// @param packet  From the IP header on; padding may follow.
/// @param wire    Bytes from the IP header on that were on the wire.
/// @error ip.version, ip.header-length, ip.total-length, ip.extension  As named, or the capture is cut there.
/// Source: RFC 791, RFC 8200 section 4.
Result<IpPacket> parse_ip(Bytes packet, std::uint32_t wire);

/// Goes over the extension headers at the payload's start: stops at a transport, ESP, a fragment header (which it
/// takes in) or the end. For IPv6, and for what a reassembled IPv6 datagram begins with.
/// @error ip.extension  Cut, or a length that leaves the packet.
std::optional<ParseError> skip_ipv6_extensions(IpPacket& packet);

/// Goes over an authentication header (RFC 4302), which stands before a transport or a tunnel.
/// @error ip.extension  Cut, or a length that leaves the packet.
std::optional<ParseError> skip_authentication(IpPacket& packet);

}  // namespace tattle
