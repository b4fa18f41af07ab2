#pragma once

#include "capture/packets/format.h"

namespace tattle {

/// Endace's Extensible Record Format: records one after another, without a header of the file.
/// Source: Endace, ERF Types Reference Guide; numbering and lengths after Wireshark's wiretap/erf.c.
class ErfFormat : public PacketFormat {
 public:
  /// Whether the first records make sense, since there is no magic number: up to ten, three at least unless the file
  /// ends. Looks only as far ahead as they do.
  static bool matches(const PeekFront& peek);
  std::string start(CaptureContext&) override { return ""; }
  /// @anomaly capture.damaged-length  Lengths that cannot be; the next believable record is searched for.
  std::optional<CapturedPacket> next(CaptureContext& in) override;
  std::string name() const override { return "erf"; }

 private:
  std::uint32_t last_seconds_ = 0;
};

}  // namespace tattle
