#include "capture/pcap_format.h"

#include <utility>

#include "capture/packets/format.h"
#include "capture/packets/pcap_layout.h"

namespace tattle {
namespace {

constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d, kKuznetzov = 0xa1b2cd34;
constexpr std::uint32_t kIxiaNanoseconds = 0x1c0001ac, kIxiaMicroseconds = 0x1c0001ab;
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kIxiaSize = 4;                 // behind the file header: how many bytes of records follow
constexpr std::uint32_t kBelievableBytes = 262144;   // the largest snap length that programs write
constexpr std::uint32_t kBelievableSeconds = 86400;  // a record found by search lies this near to the last good one

bool is_ixia(std::uint32_t magic) { return magic == kIxiaNanoseconds || magic == kIxiaMicroseconds; }
bool known(std::uint32_t magic) {
  return magic == kMicroseconds || magic == kNanoseconds || magic == kKuznetzov || is_ixia(magic);
}

// AIX's version 2.2 names links by their ifType (RFC 1573) and counts nanoseconds.
std::optional<std::uint16_t> link_of_aix(std::uint32_t type) {
  switch (type) {
    case 6:
      return 1;  // Ethernet
    case 9:
      return 6;  // Token Ring
    case 15:
      return 10;  // FDDI
    case 24:
      return 0;  // loopback
    default:
      return std::nullopt;
  }
}

}  // namespace

bool PcapFormat::matches(Bytes magic) {
  return magic.size() >= 4 && (known(load_u32(magic.data(), true)) || known(load_u32(magic.data(), false)));
}

bool PcapFormat::start(CaptureContext& in) {
  const Bytes head = in.window.peek(kFileHeader);
  if (head.size() < kFileHeader) return false;
  big_endian_ = known(load_u32(head.data(), true));
  const std::uint32_t magic = load_u32(head.data(), big_endian_);
  nanoseconds_ = magic == kNanoseconds || magic == kIxiaNanoseconds;
  modified_magic_ = magic == kKuznetzov;
  modified_ = modified_magic_ || is_ixia(magic);
  minor_version_ = load_u16(head.data() + 6, big_endian_);
  snap_length_ = load_u32(head.data() + 16, big_endian_);
  const std::uint32_t link = load_u32(head.data() + 20, big_endian_);
  link_type_ = static_cast<std::uint16_t>(link);
  // Bit 26 says that the top four bits count the frame check sequence's 16-bit words.
  if ((link & 0x04000000) != 0) fcs_bytes_ = (link >> 28) * 2;
  const std::uint16_t major_version = load_u16(head.data() + 4, big_endian_);
  const auto aix = major_version == 2 && minor_version_ == 2 ? link_of_aix(link) : std::nullopt;
  if (magic == kMicroseconds && aix) {
    modified_ = nanoseconds_ = true;
    link_type_ = *aix;
  }
  // Only files of the current version, with an old magic number, were written with other fields.
  if ((magic != kMicroseconds && !modified_magic_) || minor_version_ < 4) record_header_ = modified_magic_ ? 24 : 16;
  const std::size_t whole = is_ixia(magic) ? kFileHeader + kIxiaSize : kFileHeader;
  if (in.window.peek(whole).size() < whole) return false;
  in.window.skip(whole);
  return true;
}

// The first record and what came with it decide; more is not waited for, since the packets may be live.
void PcapFormat::settle_layout(CaptureContext& in) {
  constexpr std::size_t kLongestHeader = 28;
  const PcapHeaderFacts facts{big_endian_, modified_magic_, snap_length_, in.limits.packet_bytes};
  Bytes records = in.window.peek(16);
  if (records.size() >= 16) {
    const std::uint64_t captured = load_u32(records.data() + 8, big_endian_);
    // A modified file has no usual layout to fall back on: its second record is needed too.
    const std::size_t needed = static_cast<std::size_t>(captured) + (modified_magic_ ? 2 * kLongestHeader : 16);
    if (captured <= facts.packet_limit) records = in.window.peek(needed);
  }
  record_header_ = pcap_record_header(records, facts);
  if (record_header_ != 16) modified_ = true;
}

PcapFormat::Record PcapFormat::record_at(const std::uint8_t* at) const {
  Record record{load_u32(at, big_endian_), load_u32(at + 4, big_endian_), load_u32(at + 8, big_endian_),
                load_u32(at + 12, big_endian_)};
  // Files before version 2.3 had the two lengths the other way round, and those of 2.3 may have.
  if (minor_version_ < 3 || (minor_version_ == 3 && record.captured > record.wire)) {
    std::swap(record.captured, record.wire);
  }
  return record;
}

bool PcapFormat::believable(const Record& record) const {
  const std::uint32_t distance = record.seconds - last_seconds_ + kBelievableSeconds;
  return record.captured > 0 && record.captured <= kBelievableBytes && record.captured <= record.wire &&
         record.wire <= kBelievableBytes && record.fraction < (nanoseconds_ ? 1000000000u : 1000000u) &&
         (!any_record_ || distance <= 2 * kBelievableSeconds);
}

std::optional<CapturedPacket> PcapFormat::next(CaptureContext& in) {
  if (record_header_ == 0) settle_layout(in);
  Bytes head = in.window.peek(record_header_);
  if (head.empty()) return std::nullopt;
  if (head.size() < record_header_) {
    in.end_cut();
    return std::nullopt;
  }
  Record record = record_at(head.data());
  if (record.captured > in.limits.packet_bytes) {
    const bool found = find_record(in, record_header_, [this](const std::uint8_t* at) {
      const Record candidate = record_at(at);
      return believable(candidate) ? record_header_ + candidate.captured : std::size_t{0};
    });
    if (!found) {
      in.end_cut();
      return std::nullopt;
    }
    head = in.window.peek(record_header_);
    record = record_at(head.data());
  }
  const std::size_t whole = record_header_ + record.captured;
  const Bytes bytes = head.size() >= whole ? head : in.window.peek(whole);
  if (bytes.size() < whole) {
    in.end_cut();
    return std::nullopt;
  }
  CapturedPacket packet;
  packet.id = {in.capture, ++in.packets};
  packet.link_type = link_type_;
  const std::int64_t fraction = nanoseconds_ ? record.fraction : std::int64_t{record.fraction} * 1000;
  packet.time = {std::int64_t{record.seconds} * 1000000000 + fraction};
  packet.wire_length = record.wire < record.captured ? record.captured : record.wire;
  packet.data = bytes.subspan(record_header_, record.captured);
  packet.owner = in.window.owner();
  trim_fcs(packet.data, packet.wire_length, fcs_bytes_);
  last_seconds_ = record.seconds;
  any_record_ = true;
  in.window.skip(whole);
  return packet;
}

}  // namespace tattle
