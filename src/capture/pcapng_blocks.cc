// What the blocks of a pcapng file hold; pcapng_format.cc finds where they begin and end.
#include <algorithm>
#include <limits>

#include "capture/pcapng_format.h"

namespace tattle {
namespace {

using namespace pcapng_block;

constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
constexpr std::size_t kInterfaces = 1 << 16;  // of one section
constexpr std::uint16_t kUnknownLinkType = 0xffff;

std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

// Calls `on_option(code, value)` for each option until the list ends or breaks off.
template <class Visitor>
void each_option(Bytes options, bool big_endian, Visitor&& on_option) {
  while (options.size() >= 4) {
    const std::uint16_t code = load_u16(options.data(), big_endian);
    const std::uint16_t length = load_u16(options.data() + 2, big_endian);
    if (code == 0 || std::size_t{4} + length > options.size()) return;
    on_option(code, options.subspan(4, length));
    options = options.subspan(std::min(options.size(), 4 + padded(length)));
  }
}

}  // namespace

Time pcapng_time(std::uint64_t units, const PcapngInterface& interface) {
  constexpr std::int64_t kSecond = 1000000000;
  __int128 ns = 0;
  const unsigned exponent = interface.resolution & 0x7f;
  if ((interface.resolution & 0x80) != 0) {
    // units * 10^9 has 94 bits, so anything shifted further is zero.
    ns = exponent < 100 ? static_cast<__int128>(static_cast<unsigned __int128>(units) * kSecond >> exponent) : 0;
  } else {
    ns = static_cast<__int128>(units);
    for (unsigned power = exponent; power < 9; ++power) ns *= 10;
    for (unsigned power = 9; power < exponent && ns != 0; ++power) ns /= 10;
  }
  ns += static_cast<__int128>(interface.offset_seconds) * kSecond;
  // Half the range, so that the difference of two times always fits.
  constexpr __int128 kMost = std::numeric_limits<std::int64_t>::max() / 2;
  return {static_cast<std::int64_t>(std::clamp<__int128>(ns, -kMost, kMost))};
}

std::optional<CaptureEvent> PcapngFormat::on_block(CaptureContext& in, std::uint32_t type, Bytes body) {
  switch (type) {
    case kSectionHeader:
      interfaces_.clear();
      return std::nullopt;
    case kInterfaceDescription:
      on_interface(in, body);
      return std::nullopt;
    case kNameResolution:
      on_names(in, body);
      return std::nullopt;
    case kSecrets:
      return on_secrets(in, body);
    case kEnhancedPacket:
    case kObsoletePacket:
    case kSimplePacket:
      return on_packet_block(in, type, body);
    default:
      return std::nullopt;
  }
}

void PcapngFormat::on_interface(CaptureContext& in, Bytes body) {
  if (body.size() < 8) return in.note("capture.malformed-block");
  if (interfaces_.size() >= kInterfaces) return in.note("capture.too-many-interfaces");
  PcapngInterface interface;
  interface.number = interface_count_++;
  interface.link_type = u16(body.data());
  interface.snap_length = u32(body.data() + 4);
  each_option(body.subspan(8), big_endian_, [&](std::uint16_t code, Bytes value) {
    if (code == 9 && value.size() >= 1) interface.resolution = value[0];
    if (code == 13 && value.size() >= 1) interface.fcs_bytes = value[0];
    if (code == 14 && value.size() >= 8) {
      interface.offset_seconds = static_cast<std::int64_t>(load_u64(value.data(), big_endian_));
    }
  });
  interfaces_.push_back(interface);
}

// Records of type, length, address and names that end in a zero byte.
void PcapngFormat::on_names(CaptureContext& in, Bytes body) {
  names_.clear();
  names_given_ = 0;
  names_owner_ = in.window.owner();
  while (body.size() >= 4) {
    const std::uint16_t type = u16(body.data());
    const std::size_t length = u16(body.data() + 2);
    if (type == 0) return;
    if (4 + length > body.size()) return in.note("capture.malformed-block");
    const Bytes value = body.subspan(4, length);
    body = body.subspan(std::min(body.size(), 4 + padded(length)));
    const std::size_t address_bytes = type == 1 ? 4 : type == 2 ? 16 : 0;
    if (address_bytes == 0) continue;  // EUI-48 and EUI-64 names are of no use here
    if (length < address_bytes) return in.note("capture.malformed-block");
    const Bytes raw = value.first(address_bytes);
    const Address address = type == 1 ? Address::v4(raw) : Address::v6(raw);
    std::string_view names = as_text(value.subspan(address_bytes));
    while (!names.empty()) {
      const std::string_view name = names.substr(0, names.find('\0'));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      if (!name.empty()) names_.push_back({address, name});
    }
  }
}

std::optional<CaptureEvent> PcapngFormat::on_secrets(CaptureContext& in, Bytes body) {
  if (body.size() < 8) {
    in.note("capture.malformed-block");
    return std::nullopt;
  }
  const std::size_t length = u32(body.data() + 4);
  if (length > body.size() - 8) in.note("capture.malformed-block");
  CapturedSecrets secrets;
  if (u32(body.data()) == kTlsKeyLog) secrets.kind = CapturedSecrets::Kind::tls_key_log;
  secrets.data = body.subspan(8, std::min(length, body.size() - 8));
  return secrets;
}

std::optional<CaptureEvent> PcapngFormat::on_packet_block(CaptureContext& in, std::uint32_t type, Bytes body) {
  ++in.packets;
  const std::size_t header = type == kSimplePacket ? 4 : 20;
  PacketFields fields;
  if (body.size() < header) {
    in.note("capture.malformed-block");
    return make_packet(in, fields);
  }
  const std::uint8_t* at = body.data();
  fields.rest = body.subspan(header);
  if (type == kSimplePacket) {
    fields.wire = u32(at);
    const std::uint32_t snap = interfaces_.empty() ? 0 : interfaces_[0].snap_length;
    fields.captured = std::min<std::uint64_t>({fields.wire, snap == 0 ? fields.wire : snap, fields.rest.size()});
    return make_packet(in, fields);
  }
  // The obsolete block has a 16-bit interface, and a count of drops in the other half.
  fields.interface = type == kObsoletePacket ? u16(at) : u32(at);
  fields.units = std::uint64_t{u32(at + 4)} << 32 | u32(at + 8);
  fields.captured = u32(at + 12);
  fields.wire = u32(at + 16);
  fields.has_flags = true;
  return make_packet(in, fields);
}

// Bits 5 to 8 of option 2 say how long the frame check sequence of this packet is; 0 means that nobody knows.
std::uint32_t PcapngFormat::fcs_of_flags(Bytes options) const {
  std::uint32_t bytes = 0;
  each_option(options, big_endian_, [&](std::uint16_t code, Bytes value) {
    if (code == 2 && value.size() == 4) bytes = u32(value.data()) >> 5 & 0xf;
  });
  return bytes;
}

CapturedPacket PcapngFormat::make_packet(CaptureContext& in, const PacketFields& fields) {
  CapturedPacket packet;
  packet.id = {in.capture, in.packets};
  packet.owner = in.window.owner();
  packet.wire_length = fields.wire;
  if (fields.captured > fields.rest.size()) in.note("capture.malformed-block");
  const std::size_t captured = static_cast<std::size_t>(std::min<std::uint64_t>(fields.captured, fields.rest.size()));
  packet.data = fields.rest.first(captured);
  packet.wire_length = std::max(fields.wire, static_cast<std::uint32_t>(captured));
  if (fields.interface >= interfaces_.size()) {
    in.note("capture.unknown-interface");
    packet.interface = std::numeric_limits<std::uint32_t>::max();
    packet.link_type = kUnknownLinkType;
    packet.time = last_time_;
    return packet;
  }
  const PcapngInterface& interface = interfaces_[fields.interface];
  packet.interface = interface.number;
  packet.link_type = interface.link_type;
  packet.time = fields.units ? pcapng_time(*fields.units, interface) : last_time_;
  last_time_ = packet.time;
  std::uint32_t fcs_bytes = interface.fcs_bytes;
  if (fields.has_flags && fields.rest.size() > padded(captured)) {
    const std::uint32_t stated = fcs_of_flags(fields.rest.subspan(padded(captured)));
    if (stated != 0) fcs_bytes = stated;
  }
  trim_fcs(packet.data, packet.wire_length, fcs_bytes);
  return packet;
}

}  // namespace tattle
