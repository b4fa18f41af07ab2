#pragma once

#include <optional>

#include "capture/capture.h"
#include "capture/capture_context.h"

namespace tattle {

/// The classic capture file.
/// Source: pcap-savefile(5), draft-ietf-opsawg-pcap; patched versions of it after pcap_layout.h, AIX's and Ixia's after
/// Wireshark's wiretap/libpcap.c.
class PcapFormat {
 public:
  /// Whether a file that starts so is one: microseconds, nanoseconds, Kuznetzov's or Ixia's, in either byte order.
  static bool matches(Bytes magic);
  /// Reads the file header. False when the file ends within it.
  bool start(CaptureContext& in);
  /// The next packet; nullopt at the end.
  /// @anomaly capture.damaged-length  A length that cannot be; the next believable record is searched for.
  std::optional<CapturedPacket> next(CaptureContext& in);
  /// `pcap`, or `pcap (modified)` when records or times are not the usual ones; settled once a packet was read.
  const char* name() const { return modified_ ? "pcap (modified)" : "pcap"; }

 private:
  struct Record {
    std::uint32_t seconds, fraction, captured, wire;
  };
  Record record_at(const std::uint8_t* at) const;
  bool believable(const Record& record) const;
  void settle_layout(CaptureContext& in);

  bool big_endian_ = false;
  bool nanoseconds_ = false;
  bool modified_ = false;
  bool modified_magic_ = false;
  std::size_t record_header_ = 0;  // 0: not known yet
  std::uint32_t snap_length_ = 0;
  std::uint16_t minor_version_ = 4;
  std::uint16_t link_type_ = 0;
  std::uint32_t fcs_bytes_ = 0;
  std::uint32_t last_seconds_ = 0;
  bool any_record_ = false;
};

}  // namespace tattle
