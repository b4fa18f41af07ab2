#include "capture/pcapng_format.h"

#include <algorithm>
#include <array>
#include <limits>

namespace tattle {
namespace {

using namespace pcapng_block;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
// Records that Wireshark shows as frames though they hold no packet: systemd's journal, Sysdig's events, custom blocks.
constexpr std::array<std::uint32_t, 9> kFramesWithoutPacket{9,     0x204, 0x208, 0x216,     0x217,
                                                            0x221, 0x222, 0xbad, 0x40000bad};
constexpr std::uint64_t kBlockBytes = 16 << 20;       // names and secrets
constexpr std::uint64_t kOverhead = 64 << 10;         // of a packet block: header and options
constexpr std::uint64_t kBelievableBytes = 64 << 20;  // a longer block is damage
constexpr std::size_t kSearchBytes = 1 << 20;         // looked at together after damage
constexpr std::size_t kSearchBlockBytes = 1 << 18;    // the longest block that a search can find

bool is_packet(std::uint32_t type) {
  return type == kEnhancedPacket || type == kSimplePacket || type == kObsoletePacket;
}

bool is_section_start(const std::uint8_t* at, bool& big_endian) {
  if (load_u32(at, true) != kSectionHeader) return false;
  for (bool order : {false, true}) {
    if (load_u32(at + 8, order) != kByteOrderMagic) continue;
    big_endian = order;
    return true;
  }
  return false;
}

bool is_frame_without_packet(std::uint32_t type) {
  return std::find(kFramesWithoutPacket.begin(), kFramesWithoutPacket.end(), type) != kFramesWithoutPacket.end();
}

}  // namespace

bool PcapngFormat::matches(Bytes magic) { return magic.size() >= 4 && load_u32(magic.data(), true) == kSectionHeader; }

bool PcapngFormat::start(CaptureContext& in) {
  const Bytes head = in.window.peek(28);
  return head.size() >= 28 && is_section_start(head.data(), big_endian_);
}

std::optional<CaptureEvent> PcapngFormat::next(CaptureContext& in) {
  while (true) {
    if (names_given_ < names_.size()) return CaptureEvent(names_[names_given_++]);
    names_owner_.reset();
    Bytes head = in.window.peek(12);
    if (head.empty()) return std::nullopt;
    if (head.size() < 12) {
      in.end_cut();
      return std::nullopt;
    }
    bool order = big_endian_;
    const bool section = load_u32(head.data(), true) == kSectionHeader;
    const bool sound_section = section && is_section_start(head.data(), order);
    const std::uint32_t type = load_u32(head.data(), order);
    // Lengths are multiples of 4; some writers forget to count the padding, and Wireshark forgives them.
    const std::uint64_t stated = load_u32(head.data() + 4, order);
    const std::uint64_t length = (stated + 3) & ~std::uint64_t{3};
    if (stated < 12 || length > kBelievableBytes || section != sound_section) {
      if (!resynchronise(in)) return std::nullopt;
      continue;
    }
    const std::uint64_t most = is_packet(type) ? in.limits.packet_bytes + kOverhead : kBlockBytes;
    if (length > most) {
      if (auto event = pass_long_block(in, type, length)) return event;
      continue;
    }
    const std::size_t whole = static_cast<std::size_t>(length);
    const Bytes block = head.size() >= whole ? head : in.window.peek(whole);
    if (block.size() < whole && (is_packet(type) || whole <= kSearchBlockBytes)) {
      in.end_cut();
      return std::nullopt;
    }
    const bool trailer_fits = block.size() >= whole && load_u32(block.data() + whole - 4, order) == stated;
    if (!trailer_fits) {
      if (!resynchronise(in)) return std::nullopt;
      continue;
    }
    big_endian_ = order;
    in.window.skip(whole);
    if (is_frame_without_packet(type)) ++in.packets;
    if (auto event = on_block(in, type, block.subspan(8, whole - 12))) return event;
  }
}

// A block stands at any multiple of 4 after the damage: its two lengths agree and its type is one that exists.
bool PcapngFormat::resynchronise(CaptureContext& in) {
  const auto found = [&](Bytes area, std::size_t at) {
    bool order = big_endian_;
    const bool section = is_section_start(area.data() + at, order);
    const std::uint32_t type = load_u32(area.data() + at, order);
    const std::uint32_t length = load_u32(area.data() + at + 4, order);
    if (!section && !is_packet(type) && type != kInterfaceDescription && type != kNameResolution && type != kSecrets) {
      return false;
    }
    return length >= 16 && length % 4 == 0 && length <= kSearchBlockBytes && at + length <= area.size() &&
           load_u32(area.data() + at + length - 4, order) == length;
  };
  bool noted = false;
  for (std::size_t first = 4;; first = 0) {
    Bytes area = in.window.peek(kSearchBytes);
    area = area.first(std::min(kSearchBytes, area.size()));
    const bool last = area.size() < kSearchBytes;
    const std::size_t until = last ? area.size() : area.size() - kSearchBlockBytes;
    for (std::size_t at = first; at < until && at + 12 <= area.size(); at += 4) {
      if (!found(area, at)) continue;
      if (!noted) in.note("capture.damaged-length");
      in.window.skip(at);
      return true;
    }
    if (last) break;
    if (!noted) in.note("capture.damaged-length");
    noted = true;
    in.window.skip(until);
  }
  // Nothing sound follows: the file was cut here, or it makes no difference.
  in.end_cut();
  return false;
}

// The rest of the packet is left out; of other blocks, everything.
std::optional<CaptureEvent> PcapngFormat::pass_long_block(CaptureContext& in, std::uint32_t type,
                                                          std::uint64_t length) {
  std::optional<CaptureEvent> event;
  if (is_packet(type)) {
    constexpr std::size_t kFields = 20;
    const std::size_t kept = static_cast<std::size_t>(in.limits.packet_bytes) + kFields;
    const Bytes start = in.window.peek(8 + kept);
    event = on_block(in, type, start.subspan(8, std::min(start.size() - 8, kept)));
    in.note("capture.packet-too-long");
  } else {
    if (is_frame_without_packet(type)) ++in.packets;
    in.note("capture.block-too-long");
  }
  if (!in.window.skip_far(length)) in.end_cut();
  return event;
}

}  // namespace tattle
