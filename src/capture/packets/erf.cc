#include "capture/packets/erf.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::size_t kRecordHeader = 16, kExtensionHeader = 8;
constexpr int kRecordsTried = 10, kRecordsNeeded = 3;
constexpr std::uint32_t kYear = 366 * 86400, kDay = 86400;
constexpr std::uint16_t kUnknownLink = 65535;

constexpr std::uint8_t kMeta = 27, kLastType = 29, kPad = 48;

struct Record {
  std::uint64_t time;  // seconds in the upper half, their fraction in the lower; the only little-endian field
  std::uint8_t type;
  bool extended;
  std::uint8_t flags;
  std::uint16_t whole, wire;
  std::uint32_t seconds() const { return static_cast<std::uint32_t>(time >> 32); }
};

Record record_at(const std::uint8_t* at) {
  return {load_u64(at, false),     static_cast<std::uint8_t>(at[8] & 0x7f),
          (at[8] & 0x80) != 0,     at[9],
          load_u16(at + 10, true), load_u16(at + 14, true)};
}

bool is_ethernet(std::uint8_t type) { return type == 2 || type == 11 || type == 16 || type == 20; }
bool is_hdlc(std::uint8_t type) { return type == 1 || type == 10 || type == 15 || type == 19; }
// Their records begin with four bytes about the channel.
bool is_channelled(std::uint8_t type) { return (type >= 5 && type <= 9) || type == 12 || type == 17 || type == 18; }

bool possible(const Record& record) {
  return record.whole >= kRecordHeader && record.type != 0 && (record.type <= kLastType || record.type == kPad) &&
         (record.type == kPad || record.whole > kRecordHeader);
}

// Bytes before the packet, or more than there are when the record is too short for them.
std::size_t before_packet(Bytes record, const Record& fields) {
  std::size_t at = kRecordHeader;
  for (bool more = fields.extended; more && at < record.size(); at += kExtensionHeader) more = (record[at] & 0x80) != 0;
  if (is_ethernet(fields.type)) return at + 2;
  return is_channelled(fields.type) ? at + 4 : at;
}

std::uint16_t link_of(std::uint8_t type, Bytes packet) {
  if (is_ethernet(type)) return 1;
  if (type == 22) return 228;  // IPv4
  if (type == 23) return 229;  // IPv6
  // HDLC is PPP's (RFC 1662) or Cisco's; their first two bytes tell them apart.
  if (is_hdlc(type) && packet.size() >= 2 && packet[0] == 0xff && packet[1] == 0x03) return 50;
  if (is_hdlc(type) && packet.size() >= 2 && (packet[0] == 0x0f || packet[0] == 0x8f)) return 104;
  return kUnknownLink;
}

Time time_of(std::uint64_t time) {
  const std::uint64_t fraction = (time & 0xffffffff) * 1000000000;
  const std::uint64_t rounded = (fraction >> 32) + (fraction >> 31 & 1);
  return {static_cast<std::int64_t>((time >> 32) * 1000000000 + rounded)};
}

}  // namespace

bool ErfFormat::matches(const PeekFront& peek) {
  std::size_t at = 0;
  std::uint32_t last_seconds = 0;
  int met = 0;  // records that are no padding
  for (int i = 0; i < kRecordsTried; ++i) {
    Bytes area = peek(at + kRecordHeader);
    if (area.size() < at + kRecordHeader) return met >= kRecordsNeeded || (met > 0 && area.size() == at);
    const Record record = record_at(area.data() + at);
    if (!possible(record)) return false;
    area = peek(at + record.whole);
    if (area.size() < at + record.whole) return met >= kRecordsNeeded;
    if (before_packet(area.subspan(at, record.whole), record) > record.whole) return false;
    at += record.whole;
    if (record.type == kPad) continue;
    ++met;
    // Records of several interfaces may be out of order by a second, and editing programs leave the time of their
    // first description at zero.
    const bool later = record.seconds() + 1 >= last_seconds;
    if (!later || (last_seconds != 0 && record.seconds() > last_seconds + kYear)) return false;
    last_seconds = record.seconds();
  }
  return met >= kRecordsNeeded;
}

std::optional<CapturedPacket> ErfFormat::next(CaptureContext& in) {
  while (true) {
    Bytes head = in.window.peek(kRecordHeader);
    if (head.empty()) return std::nullopt;
    if (head.size() < kRecordHeader) break;
    Record fields = record_at(head.data());
    if (!possible(fields)) {
      const bool found = find_record(in, kRecordHeader, [this](const std::uint8_t* at) {
        const Record candidate = record_at(at);
        const std::uint32_t distance = candidate.seconds() - last_seconds_ + kDay;
        const bool believable = possible(candidate) && candidate.type != kPad && distance <= 2 * kDay;
        return believable ? std::size_t{candidate.whole} : std::size_t{0};
      });
      if (!found) break;
      head = in.window.peek(kRecordHeader);
      fields = record_at(head.data());
    }
    const Bytes record = in.window.peek(fields.whole);
    if (record.size() < fields.whole) break;
    CapturedPacket packet;
    packet.owner = in.window.owner();
    in.window.skip(fields.whole);
    if (fields.type == kPad) continue;
    last_seconds_ = fields.seconds();
    packet.id = {in.capture, ++in.packets};
    if (fields.type == kMeta) continue;  // what the capturing host says of itself has a number, but is no packet
    const std::size_t before = before_packet(record.first(fields.whole), fields);
    if (before > fields.whole) {
      in.note("capture.damaged-length");
      continue;
    }
    // Records are padded; what is over is no packet. A check sequence stays: whether there is one is not said, and
    // nothing above Ethernet counts it.
    packet.data = record.subspan(before, std::min<std::size_t>(fields.wire, fields.whole - before));
    packet.wire_length = std::max<std::uint32_t>(fields.wire, static_cast<std::uint32_t>(packet.data.size()));
    packet.interface = fields.flags & 3;
    packet.link_type = link_of(fields.type, packet.data);
    packet.time = time_of(fields.time);
    if (packet.data.size() > in.limits.packet_bytes) {
      packet.data = packet.data.first(static_cast<std::size_t>(in.limits.packet_bytes));
      in.note("capture.packet-too-long");
    }
    return packet;
  }
  in.end_cut();
  return std::nullopt;
}

}  // namespace tattle
