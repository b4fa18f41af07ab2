#pragma once

#include <memory>
#include <string>

#include "capture/archive/archive.h"
#include "capture/capture.h"
#include "capture/import/import.h"

namespace tattle {

/// The parts of one session of a Fiddler session archive, as they stand in its files.
struct SazSession {
  std::uint64_t number = 0;
  ByteVector request, response, meta, frames;  // `_c.txt`, `_s.txt`, `_m.xml`, `_w.txt`
  bool request_cut = false, response_cut = false;
};

/// Reads one session. False when it has no request; nothing is added then.
/// @anomaly import.no-time   It does not say when it was.
/// @anomaly import.not-sent  Made or answered by Fiddler itself, or a CONNECT to it.
/// @anomaly import.bad-frames  The list of WebSocket frames does not hold together; what comes before is read.
/// Source: docs.telerik.com, "Fiddler Archives (SAZ)", and FiddlerCore's SessionFlags and WebSocketTimers.
bool read_saz_session(const SazSession& session, PacketId id, Anomalies& anomalies,
                      std::vector<ImportedMessage>& messages);

/// A Fiddler session archive as a capture; its entries have the numbers of its sessions.
/// @param path  Of the archive, for its hash.
std::unique_ptr<CaptureReader> open_saz(std::shared_ptr<Archive> archive, std::uint32_t capture, const Limits& limits,
                                        Anomalies& anomalies, bool hash);

}  // namespace tattle
