#pragma once

#include <memory>

#include "protocol/stream_parser.h"

namespace tattle {

/// SOCKS 4, 4a and 5: what leads to the tunnel is handed down as `socks` messages that the proxy reads; the rest goes
/// to an inner mux, whose messages the far end reads (Via::tunnel), as behind HTTP's CONNECT.
/// @anomaly socks.malformed  What follows the greeting fits no SOCKS message; the rest is read as the tunnel's.
/// Sources: RFC 1928, RFC 1929 (user and password), the SOCKS 4 and 4A memoranda of Y.-D. Lee (NEC).
Sniff sniff_socks(const StreamStart& start);
std::unique_ptr<StreamParser> make_socks(const FlowInfo& flow, const StreamContext& above, ParserContext& parser);

}  // namespace tattle
