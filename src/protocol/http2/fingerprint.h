#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "protocol/http2/frame.h"
#include "protocol/http2/head.h"

namespace tattle {

/// How a client begins a connection, which tells its HTTP/2 library: `SETTINGS|WINDOW_UPDATE|PRIORITY|pseudo-fields`,
/// such as `1:65536;3:1000;4:6291456|15663105|0|m,a,s,p`. Complete with the first head that the client sends.
/// Source: O. Segal, A. Fridman, E. Shuster: Passive Fingerprinting of HTTP/2 Clients, Akamai, 2017.
class Http2Fingerprint {
 public:
  /// A frame of the client's, whole, other than HEADERS and CONTINUATION; those that say nothing are passed over.
  void on_frame(const FrameHeader& frame, Bytes payload);
  /// The client's first head. From here on nothing changes.
  void on_head(const Http2Head& head);
  bool complete() const { return complete_; }
  /// Empty until it is complete.
  std::string text() const;

 private:
  static constexpr std::size_t kMost = 32;  // settings and priorities that are kept
  bool complete_ = false;
  std::string settings_, priorities_, pseudo_;
  std::size_t setting_count_ = 0, priority_count_ = 0;
  std::optional<std::uint32_t> window_update_;
};

}  // namespace tattle
