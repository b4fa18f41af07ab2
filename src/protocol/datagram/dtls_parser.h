#pragma once

#include "protocol/datagram/datagram_parser.h"

namespace tattle {

/// A ClientHello of DTLS 1.0 or 1.2, or on a port of DTLS any of its records.
bool fits_dtls(const Chunk& datagram);

/// Reads DTLS, and what it carries by the table of protocols; what nobody knows goes down as it is.
std::unique_ptr<DatagramParser> make_dtls_parser(const FlowInfo& flow, const StreamContext& above,
                                                 ParserContext& context);

}  // namespace tattle
