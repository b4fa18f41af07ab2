// What the blocks of a pcapng file hold; pcapng_format.cc finds where they begin and end.
#include <algorithm>
#include <charconv>
#include <limits>

#include "capture/pcapng_format.h"

namespace tattle {
namespace {

using namespace pcapng_block;

constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
constexpr std::size_t kInterfaces = 1 << 16;  // of one section
constexpr std::uint16_t kUnknownLinkType = 0xffff;
constexpr std::uint32_t kPcapdroid = 62652;  // its private enterprise number
constexpr std::size_t kApps = 1 << 16;

constexpr std::size_t kOrigins = 64;      // interfaces of which it is kept what the file says of them
constexpr std::size_t kOriginText = 256;  // bytes of each such text

/// Some writers end their texts with zero bytes.
void set_once(std::string& text, Bytes value) {
  if (!text.empty()) return;
  text = as_text(value.first(std::min(value.size(), kOriginText)));
  text.resize(std::min(text.size(), text.find('\0')));
}

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
      on_section(body);
      return std::nullopt;
    case kInterfaceDescription:
      on_interface(in, body);
      return std::nullopt;
    case kStatistics:
      on_statistics(in, body);
      return std::nullopt;
    case kNameResolution:
      on_names(in, body);
      return std::nullopt;
    case kSecrets:
      return on_secrets(in, body);
    case kCustom:
      on_custom(in, body);
      return std::nullopt;
    case kEnhancedPacket:
    case kObsoletePacket:
    case kSimplePacket:
      return on_packet_block(in, type, body);
    default:
      return std::nullopt;
  }
}

// Behind byte order, version and length: what wrote the section.
void PcapngFormat::on_section(Bytes body) {
  constexpr std::size_t kFields = 16;
  if (body.size() < kFields) return;
  each_option(body.subspan(kFields), big_endian_, [&](std::uint16_t code, Bytes value) {
    if (code == 2) set_once(origin_.hardware, value);
    if (code == 3) set_once(origin_.system, value);
    if (code == 4) set_once(origin_.application, value);
  });
}

// Counts grow while the recording runs: the last block of an interface has the whole.
void PcapngFormat::on_statistics(CaptureContext& in, Bytes body) {
  if (body.size() < 12) return in.note("capture.malformed-block");
  const std::uint32_t at = u32(body.data());
  if (at >= interfaces_.size() || interfaces_[at].number >= origin_.interfaces.size()) return;
  CaptureOrigin::Interface& interface = origin_.interfaces[interfaces_[at].number];
  each_option(body.subspan(12), big_endian_, [&](std::uint16_t code, Bytes value) {
    if (value.size() < 8) return;
    const std::uint64_t count = load_u64(value.data(), big_endian_);
    if (code == 4) interface.received = count;
    if (code == 5) interface.dropped = count;
    if (code == 7) interface.dropped_by_system = count;
  });
}

CaptureOrigin PcapngFormat::origin() const {
  CaptureOrigin origin = origin_;
  std::erase_if(origin.interfaces, [](const CaptureOrigin::Interface& each) { return each.empty(); });
  return origin;
}

void PcapngFormat::on_interface(CaptureContext& in, Bytes body) {
  if (body.size() < 8) return in.note("capture.malformed-block");
  if (interfaces_.size() >= kInterfaces) return in.note("capture.too-many-interfaces");
  PcapngInterface interface;
  interface.number = interface_count_++;
  interface.link_type = u16(body.data());
  interface.snap_length = u32(body.data() + 4);
  CaptureOrigin::Interface said;
  each_option(body.subspan(8), big_endian_, [&](std::uint16_t code, Bytes value) {
    if (code == 9 && value.size() >= 1) interface.resolution = value[0];
    if (code == 13 && value.size() >= 1) interface.fcs_bytes = value[0];
    if (code == 14 && value.size() >= 8) {
      interface.offset_seconds = static_cast<std::int64_t>(load_u64(value.data(), big_endian_));
    }
    if (code == 2) set_once(said.name, value);
    if (code == 3) set_once(said.description, value);
    // The first byte says what language the filter is in; 0 is libpcap's.
    if (code == 11 && value.size() > 1 && value[0] == 0) set_once(said.filter, value.subspan(1));
    if (code == 12) set_once(said.system, value);
    if (code == 15) set_once(said.hardware, value);
  });
  interfaces_.push_back(interface);
  if (origin_.interfaces.size() < kOrigins) origin_.interfaces.push_back(std::move(said));
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

// PCAPdroid's custom block of type 1: version (2), type (1), reserved (1), user id (4), the lengths of the package's
// and of the app's name (1 each), both names. Source: PCAPdroid's tools/pcapdroid.lua.
void PcapngFormat::on_custom(CaptureContext& in, Bytes body) {
  if (body.size() < 4 || u32(body.data()) != kPcapdroid) return;
  constexpr std::size_t kHeader = 14;
  if (body.size() >= 7 && (u16(body.data() + 4) != 1 || body[6] != 1)) return;
  if (body.size() < kHeader) return in.note("capture.malformed-block");
  const std::size_t package = body[12], name = body[13];
  if (body.size() < kHeader + package + name) return in.note("capture.malformed-block");
  if (apps_.size() >= kApps) return in.note("capture.apps-limit");
  auto app = std::make_shared<AppInfo>();
  app->uid = static_cast<std::int32_t>(u32(body.data() + 8));
  app->package = as_text(body.subspan(kHeader, package));
  app->name = as_text(body.subspan(kHeader + package, name));
  app->ground = "named by PCAPdroid in the capture file";
  if (app->name.empty()) app->name = app->package;
  if (!app->name.empty()) apps_.emplace(app->uid, std::move(app));
}

// Bits 5 to 8 of option 2 say how long the frame check sequence of this packet is; 0 means that nobody knows.
// A comment `u-10123` is PCAPdroid's way to say whose packet it is, when a custom block gave that user id a name.
std::uint32_t PcapngFormat::read_packet_options(Bytes options, CapturedPacket& packet) const {
  std::uint32_t fcs_bytes = 0;
  each_option(options, big_endian_, [&](std::uint16_t code, Bytes value) {
    if (code == 2 && value.size() == 4) fcs_bytes = u32(value.data()) >> 5 & 0xf;
    const std::string_view text = as_text(value);
    if (code != 1 || apps_.empty() || !text.starts_with("u-")) return;
    std::int64_t uid = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + 2, end, uid);
    if (read.ec != std::errc{} || read.ptr != end) return;
    if (const auto found = apps_.find(uid); found != apps_.end()) packet.app = found->second;
  });
  return fcs_bytes;
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
    const std::uint32_t stated = read_packet_options(fields.rest.subspan(padded(captured)), packet);
    if (stated != 0) fcs_bytes = stated;
  }
  trim_fcs(packet.data, packet.wire_length, fcs_bytes);
  return packet;
}

}  // namespace tattle
