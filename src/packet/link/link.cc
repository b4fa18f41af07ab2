#include "packet/link/link.h"

#include <pcap/pcap.h>

#include <array>

namespace tattle {
namespace {

constexpr std::array kLinks{
    LinkEntry{1, parse_ethernet},          LinkEntry{101, parse_raw_ip},     LinkEntry{113, parse_linux_cooked},
    LinkEntry{276, parse_linux_cooked_v2}, LinkEntry{0, parse_bsd_loopback}, LinkEntry{108, parse_bsd_loopback},
    LinkEntry{12, parse_raw_ip},           LinkEntry{14, parse_raw_ip},      LinkEntry{228, parse_raw_ip},
    LinkEntry{229, parse_raw_ip},          LinkEntry{9, parse_ppp},          LinkEntry{50, parse_ppp},
    LinkEntry{239, parse_nflog},           LinkEntry{105, parse_wifi},       LinkEntry{127, parse_radiotap},
    LinkEntry{119, parse_prism},           LinkEntry{163, parse_avs},        LinkEntry{192, parse_ppi},
    LinkEntry{104, parse_cisco_hdlc},      LinkEntry{258, parse_pktap},      LinkEntry{149, parse_pktap},
};

}  // namespace

std::span<const LinkEntry> link_table() { return kLinks; }

LinkParser link_parser(std::uint16_t link_type) {
  for (const LinkEntry& entry : kLinks) {
    if (entry.link_type == link_type) return entry.parse;
  }
  return nullptr;
}

std::string link_name(std::uint16_t link_type) {
  const char* name = pcap_datalink_val_to_name(link_type);
  return std::to_string(link_type) + (name ? " (" + std::string(name) + ")" : "");
}

}  // namespace tattle
