#include "capture/pcap_format.h"

#include <utility>

namespace tattle {
namespace {

constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d, kKuznetzov = 0xa1b2cd34;
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kSearchBytes = 1 << 20;        // how far a believable record is looked for after damage
constexpr std::uint32_t kBelievableBytes = 262144;   // the largest snap length that programs write
constexpr std::uint32_t kBelievableSeconds = 86400;  // a record found by search lies this near to the last good one

bool known(std::uint32_t magic) { return magic == kMicroseconds || magic == kNanoseconds || magic == kKuznetzov; }

}  // namespace

bool PcapFormat::matches(Bytes magic) {
  return magic.size() >= 4 && (known(load_u32(magic.data(), true)) || known(load_u32(magic.data(), false)));
}

bool PcapFormat::start(CaptureContext& in) {
  const Bytes head = in.window.peek(kFileHeader);
  if (head.size() < kFileHeader) return false;
  big_endian_ = known(load_u32(head.data(), true));
  const std::uint32_t magic = load_u32(head.data(), big_endian_);
  nanoseconds_ = magic == kNanoseconds;
  record_header_ = magic == kKuznetzov ? 24 : 16;
  minor_version_ = load_u16(head.data() + 6, big_endian_);
  const std::uint32_t link = load_u32(head.data() + 20, big_endian_);
  link_type_ = static_cast<std::uint16_t>(link);
  // Bit 26 says that the top four bits count the frame check sequence's 16-bit words.
  if ((link & 0x04000000) != 0) fcs_bytes_ = (link >> 28) * 2;
  in.window.skip(kFileHeader);
  return true;
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

bool PcapFormat::resynchronise(CaptureContext& in) {
  in.note("capture.damaged-length");
  const Bytes area = in.window.peek(kSearchBytes);
  for (std::size_t at = 1; at + record_header_ <= area.size(); ++at) {
    const Record record = record_at(area.data() + at);
    if (!believable(record)) continue;
    // Two records in a row, or one that ends with the input, are no accident.
    const std::size_t follower = at + record_header_ + record.captured;
    const bool last = follower == area.size() && area.size() < kSearchBytes;
    if (!last && (follower + record_header_ > area.size() || !believable(record_at(area.data() + follower)))) continue;
    in.window.skip(at);
    return true;
  }
  return false;
}

std::optional<CapturedPacket> PcapFormat::next(CaptureContext& in) {
  Bytes head = in.window.peek(record_header_);
  if (head.empty()) return std::nullopt;
  if (head.size() < record_header_) {
    in.end_cut();
    return std::nullopt;
  }
  Record record = record_at(head.data());
  if (record.captured > in.limits.packet_bytes) {
    if (!resynchronise(in)) {
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
