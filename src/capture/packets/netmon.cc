#include "capture/packets/netmon.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace tattle {
namespace {

constexpr std::size_t kFileHeader = 128;
constexpr std::size_t kPlacedBytes = 64 << 10;  // read at a time from a place, since the next frame may stand elsewhere
constexpr std::uint32_t kBelievableBytes = 262144;          // the largest snap length that programs write
constexpr std::int64_t kLongestCapture = 1000000000000000;  // microseconds from the start, about 30 years
constexpr std::uint16_t kUnknownLink = 65535;

// Frames that are no packets; NetMon's own, some of which Wireshark does not number.
constexpr std::uint16_t kPcapLinks = 0xe000, kEvent = 0xffe0, kNetworkInfoEx = 0xfffb, kPayloadHeader = 0xfffc,
                        kNetworkInfo = 0xfffd, kDnsCache = 0xfffe, kFilter = 0xffff;

// A SYSTEMTIME: year, month, day of week, day, hour, minute, second, millisecond.
Time read_system_time(const std::uint8_t* at) {
  const auto field = [at](int i) { return load_u16(at + 2 * i, false); };
  using namespace std::chrono;
  const year_month_day day{year{field(0)}, month{field(1)}, std::chrono::day{field(3)}};
  if (!day.ok() || field(0) < 1970 || field(0) > 2200) return {};
  const std::int64_t seconds =
      sys_days(day).time_since_epoch().count() * std::int64_t{86400} + field(4) * 3600 + field(5) * 60 + field(6);
  return {seconds * 1000000000 + field(7) * std::int64_t{1000000}};
}

std::uint64_t digest_with(std::uint64_t digest, std::uint64_t offset) { return (digest ^ offset) * 1099511628211u + 1; }

}  // namespace

std::size_t PlacedSource::read(std::uint8_t* into, std::size_t room) {
  const std::size_t got = file_.read_at(offset_, into, std::min(room, kPlacedBytes));
  offset_ += got;
  return got;
}

bool NetmonFormat::matches(Bytes front) {
  return as_text(front).starts_with("RTSS") || as_text(front).starts_with("GMBU");
}

std::string NetmonFormat::start(CaptureContext& in) {
  const Bytes head = in.window.peek(kFileHeader);
  if (head.size() < kFileHeader) return "ends within its file header; capture again or copy it anew";
  minor_ = head[4];
  major_ = head[5];
  if (major_ != 1 && major_ != 2) {
    return fmt::format(
        "is a Network Monitor capture of version {}; convert it with `editcap -F pcapng IN OUT` if Wireshark "
        "opens it",
        major_);
  }
  network_ = load_u16(head.data() + 6, false);
  start_ = read_system_time(head.data() + 8);
  table_ = load_u32(head.data() + 24, false);
  table_frames_ = load_u32(head.data() + 28, false) / 4;
  in.window.skip(kFileHeader);
  // A capture that was cut, or whose program ended before its time, has no table.
  if (file_ != nullptr && (table_frames_ == 0 || table_ + 4 * table_frames_ > file_->size())) file_ = nullptr;
  if (file_ == nullptr) return "";
  table_source_ = std::make_unique<PlacedSource>(*file_, table_);
  table_window_ = std::make_unique<BlockWindow>(*table_source_);
  return "";
}

std::size_t NetmonFormat::trailer_bytes() const {
  constexpr std::size_t kTrailers[] = {0, 2, 6, 15};
  return major_ == 1 ? 0 : kTrailers[std::min<std::size_t>(minor_, 3)];
}

NetmonFormat::Frame NetmonFormat::frame_at(const std::uint8_t* at) const {
  if (major_ == 1) return {load_u32(at, false), load_u16(at + 4, false), load_u16(at + 6, false)};
  return {load_u64(at, false), load_u32(at + 8, false), load_u32(at + 12, false)};
}

// Goes to the place of the next frame in the table; false at its end.
bool NetmonFormat::go_by_table(CaptureContext& in) {
  if (frames_ == table_frames_) return false;
  const Bytes entry = table_window_->peek(4);
  // Frames do not overlap: a table that names more bytes than there are is no table.
  if (entry.size() < 4 || frame_bytes_ > file_->size()) {
    in.note("capture.damaged-length");
    in.end_cut();
    return false;
  }
  const std::uint64_t offset = load_u32(entry.data(), false);
  table_window_->skip(4);
  const std::uint64_t here = placed_ ? placed_from_ + placed_->offset() : 0;
  if (placed_ && offset >= here && offset - here < kPlacedBytes) {
    placed_->skip_far(offset - here);
    return true;
  }
  placed_.reset();
  frame_source_ = std::make_unique<PlacedSource>(*file_, offset);
  placed_ = std::make_unique<BlockWindow>(*frame_source_);
  placed_from_ = offset;
  return true;
}

// The table, when it stands where reading in sequence has come to: whether it names the frames in this order.
bool NetmonFormat::check_order(CaptureContext& in) {
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < table_frames_; ++i) {
    const Bytes entry = in.window.peek(4);
    if (entry.size() < 4) return true;  // cut: the order is not known to be another
    digest = digest_with(digest, load_u32(entry.data(), false));
    in.window.skip(4);
  }
  return digest == offsets_digest_;
}

