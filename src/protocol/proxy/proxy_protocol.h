#pragma once

#include <memory>

#include "protocol/stream_parser.h"

namespace tattle {

/// The PROXY protocol, versions 1 and 2: a header with which a proxy tells the server behind it whose connection it
/// passes on, then the connection itself, read like any other. The header goes down as a `data` message; the addresses
/// in it never replace those of the packets, which show who really talks here.
/// @anomaly proxy.cut-header  Bytes of the header are missing.
/// Source: haproxy, doc/proxy-protocol.txt, sections 2.1 and 2.2.
Sniff sniff_proxy_protocol(const StreamStart& start);
std::unique_ptr<StreamParser> make_proxy_protocol(const FlowInfo& flow, const StreamContext& above,
                                                  ParserContext& parser);

}  // namespace tattle
