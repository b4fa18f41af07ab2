#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "packet/segment.h"

namespace tattle {

/// A part of an 802.11 data frame's body.
struct WifiFragment {
  MacAddress transmitter, receiver;
  std::uint16_t sequence = 0;  // 12 bits, the same for all parts
  std::uint8_t number = 0;     // 0 to 15
  std::uint8_t tid = 16;       // of QoS data: each has sequence numbers of its own; 16: not QoS
  bool more = false;
  bool subframes = false;  // the whole is an A-MSDU
  Bytes body;              // without a check sequence; lives as long as the frame
};

/// What a link layer's header says, and the IP packet behind it.
struct LinkPayload {
  Bytes ip;                   // from the IP header on, with any padding; lives as long as the frame
  std::optional<Unread> why;  // there is no IP packet, and why
  std::string_view oddity;    // a literal: the anomaly that malformed is; empty: the header itself is wrong
  bool has_source = false;    // `source` is set
  bool has_destination = false;
  MacAddress source;
  MacAddress destination;
  // Told apart from other places where the same packet could have been seen, as Duplicates wants it; 0: one place only.
  std::uint64_t point = 0;
  bool retry = false;                    // the frame says that it was sent before (802.11)
  std::uint64_t vlan = 0;                // ids of the tags met, the outer ones in the higher bits; 0: none
  std::optional<WifiFragment> fragment;  // `why` is fragment_lost until others have made it whole
  Bytes following;                       // further subframes of the same frame (802.11 A-MSDU), for next_subframe()
};

/// Reads one frame's link header.
using LinkParser = LinkPayload (*)(Bytes frame);

/// A link type (LINKTYPE_ value) and its parser; a new one is a file and a line here.
struct LinkEntry {
  std::uint16_t link_type;
  LinkParser parse;
};
std::span<const LinkEntry> link_table();

/// The parser of a link type, or null. Source of the numbers: tcpdump.org/linktypes.html.
LinkParser link_parser(std::uint16_t link_type);
/// A link type's number, and its name where libpcap knows one: "249 (USBPCAP)".
std::string link_name(std::uint16_t link_type);

LinkPayload parse_ethernet(Bytes frame);         // IEEE 802.3, 802.1Q, 802.1ad
LinkPayload parse_raw_ip(Bytes frame);           // the version nibble tells
LinkPayload parse_linux_cooked(Bytes frame);     // SLL
LinkPayload parse_linux_cooked_v2(Bytes frame);  // SLL2
LinkPayload parse_bsd_loopback(Bytes frame);     // NULL and LOOP: an address family of the writing system
LinkPayload parse_ppp(Bytes frame);              // RFC 1661, with or without HDLC framing
LinkPayload parse_nflog(Bytes frame);            // Linux netfilter log
LinkPayload parse_wifi(Bytes frame);             // IEEE 802.11 without a capture header
LinkPayload parse_radiotap(Bytes frame);         // radiotap.org
LinkPayload parse_prism(Bytes frame);            // Prism monitor header, or AVS in its place
LinkPayload parse_avs(Bytes frame);              // AVS wireless monitor header
LinkPayload parse_ppi(Bytes frame);              // CACE Per-Packet Information, around any link type
LinkPayload parse_cisco_hdlc(Bytes frame);       // Cisco's HDLC: an Ethertype behind address and control
LinkPayload parse_pktap(Bytes frame);            // Apple's PKTAP, as recorded off an iPhone, around any link type

/// Reads an 802.11 data frame's body, once its fragments are together, into the payload that its header gave.
void read_wifi_body(Bytes body, bool subframes, LinkPayload& payload);

/// The next subframe of the frame that `payload` came from; false when there is none.
bool next_subframe(LinkPayload& payload);

/// Adds what an Ethertype announces: IP, tags before it, PPPoE (RFC 2516) MPLS (RFC 3032), with
/// Ethernet behind a control word too (RFC 4448); else not_ip.
void follow_ethertype(std::uint16_t ethertype, Bytes rest, LinkPayload& payload);

}  // namespace tattle
