#include "capture/packets/pcap_layout.h"

#include <span>
#include <tuple>

#include "capture/capture_context.h"

namespace tattle {
namespace {

constexpr int kRecordsTried = 3;
constexpr std::uint32_t kMostInterfaces = 10000;  // of a computer of 1999
constexpr std::uint32_t kMostOnWire = 128 << 20;

enum class Extra : std::uint8_t { none, interface, nokia };
struct Layout {
  std::size_t header;
  Extra extra;
};
constexpr Layout kUsual[] = {{16, Extra::none}, {24, Extra::interface}, {20, Extra::nokia}};
constexpr Layout kModified[] = {{24, Extra::interface}, {28, Extra::interface}};

/// How badly records fit a layout.
struct Fit {
  int flaws = 0;
  int whole = 0;     // records that are complete
  bool cut = false;  // the bytes end within a record
  bool operator<(const Fit& other) const { return std::tie(flaws, cut) < std::tie(other.flaws, other.cut); }
};

// Values of linux/if_ether.h: an Ethertype, or a number of the kernel's own.
bool is_linux_protocol(std::uint16_t protocol) {
  return protocol >= 0x0600 || protocol <= 0x0017 || protocol == 0x0060 || protocol == 0x0200 || protocol == 0x0400;
}

// The values seen: 0x9fbfb601 and the like; programs that convert into this layout write zero.
bool is_nokia_word(std::uint32_t word) {
  const std::uint32_t top = word >> 28, third = word >> 12 & 15, second = word >> 8 & 15, low = word & 15;
  return word == 0 || ((word & 0x0fff00f0) == 0x0fbf0000 && (top == 9 || top == 11) && (third == 11 || third == 13) &&
                       (second == 6 || second == 9) && (low == 1 || low == 2));
}

int flaws_of(const std::uint8_t* at, const Layout& layout, const PcapHeaderFacts& facts) {
  const bool big = facts.big_endian;
  const std::uint32_t captured = load_u32(at + 8, big), wire = load_u32(at + 12, big);
  int flaws = 0;
  flaws += load_u32(at + 4, big) >= 1000000;
  flaws += captured > facts.packet_limit;
  flaws += facts.snap_length != 0 && captured > facts.snap_length;
  flaws += wire > kMostOnWire;
  flaws += captured > wire;
  if (layout.extra == Extra::interface) {
    flaws += load_u32(at + 16, big) > kMostInterfaces;
    flaws += !is_linux_protocol(load_u16(at + 20, big));
    flaws += at[22] > 4;  // a PACKET_ value of linux/if_packet.h
  }
  if (layout.extra == Extra::nokia) flaws += !is_nokia_word(load_u32(at + 16, big));
  return flaws;
}

Fit fit_of(Bytes records, const Layout& layout, const PcapHeaderFacts& facts) {
  Fit fit;
  for (int i = 0; i < kRecordsTried && !records.empty(); ++i) {
    fit.cut = records.size() < layout.header;
    if (fit.cut) break;
    fit.flaws += flaws_of(records.data(), layout, facts);
    const std::uint32_t captured = load_u32(records.data() + 8, facts.big_endian);
    if (captured > facts.packet_limit) break;
    fit.cut = records.size() - layout.header < captured;
    if (fit.cut) break;
    records = records.subspan(layout.header + captured);
    ++fit.whole;
  }
  return fit;
}

}  // namespace

std::size_t pcap_record_header(Bytes records, const PcapHeaderFacts& facts) {
  const std::span<const Layout> layouts = facts.modified_magic ? std::span<const Layout>(kModified) : kUsual;
  const Layout* best = &layouts.front();
  Fit best_fit = fit_of(records, *best, facts);
  for (const Layout& layout : layouts.subspan(1)) {
    const Fit fit = fit_of(records, layout, facts);
    if (!(fit < best_fit) || (!facts.modified_magic && (fit.flaws > 0 || fit.whole == 0))) continue;
    best = &layout;
    best_fit = fit;
  }
  return best->header;
}

}  // namespace tattle
