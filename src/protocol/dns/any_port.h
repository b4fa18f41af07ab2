#pragma once

#include "protocol/datagram/datagram_parser.h"

namespace tattle {

/// DNS on ports that are not its own: of a flow's datagrams those are read that are wholly well-formed and either ask
/// one plain question, as resolvers do, or answer one that was asked before, with its id and question. All others are
/// left to whoever reads them.
/// Sources: RFC 1035 section 4.1, RFC 4035 section 3.2 (AD, CD), RFC 6891 section 6.1.1 (OPT), RFC 5452 section 9.1.
bool fits_dns_on_any_port(const Chunk& datagram);
std::unique_ptr<DatagramParser> make_dns_on_any_port(const FlowInfo& flow, const StreamContext& above,
                                                     ParserContext& context);

}  // namespace tattle
