#pragma once

#include "capture/packets/format.h"

namespace tattle {

/// What Cinco's NetXRay and the Windows Sniffer write (`.cap`), versions 0 to 2.
/// Source: Wireshark's wiretap/netxray.c; nobody else describes them.
class NetxrayFormat : public PacketFormat {
 public:
  /// @param front  Four bytes at least.
  static bool matches(Bytes front);
  std::string start(CaptureContext& in) override;
  /// @anomaly capture.damaged-length  Lengths that cannot be; the next believable record is searched for.
  std::optional<CapturedPacket> next(CaptureContext& in) override;
  std::string name() const override { return "netxray"; }

 private:
  struct Record {
    std::uint64_t ticks;
    std::uint32_t wire, captured;
  };
  bool read_header(Bytes head);
  bool settle_clock(Bytes head);
  std::size_t header_bytes() const { return major_ == 0 ? 16 : major_ == 1 ? 28 : 40; }
  Record record_at(const std::uint8_t* at) const;
  Time time_of(std::uint64_t ticks) const;

  int major_ = 0, minor_ = 0;
  std::uint16_t link_type_ = 0;
  std::int64_t start_seconds_ = 0;
  std::uint64_t start_ticks_ = 0, ticks_per_second_ = 1;
  std::uint64_t end_ = 0;  // of the records, in the file
};

}  // namespace tattle
