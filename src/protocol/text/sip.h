#pragma once

#include <memory>

#include "protocol/local/local_protocols.h"
#include "protocol/stream_parser.h"

namespace tattle {

/// SIP: requests and responses, with their fields and body; the host is the request URI's. Sources: RFC 3261 sections
/// 7, 18.3 and 19.1, RFC 3428 (MESSAGE).
bool fits_sip(const Chunk& datagram);
DatagramFate read_sip(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// The same over a stream: Content-Length says where a message ends.
Sniff sniff_sip(const StreamStart& start);
std::unique_ptr<StreamParser> make_sip(const FlowInfo& flow, const StreamContext& above, ParserContext& parser);

}  // namespace tattle
