#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/flow.h"
#include "base/result.h"
#include "packet/segment.h"

namespace tattle {

/// A TCP or UDP header's fields and what it carries.
struct TransportHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  TcpFields tcp;
  Bytes payload;
  std::uint32_t wire_payload = 0;
};

/// Reads a TCP header; its options are skipped. The capture may be cut anywhere behind the flags.
/// @param wire  Bytes of the segment on the wire, header included.
/// @error tcp.header       Cut before the flags.
/// @error tcp.data-offset  Under 5 words, or more than the segment has.
/// Source: RFC 9293 section 3.1.
Result<TransportHeader> parse_tcp(Bytes segment, std::uint32_t wire);

/// Reads a UDP header. Its length leaves out what follows the datagram; 0 means all there is (RFC 2675).
/// @error udp.header  Cut.
/// @error udp.length  1 to 7.
/// Source: RFC 768.
Result<TransportHeader> parse_udp(Bytes datagram, std::uint32_t wire);

/// The likelier server of two ports: a known service's, else one under 1024, else the lower. 0: no telling.
/// Negative: the first is the server; positive: the second.
int likelier_server(std::uint16_t first, std::uint16_t second);

/// A port that servers listen on: in the list of known services, or under 1024.
bool is_service_port(std::uint16_t port);

}  // namespace tattle
