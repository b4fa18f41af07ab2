#pragma once

#include <cstdint>
#include <optional>

#include "packet/link/ip.h"
#include "packet/link/link.h"
#include "packet/link/transport.h"

namespace tattle {

/// What an IP packet's payload holds when its protocol is a tunnel's: IP in IP (RFC 2003, 2473), 6in4 (RFC 4213), GRE
/// (RFC 2784, 2890) with PPP (RFC 2637), Ethernet and ERSPAN, EtherIP (RFC 3378) and MPLS in IP (RFC 4023).
/// @return  Nothing when it is no tunnel. `has_source` and `has_destination` are set when an Ethernet header was
/// inside.
///          `why` is malformed when the tunnel's header does not hold together. Borrowed from `outer`.
std::optional<LinkPayload> open_tunnel(const IpPacket& outer);

/// Likewise of a UDP datagram, by its ports, and only when all within agrees: VXLAN (RFC 7348), Geneve (RFC 8926),
/// GTP-U (3GPP TS 29.281), Teredo (RFC 4380) and L2TP data (RFC 2661). What carries anything else on these ports is an
/// ordinary datagram.
std::optional<LinkPayload> open_udp_tunnel(const TransportHeader& udp);

/// Whether a datagram is an ESP packet (RFC 3948), told by its port and by what else meets there.
bool is_udp_esp(const TransportHeader& udp);

}  // namespace tattle
