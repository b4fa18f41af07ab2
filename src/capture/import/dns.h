#pragma once

#include <optional>

#include "base/bytes.h"
#include "capture/import/tnetstring.h"

namespace tattle {

/// Writes a DNS message, of which mitmproxy keeps the fields, as it stands on the wire, so that the parser of packets
/// reads it. Nothing when a name or a number cannot be written. Source: RFC 1035 section 4.
std::optional<ByteVector> write_dns(const Tnet& message);

}  // namespace tattle
