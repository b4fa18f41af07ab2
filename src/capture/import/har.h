#pragma once

#include <cstdint>
#include <vector>

#include "base/anomalies.h"
#include "base/bytes.h"
#include "capture/import/import.h"

namespace tattle {

/// Reads one entry of a HAR: its request, its response and the messages of its WebSocket. False when it is no JSON
/// object with a request in it; nothing is added then.
/// @anomaly import.bad-text      Text that is no Unicode (half surrogates, stray bytes); read as the bytes it stands
/// for.
/// @anomaly import.bad-base64    A body said to be base64 is not; it is taken as it stands.
/// @anomaly import.no-time       The entry does not say when it was.
/// @anomaly import.body-missing  The program that wrote it left a body out.
/// @anomaly import.not-sent      The entry never went over the network: from a cache, a service worker, blocked.
/// Source: HAR 1.2, and what Chrome, Firefox, mitmproxy, Charles, Fiddler and HTTP Toolkit add to it.
class HarEntryReader {
 public:
  HarEntryReader();
  ~HarEntryReader();
  bool read(Bytes json, PacketId id, Anomalies& anomalies, std::vector<ImportedMessage>& messages);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