// The next frame is the next that can be one: some files have holes.
bool NetmonFormat::go_in_sequence(CaptureContext& in) {
  const bool table_ahead = table_ >= kFileHeader && table_frames_ > 0;
  if (table_ahead && in.window.offset() >= table_) {
    if (!check_order(in)) in.note("capture.frame-order");
    return false;
  }
  const Bytes head = in.window.peek(header_bytes());
  if (head.size() < header_bytes()) {
    if (table_ahead || !head.empty()) in.end_cut();
    return false;
  }
  const Frame frame = frame_at(head.data());
  const bool fits = !table_ahead || in.window.offset() + whole_bytes(frame) <= table_;
  if (frame.captured > in.limits.packet_bytes || !fits) {
    const bool found = find_record(in, header_bytes(), [this](const std::uint8_t* at) -> std::size_t {
      const Frame candidate = frame_at(at);
      const bool believable = candidate.captured > 0 && candidate.captured <= candidate.wire &&
                              candidate.wire <= kBelievableBytes && candidate.delta < kLongestCapture;
      return believable ? whole_bytes(candidate) : 0;
    });
    if (!found) {
      in.end_cut();
      return false;
    }
  }
  offsets_digest_ = digest_with(offsets_digest_, in.window.offset());
  return true;
}

Time NetmonFormat::time_of(const Frame& frame, Bytes trailer) const {
  constexpr std::uint64_t kUnixEpoch = 116444736000000000;  // a FILETIME: 100 ns since 1601
  if (trailer.size() >= 15) {
    const std::uint64_t since_1601 = load_u64(trailer.data() + 6, false);
    if (since_1601 >= kUnixEpoch && since_1601 - kUnixEpoch < 90000000000000000) {
      return {static_cast<std::int64_t>(since_1601 - kUnixEpoch) * 100};
    }
  }
  if (major_ == 1) return {start_.ns + static_cast<std::int64_t>(frame.delta) * 1000000};
  // Frames from before the start count from below: the value, times ten, is a signed number of 100 ns.
  const std::int64_t tenths = static_cast<std::int64_t>(frame.delta * 10);
  return {start_.ns + std::clamp(tenths, -10 * kLongestCapture, 10 * kLongestCapture) * 100};
}

// Whether the frame is a packet; it gets its number if Wireshark gives it one.
bool NetmonFormat::is_frame(CaptureContext& in, std::uint16_t network) {
  if (network == kPayloadHeader || network == kNetworkInfo || network == kDnsCache) return false;
  ++in.packets;
  return network != kEvent && network != kNetworkInfoEx && network != kFilter;
}

void NetmonFormat::set_link(CapturedPacket& packet, std::uint16_t network) const {
  constexpr std::uint16_t kWifi = 105, kRaw = 101;
  constexpr std::uint16_t kLinks[] = {1, 1, 6, 10, kUnknownLink, kUnknownLink, kWifi, kRaw, kRaw, kRaw};
  packet.link_type = kUnknownLink;
  if (network < std::size(kLinks)) {
    packet.link_type = kLinks[network];
  } else if (network == 0xe080) {
    packet.link_type = kWifi;  // Message Analyzer's; those up to 0xe08a are other messages of its
  } else if ((network & 0xf000) == kPcapLinks && (network < 0xe080 || network > 0xe08a)) {
    packet.link_type = network & 0x0fff;  // converted from pcap
  }
  // NetMon's own header before an 802.11 frame: its version, and its length.
  if (network == 6 && packet.data.size() >= 3 && packet.data[0] == 2) {
    const std::uint16_t header = load_u16(packet.data.data() + 1, false);
    if (header < 3 || header > packet.data.size()) return;
    packet.data = packet.data.subspan(header);
    packet.wire_length -= header;
  }
}

std::optional<CapturedPacket> NetmonFormat::next(CaptureContext& in) {
  while (file_ != nullptr ? go_by_table(in) : go_in_sequence(in)) {
    ++frames_;
    const Bytes head = window(in).peek(header_bytes());
    const Frame frame = head.size() < header_bytes() ? Frame{} : frame_at(head.data());
    const std::size_t whole = whole_bytes(frame);
    const bool fits = head.size() >= header_bytes() && frame.captured <= in.limits.packet_bytes;
    const Bytes bytes = fits ? window(in).peek(whole) : Bytes();
    if (!fits || bytes.size() < whole) {
      if (file_ == nullptr) {
        in.end_cut();
        return std::nullopt;
      }
      ++in.packets;  // the others are where the table says
      in.note("capture.damaged-length");
      continue;
    }
    frame_bytes_ += whole;
    const std::shared_ptr<const void> owner = window(in).owner();
    window(in).skip(whole);
    const Bytes trailer = bytes.subspan(header_bytes() + frame.captured, trailer_bytes());
    const std::uint16_t network = trailer.empty() ? network_ : load_u16(trailer.data(), false);
    if (!is_frame(in, network)) continue;
    if (trailer.size() < 15) in.note("capture.zone-unknown");
    CapturedPacket packet;
    packet.id = {in.capture, in.packets};
    packet.time = time_of(frame, trailer);
    packet.wire_length = std::max(frame.wire, frame.captured);
    packet.data = bytes.subspan(header_bytes(), frame.captured);
    packet.owner = owner;
    set_link(packet, network);
    return packet;
  }
  return std::nullopt;
}

}  // namespace tattle
