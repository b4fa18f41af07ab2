#include "capture/packets/netxray.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::size_t kFileHeader = 128;
constexpr std::uint32_t kBelievableBytes = 65535;
constexpr std::uint64_t kBelievableSeconds = 30 * 366 * 86400ull;  // from the capture's start
constexpr std::uint16_t kEthernet = 1, kTokenRing = 6, kWifi = 105, kUnknownLink = 65535;
constexpr std::string_view kOldMagic{"VL\0\0", 4}, kMagic{"XCP\0", 4};

// Network types as NDIS numbers them; the byte behind says whether they count from 0.
std::uint16_t link_of(unsigned network, int major) {
  switch (network) {
    case 1:
      return kEthernet;
    case 2:
      return kTokenRing;
    case 4:  // a wide area network, which NDIS makes look like Ethernet; pods, from version 2 on, do not
      return major < 2 ? kEthernet : kUnknownLink;
    case 10:
      return kWifi;
    default:
      return kUnknownLink;
  }
}

}  // namespace

bool NetxrayFormat::matches(Bytes front) {
  return as_text(front).starts_with(kMagic) || as_text(front).starts_with(kOldMagic);
}

// False for a version that nobody has described.
bool NetxrayFormat::read_header(Bytes head) {
  if (as_text(head).starts_with(kMagic)) {
    const std::string_view version = as_text(head.subspan(4, 8));
    if (version == std::string_view("001.000\0", 8) || version == std::string_view("001.100\0", 8)) {
      major_ = 1;
      minor_ = version[4] - '0';
    } else if (version.starts_with("002.00") && version[6] <= '3') {
      major_ = 2;
      minor_ = version[6] - '0';
    } else {
      return false;
    }
  }
  const unsigned network = head[44], counts_from_one = head[45];
  if (counts_from_one != 0 && counts_from_one != 2) return false;
  link_type_ = link_of(network + (counts_from_one == 0 ? 1 : 0), major_);
  start_seconds_ = load_u32(head.data() + 12, false);
  start_ticks_ = load_u64(head.data() + 52, false);
  return settle_clock(head);
}

// How long a tick is. Of version 2 on Ethernet it depends on what captured; the frequency that the header states is the
// true one for one kind of clock alone.
bool NetxrayFormat::settle_clock(Bytes head) {
  constexpr std::uint64_t kUsual[] = {1000000, 1193000, 1193182}, kGigabitPod[] = {1000000000, 0, 31250000},
                          kOtherPod[] = {1000000, 0, 1250000}, kOtherPod2[] = {1000000, 0, 0},
                          kGigabitPod2[] = {1000000000, 0, 20000000};
  constexpr unsigned kNdis = 0;
  if (major_ < 2) {
    ticks_per_second_ = major_ == 1 && minor_ == 1 ? 1000000 : 1000;
    return true;
  }
  const unsigned unit = head[48], captured_by = link_type_ == kEthernet ? head[84] : kNdis;
  if (unit >= std::size(kUsual)) return false;
  const std::uint64_t* table = captured_by == kNdis ? kUsual
                               : captured_by == 2   ? kGigabitPod
                               : captured_by == 3   ? kOtherPod
                               : captured_by == 5   ? kOtherPod2
                               : captured_by == 6   ? kGigabitPod2
                                                    : nullptr;
  if (table == nullptr) return false;
  ticks_per_second_ = table[unit];
  if (captured_by == kNdis && link_type_ == kEthernet && unit == 2)
    ticks_per_second_ = load_u32(head.data() + 76, false);
  if (captured_by != kNdis && minor_ >= 2) start_ticks_ = 0;
  return ticks_per_second_ != 0;
}

std::string NetxrayFormat::start(CaptureContext& in) {
  const Bytes head = in.window.peek(kFileHeader);
  if (head.size() < kFileHeader) return "ends within its file header; capture again or copy it anew";
  if (!read_header(head)) {
    return "is a NetXRay or Sniffer capture of an unknown kind; convert it with `editcap -F pcapng IN OUT` if "
           "Wireshark "
           "opens it";
  }
  const std::uint64_t begin = load_u32(head.data() + 24, false);
  end_ = load_u32(head.data() + 28, false);
  if (end_ < begin) {
    return "is a Sniffer capture that was written in a circle; convert it with `editcap -F pcapng IN OUT`";
  }
  if (begin < kFileHeader || !in.window.skip_far(begin)) return "ends before its first packet; copy it anew";
  return "";
}

NetxrayFormat::Record NetxrayFormat::record_at(const std::uint8_t* at) const {
  const std::uint32_t wire = load_u16(at + 8, false);
  return {load_u64(at, false), wire, major_ == 0 ? wire : load_u16(at + 10, false)};
}

Time NetxrayFormat::time_of(std::uint64_t ticks) const {
  const auto since = static_cast<std::int64_t>(ticks - start_ticks_),
             second = static_cast<std::int64_t>(ticks_per_second_);
  const std::int64_t most = static_cast<std::int64_t>(kBelievableSeconds);
  const std::int64_t seconds = std::clamp(since / second, -most, most);
  // A second has up to 2^32 ticks: whole nanoseconds of the rest need 62 bits.
  return {(start_seconds_ + seconds) * 1000000000 + since % second * 1000000000 / second};
}

std::optional<CapturedPacket> NetxrayFormat::next(CaptureContext& in) {
  if (in.window.offset() >= end_) return std::nullopt;
  Bytes head = in.window.peek(header_bytes());
  if (head.size() < header_bytes()) {
    in.end_cut();
    return std::nullopt;
  }
  Record record = record_at(head.data());
  if (record.captured > record.wire || record.captured > in.limits.packet_bytes) {
    const bool found = find_record(in, header_bytes(), [this](const std::uint8_t* at) -> std::size_t {
      const Record candidate = record_at(at);
      const bool near = candidate.ticks - start_ticks_ < kBelievableSeconds * ticks_per_second_;
      const bool believable = near && candidate.captured > 0 && candidate.captured <= candidate.wire;
      return believable && candidate.wire <= kBelievableBytes ? header_bytes() + candidate.captured : 0;
    });
    if (!found) {
      in.end_cut();
      return std::nullopt;
    }
    head = in.window.peek(header_bytes());
    record = record_at(head.data());
  }
  const std::size_t whole = header_bytes() + record.captured;
  const Bytes bytes = in.window.peek(whole);
  if (bytes.size() < whole) {
    in.end_cut();
    return std::nullopt;
  }
  CapturedPacket packet;
  packet.id = {in.capture, ++in.packets};
  packet.link_type = link_type_;
  packet.time = time_of(record.ticks);
  packet.wire_length = record.wire;
  packet.data = bytes.subspan(header_bytes(), record.captured);
  packet.owner = in.window.owner();
  // Two bytes of the record say that a check sequence, or as many bytes of nothing, stands at the end.
  if (major_ == 2 && bytes[14] == 0xff && bytes[15] == 0xff) trim_fcs(packet.data, packet.wire_length, 4);
  in.window.skip(whole);
  return packet;
}

}  // namespace tattle
