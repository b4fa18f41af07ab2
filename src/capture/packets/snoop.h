#pragma once

#include "capture/packets/format.h"

namespace tattle {

/// What Solaris' snoop and Shomiti's Surveyor write.
/// Source: RFC 1761; link types of IANA's snoop-datalink-types; Surveyor's own after Wireshark's wiretap/snoop.c.
class SnoopFormat : public PacketFormat {
 public:
  /// @param front  Eight bytes at least.
  static bool matches(Bytes front);
  std::string start(CaptureContext& in) override;
  /// @anomaly capture.damaged-length  Lengths that cannot be; the next believable record is searched for.
  std::optional<CapturedPacket> next(CaptureContext& in) override;
  std::string name() const override { return "snoop"; }

 private:
  struct Record {
    std::uint32_t wire, captured, whole, seconds, microseconds;
  };
  static Record record_at(const std::uint8_t* at);
  bool believable(const Record& record) const;
  void settle_link(const Record& first);

  std::uint32_t data_link_ = 0;
  std::uint16_t link_type_ = 0;
  bool wireless_header_ = false;  // Surveyor's, before each 802.11 frame
  std::uint32_t last_seconds_ = 0;
  bool any_record_ = false;
};

}  // namespace tattle
