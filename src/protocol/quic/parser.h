#pragma once

#include "protocol/datagram/datagram_parser.h"

namespace tattle {

/// Whether QUIC may be in a datagram, whatever the port: a long header of a version that is read, a version
/// negotiation, Google's QUIC on the web's port, or a short header (RFC 9000 section 17.3), which only the connections
/// that are known can tell.
bool fits_quic(const Chunk& datagram);

/// Reads the QUIC connections of a flow; those that come here from another flow go on by ParserContext::quic.
std::unique_ptr<DatagramParser> make_quic_parser(const FlowInfo& flow, const StreamContext& above,
                                                 ParserContext& context);

}  // namespace tattle
