#pragma once

#include <optional>

#include "capture/capture.h"
#include "capture/capture_context.h"

namespace tattle {

/// The classic capture file.
/// Source: pcap-savefile(5), draft-ietf-opsawg-pcap.
class PcapFormat {
 public:
  /// Whether a file that starts so is one: microseconds, nanoseconds or Kuznetzov's, in either byte order.
  static bool matches(Bytes magic);
  /// Reads the file header. False when the file ends within it.
  bool start(CaptureContext& in);
  /// The next packet; nullopt at the end.
  /// @anomaly capture.damaged-length  A length that cannot be; the next believable record is searched for.
  std::optional<CapturedPacket> next(CaptureContext& in);

 private:
  struct Record {
    std::uint32_t seconds, fraction, captured, wire;
  };
  Record record_at(const std::uint8_t* at) const;
  bool believable(const Record& record) const;
  bool resynchronise(CaptureContext& in);

  bool big_endian_ = false;
  bool nanoseconds_ = false;
  std::size_t record_header_ = 16;
  std::uint16_t minor_version_ = 4;
  std::uint16_t link_type_ = 0;
  std::uint32_t fcs_bytes_ = 0;
  std::uint32_t last_seconds_ = 0;
  bool any_record_ = false;
};

}  // namespace tattle
