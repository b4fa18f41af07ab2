#pragma once

#include <map>
#include <optional>
#include <vector>

#include "capture/capture.h"
#include "capture/capture_context.h"
#include "capture/capture_origin.h"

namespace tattle {

/// Block types (draft-ietf-opsawg-pcapng section 10.1).
namespace pcapng_block {
constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a, kInterfaceDescription = 1, kObsoletePacket = 2, kSimplePacket = 3,
                        kNameResolution = 4, kStatistics = 5, kEnhancedPacket = 6, kSecrets = 10, kCustom = 0xbad;
}

/// How an interface counts time and what it writes, from its description block.
struct PcapngInterface {
  std::uint32_t number = 0;  // over all sections of the file
  std::uint16_t link_type = 0;
  std::uint32_t snap_length = 0;    // 0: none
  std::uint8_t resolution = 6;      // if_tsresol: power of ten, or of two with the top bit set
  std::int64_t offset_seconds = 0;  // if_tsoffset
  std::uint32_t fcs_bytes = 0;      // if_fcslen
};

/// A timestamp in nanoseconds; one that does not fit is brought to the nearest that does.
/// Source: draft-ietf-opsawg-pcapng section 4.2, if_tsresol and if_tsoffset.
Time pcapng_time(std::uint64_t units, const PcapngInterface& interface);

/// The newer capture file, with several sections and interfaces, names and secrets.
/// Source: draft-ietf-opsawg-pcapng; numbering of blocks that are not packets after Wireshark 4.0.
class PcapngFormat {
 public:
  static bool matches(Bytes magic);
  /// Checks the first section header. False when it is not one.
  bool start(CaptureContext& in);
  /// The next packet, secret or name; nullopt at the end.
  /// @anomaly capture.damaged-length     A block whose lengths do not agree; the next sound block is searched for.
  /// @anomaly capture.unknown-interface  A packet of an interface that was not described; its link type is 65535.
  /// @anomaly capture.malformed-block   A block's fields do not fit in it; what fits is used.
  /// @anomaly capture.packet-too-long    More than limits.packet_bytes: the rest of the packet is left out.
  /// @anomaly capture.block-too-long     A block over 16 MiB is left out.
  /// @anomaly capture.apps-limit         Over 65,536 apps: packets of the rest name none.
  /// @anomaly capture.too-many-interfaces  Over 65,536 in a section: the rest count as unknown.
  std::optional<CaptureEvent> next(CaptureContext& in);
  /// As far as it was read. Of several sections the first that says it speaks; interfaces are those of all.
  CaptureOrigin origin() const;

 private:
  struct PacketFields {
    std::uint32_t interface = 0;
    std::optional<std::uint64_t> units;  // absent in a Simple Packet Block
    std::uint64_t captured = 0;
    std::uint32_t wire = 0;
    Bytes rest;              // packet, padding, options
    bool has_flags = false;  // the block has options
  };
  std::uint32_t u32(const std::uint8_t* at) const { return load_u32(at, big_endian_); }
  std::uint16_t u16(const std::uint8_t* at) const { return load_u16(at, big_endian_); }
  bool resynchronise(CaptureContext& in);
  std::optional<CaptureEvent> pass_long_block(CaptureContext& in, std::uint32_t type, std::uint64_t length);
  std::optional<CaptureEvent> on_block(CaptureContext& in, std::uint32_t type, Bytes body);
  void on_section(Bytes body);
  void on_interface(CaptureContext& in, Bytes body);
  void on_statistics(CaptureContext& in, Bytes body);
  void on_names(CaptureContext& in, Bytes body);
  std::optional<CaptureEvent> on_secrets(CaptureContext& in, Bytes body);
  std::optional<CaptureEvent> on_packet_block(CaptureContext& in, std::uint32_t type, Bytes body);
  void on_custom(CaptureContext& in, Bytes body);
  std::uint32_t read_packet_options(Bytes options, CapturedPacket& packet) const;
  CapturedPacket make_packet(CaptureContext& in, const PacketFields& fields);

  bool big_endian_ = false;
  std::vector<PcapngInterface> interfaces_;  // of this section
  std::uint32_t interface_count_ = 0;        // of all sections
  CaptureOrigin origin_;
  Time last_time_;
  std::vector<CapturedName> names_;  // of the last block, to be handed out one by one
  std::size_t names_given_ = 0;
  std::map<std::int64_t, std::shared_ptr<const AppInfo>> apps_;  // by Android's user id
  std::shared_ptr<const void> names_owner_;
};

}  // namespace tattle
