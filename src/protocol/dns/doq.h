#pragma once

#include <memory>

#include "protocol/quic/application.h"

namespace tattle {

/// DNS over QUIC: one query and its answers a stream, each message behind its length. Source: RFC 9250 section 4.2.
std::unique_ptr<QuicApplication> make_doq(const FlowInfo& flow, const StreamContext& above, ParserContext& context);

}  // namespace tattle
