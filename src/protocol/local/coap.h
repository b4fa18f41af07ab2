#pragma once

#include <memory>

#include "protocol/datagram/datagram_parser.h"

namespace tattle {

/// CoAP over UDP, and over DTLS by the same table. Options are fields (`uri-path`, `uri-query`, …); the host is
/// Uri-Host or that of Proxy-Uri, else empty; the target is path and query as a URI has them (RFC 7252 section 6.5); a
/// status is class and detail, so that 2.05 is 205. A response has its request's exchange by token and endpoints.
/// Pieces of a block-wise body (RFC 7959) are searched each on its own. Empty messages are `acknowledge` (also resets)
/// or, when they want an answer, `control`.
/// @anomaly coap.malformed  Options that break off or are reserved, or nothing behind the payload marker; what stands
///                          before was read, the rest is searched.
/// Sources: RFC 7252 sections 3, 5.10, 6.4, 6.5 and 12; RFC 7959, 8132; IANA, CoRE Parameters, Content-Formats.
bool fits_coap(const Chunk& datagram);
std::unique_ptr<DatagramParser> make_coap(const FlowInfo& flow, const StreamContext& above, ParserContext& context);

}  // namespace tattle
