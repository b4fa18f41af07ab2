#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/anomalies.h"
#include "base/bytes.h"
#include "capture/import/import.h"

namespace tattle {

/// Reads one flow of a mitmproxy flow file: an HTTP exchange with the messages of its WebSocket, or the bytes of a TCP,
/// UDP or DNS flow. False when it is no flow that holds together; nothing is added then.
/// @anomaly import.no-time       The flow does not say when it was.
/// @anomaly import.body-missing  A body was streamed past the proxy and not kept.
/// @anomaly import.not-sent      A request that got no connection, or was answered by the proxy itself.
/// Source: mitmproxy's flow format, versions 0.11 to 21 (`mitmproxy/io/compat.py` tells what changed when).
bool read_mitm_flow(Bytes flow, PacketId id, Anomalies& anomalies, std::vector<ImportedMessage>& messages);

}  // namespace tattle
