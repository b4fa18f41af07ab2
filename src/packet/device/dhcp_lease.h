#pragma once

#include <optional>

#include "base/address.h"
#include "packet/link/ip.h"
#include "packet/link/transport.h"

namespace tattle {

/// A DHCP datagram of a client that has no address yet, or an answer. All clients of a link without an address share
/// those of the datagrams, and the ports; the hardware address in it tells them apart.
struct DhcpDatagram {
  MacAddress client;
  std::optional<Address> leased;  // of an ACK: the address that the client has now
  bool addressed = false;         // both its ends have addresses of their own
};

/// Nothing when it is none, or a question between two addresses.
/// Source: RFC 2131 sections 2 and 4.1, RFC 2132 section 9.6.
std::optional<DhcpDatagram> read_dhcp_datagram(const IpPacket& ip, const TransportHeader& udp);

}  // namespace tattle
