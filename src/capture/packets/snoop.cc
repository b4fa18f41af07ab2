#include "capture/packets/snoop.h"

#include <fmt/format.h>

namespace tattle {
namespace {

constexpr std::string_view kMagic{"snoop\0\0\0", 8};
constexpr std::size_t kFileHeader = 16, kRecordHeader = 24;
constexpr std::uint32_t kNewestVersion = 5;  // 2 is RFC 1761's; 3 to 5 are Surveyor's
constexpr std::uint32_t kMostPadding = 1 << 16;
constexpr std::uint32_t kSurveyorTrailer = 16;       // stands in the padding of its records
constexpr std::uint32_t kBelievableBytes = 262144;   // the largest snap length that programs write
constexpr std::uint32_t kBelievableSeconds = 86400;  // a record found by search lies this near to the last good one
constexpr std::uint16_t kUnknownLink = 65535;

// The LINKTYPE_ value of a DLPI type.
std::uint16_t link_of(std::uint32_t data_link) {
  switch (data_link) {
    case 0:  // IEEE 802.3
    case 4:  // Ethernet
      return 1;
    case 2:
      return 6;  // Token Ring
    case 8:
      return 10;  // FDDI
    case 9:
    case 14:
      return 0;  // loopback
    case 16:
      return 122;  // IP over Fibre Channel
    case 18:
      return 123;  // SunATM
    case 0x80000005:
      return 226;  // ipnet(7D)
    default:
      return kUnknownLink;
  }
}

// Surveyor numbers its own from 10 on.
std::uint16_t link_of_surveyor(std::uint32_t data_link) {
  switch (data_link) {
    case 10:  // 100 Mbit/s
    case 12:  // 1 Gbit/s
    case 19:  // 10 Gbit/s
      return 1;
    case 18:
      return 105;  // 802.11
    default:
      return data_link < 9 ? link_of(data_link) : kUnknownLink;
  }
}

}  // namespace

bool SnoopFormat::matches(Bytes front) { return as_text(front).starts_with(kMagic); }

std::string SnoopFormat::start(CaptureContext& in) {
  const Bytes head = in.window.peek(kFileHeader);
  if (head.size() < kFileHeader) return "ends within its file header; capture again or copy it anew";
  const std::uint32_t version = load_u32(head.data() + 8, true);
  if (version < 2 || version > kNewestVersion) {
    return fmt::format(
        "is a snoop capture of version {}; convert it with `editcap -F pcapng IN OUT` if Wireshark opens it", version);
  }
  data_link_ = load_u32(head.data() + 12, true);
  in.window.skip(kFileHeader);
  return "";
}

SnoopFormat::Record SnoopFormat::record_at(const std::uint8_t* at) {
  return {load_u32(at, true), load_u32(at + 4, true), load_u32(at + 8, true), load_u32(at + 16, true),
          load_u32(at + 20, true)};
}

bool SnoopFormat::believable(const Record& record) const {
  const std::uint32_t distance = record.seconds - last_seconds_ + kBelievableSeconds;
  return record.captured > 0 && record.captured <= record.wire && record.wire <= kBelievableBytes &&
         record.whole >= kRecordHeader + record.captured && record.whole <= kRecordHeader + record.captured + 64 &&
         record.microseconds < 1000000 && (!any_record_ || distance <= 2 * kBelievableSeconds);
}

// Surveyor's trailer stands in the padding: that much of it tells its files.
void SnoopFormat::settle_link(const Record& first) {
  const std::uint64_t packet = std::uint64_t{kRecordHeader} + first.captured;
  const bool surveyor = first.whole >= packet + kSurveyorTrailer;
  link_type_ = surveyor ? link_of_surveyor(data_link_) : link_of(data_link_);
  wireless_header_ = surveyor && link_type_ == 105;
  any_record_ = true;
}

std::optional<CapturedPacket> SnoopFormat::next(CaptureContext& in) {
  Bytes head = in.window.peek(kRecordHeader);
  if (head.empty()) return std::nullopt;
  if (head.size() < kRecordHeader) {
    in.end_cut();
    return std::nullopt;
  }
  Record record = record_at(head.data());
  const std::uint64_t packet_end = std::uint64_t{kRecordHeader} + record.captured;
  if (record.captured > in.limits.packet_bytes || record.whole < packet_end ||
      record.whole > packet_end + kMostPadding) {
    const bool found = find_record(in, kRecordHeader, [this](const std::uint8_t* at) {
      const Record candidate = record_at(at);
      return believable(candidate) ? std::size_t{candidate.whole} : std::size_t{0};
    });
    if (!found) {
      in.end_cut();
      return std::nullopt;
    }
    head = in.window.peek(kRecordHeader);
    record = record_at(head.data());
  }
  if (!any_record_) settle_link(record);
  const std::size_t needed = kRecordHeader + record.captured;
  const Bytes bytes = in.window.peek(record.whole);
  // Some writers leave out the padding of the last record.
  if (bytes.size() < needed) {
    in.end_cut();
    return std::nullopt;
  }
  CapturedPacket packet;
  packet.id = {in.capture, ++in.packets};
  packet.link_type = link_type_;
  packet.time = {std::int64_t{record.seconds} * 1000000000 + std::int64_t{record.microseconds} * 1000};
  packet.wire_length = record.wire < record.captured ? record.captured : record.wire;
  packet.data = bytes.subspan(kRecordHeader, record.captured);
  packet.owner = in.window.owner();
  // Four bytes, of which the last counts those that follow.
  if (wireless_header_ && packet.data.size() >= 4 && packet.data.size() >= 4u + packet.data[3]) {
    const std::uint32_t before = 4u + packet.data[3];
    packet.data = packet.data.subspan(before);
    packet.wire_length -= before;
  }
  last_seconds_ = record.seconds;
  in.window.skip(bytes.size() < record.whole ? bytes.size() : record.whole);
  return packet;
}

}  // namespace tattle
