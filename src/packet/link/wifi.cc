// IEEE 802.11 data frames, with and without the headers that monitor-mode drivers put before them.
#include <zlib.h>

#include <algorithm>

#include "packet/link/link.h"

namespace tattle {
namespace {

std::uint16_t le16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at + 1] << 8 | bytes[at]); }
std::uint32_t le32(Bytes bytes, std::size_t at) { return std::uint32_t{le16(bytes, at + 2)} << 16 | le16(bytes, at); }
std::uint16_t be16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }
std::uint32_t be32(Bytes bytes, std::size_t at) { return std::uint32_t{be16(bytes, at)} << 16 | be16(bytes, at + 2); }

LinkPayload unread(Unread why) {
  LinkPayload payload;
  payload.why = why;
  return payload;
}

MacAddress mac_at(Bytes frame, std::size_t at) {
  MacAddress mac;
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(at), 6, mac.bytes.begin());
  return mac;
}

/// LLC and SNAP: RFC 1042, and the bridge tunnel encapsulation of IEEE 802.1H.
bool is_snap(Bytes body) {
  return body.size() >= 8 && body[0] == 0xaa && body[1] == 0xaa && body[2] == 3 && body[3] == 0 && body[4] == 0 &&
         (body[5] == 0 || body[5] == 0xf8);
}

void follow_llc(Bytes body, LinkPayload& payload) {
  if (!is_snap(body)) {
    payload.why = Unread::not_ip;
    return;
  }
  follow_ethertype(be16(body, 6), body.subspan(8), payload);
}

// Some drivers decrypt and leave the bit set, with or without the 8-byte IV of TKIP and CCMP. A whole SNAP header
// before IP is met by chance once in 2^63 frames.
bool follow_decrypted(Bytes body, LinkPayload& payload) {
  for (std::size_t at : {std::size_t{0}, std::size_t{8}}) {
    if (body.size() < at + 8 || !is_snap(body.subspan(at)) || body[at + 5] != 0) continue;
    const unsigned ethertype = be16(body, at + 6);
    if (ethertype != 0x0800 && ethertype != 0x86dd) continue;
    follow_ethertype(static_cast<std::uint16_t>(ethertype), body.subspan(at + 8), payload);
    return true;
  }
  return false;
}

// Of a whole body, a check sequence at the frame's end needs no flag: IP and A-MSDU say themselves where they end.
struct WifiFlags {
  bool padded = false;  // the header is padded to a multiple of 4
  bool bad_fcs = false;
  bool has_fcs = false;  // surely; else it may be there all the same
};

// The check sequence of a fragment would stand in the middle of the whole. IEEE 802.11-2020 section 9.2.4.8: the CRC
// of IEEE 802.3, so that it gives itself away.
Bytes without_fcs(Bytes frame, bool surely) {
  constexpr std::size_t kFcs = 4;
  if (frame.size() < kFcs) return frame;
  const Bytes before = frame.first(frame.size() - kFcs);
  const bool fits = crc32(0, before.data(), static_cast<uInt>(before.size())) == le32(frame, before.size());
  return surely || fits ? before : frame;
}

// Address 1 receives, address 2 transmits, whoever the bits say that the ends are.
WifiFragment read_fragment(Bytes frame, std::size_t header, bool qos, std::size_t qos_at, WifiFlags flags) {
  WifiFragment fragment;
  fragment.receiver = mac_at(frame, 4);
  fragment.transmitter = mac_at(frame, 10);
  fragment.sequence = le16(frame, 22) >> 4;
  fragment.number = frame[22] & 0xf;
  fragment.more = (frame[1] & 4) != 0;
  if (qos) fragment.tid = frame[qos_at] & 0xf;
  fragment.subframes = qos && (frame[qos_at] & 0x80) != 0;
  const Bytes whole = without_fcs(frame, flags.has_fcs);
  fragment.body = whole.subspan(std::min(whole.size(), header));
  return fragment;
}

// IEEE 802.11-2020 section 9.3.2.1: addresses by the To DS and From DS bits.
void read_addresses(Bytes frame, unsigned ds, LinkPayload& payload) {
  constexpr std::size_t kFirst = 4, kSecond = 10, kThird = 16, kFourth = 24;
  const bool to_ds = (ds & 1) != 0, from_ds = (ds & 2) != 0;
  payload.destination = mac_at(frame, to_ds ? kThird : kFirst);
  payload.source = mac_at(frame, !from_ds ? kSecond : to_ds ? kFourth : kThird);
  payload.has_source = payload.has_destination = true;
}

LinkPayload parse_frame(Bytes frame, WifiFlags flags) {
  if (flags.bad_fcs) {
    LinkPayload damaged = unread(Unread::malformed);
    damaged.oddity = "wlan.bad-fcs";
    return damaged;
  }
  if (frame.size() < 2) return unread(Unread::malformed);
  const unsigned control = frame[0], bits = frame[1];
  const unsigned type = control >> 2 & 3, subtype = control >> 4;
  if ((control & 3) != 0 || type != 2) return unread(Unread::not_ip);
  const bool qos = (subtype & 8) != 0;
  if ((subtype & 4) != 0) return unread(Unread::not_ip);  // Null: no data
  const unsigned ds = bits & 3;
  std::size_t header = std::size_t{24} + (ds == 3 ? 6 : 0);
  const std::size_t qos_at = header;
  if (qos) header += (bits & 0x80) != 0 ? 6 : 2;  // with +HTC: an HT Control field of 4
  if (flags.padded) header = (header + 3) & ~std::size_t{3};
  if (frame.size() < header) return unread(Unread::malformed);

  LinkPayload payload;
  read_addresses(frame, ds, payload);
  // An access point sends on what it got from one station to the next: the same packet at another point.
  payload.point = 1 + ds;
  payload.retry = (bits & 8) != 0;
  const Bytes body = frame.subspan(header);
  const bool fragment = (bits & 4) != 0 || (frame[22] & 0xf) != 0;
  if ((bits & 0x40) != 0) {
    if (fragment || !follow_decrypted(body, payload)) payload.why = Unread::encrypted_link;
    return payload;
  }
  if (fragment) {
    payload.why = Unread::fragment_lost;
    payload.fragment = read_fragment(frame, header, qos, qos_at, flags);
    return payload;
  }
  read_wifi_body(body, qos && (frame[qos_at] & 0x80) != 0, payload);
  return payload;
}

}  // namespace

void read_wifi_body(Bytes body, bool subframes, LinkPayload& payload) {
  if (!subframes) return follow_llc(body, payload);
  payload.following = body;
  if (!next_subframe(payload)) payload.why = Unread::malformed;
}

// IEEE 802.11-2020 section 9.3.2.2.2: destination, source, length, LLC; all but the last padded to 4.
bool next_subframe(LinkPayload& payload) {
  constexpr std::size_t kHeader = 14;
  const Bytes rest = payload.following;
  payload.following = {};
  if (rest.size() < kHeader) return false;
  const std::size_t end = kHeader + be16(rest, 12);
  if (end == kHeader) return false;
  payload.destination = mac_at(rest, 0);
  payload.source = mac_at(rest, 6);
  payload.ip = {};
  payload.why.reset();
  payload.vlan = 0;
  payload.following = rest.subspan(std::min(rest.size(), (end + 3) & ~std::size_t{3}));
  follow_llc(rest.first(std::min(rest.size(), end)).subspan(kHeader), payload);
  return true;
}

LinkPayload parse_wifi(Bytes frame) { return parse_frame(frame, {}); }

// Version, pad, length, then words of presence of which bit 31 announces another, then fields in the order of their
// bits, each aligned to its own size from the header's start. Flags (bit 1) stand behind TSFT (bit 0, 8 bytes).
LinkPayload parse_radiotap(Bytes frame) {
  if (frame.size() < 8 || frame[0] != 0) return unread(Unread::malformed);
  const std::size_t length = le16(frame, 2);
  if (length < 8 || length > frame.size()) return unread(Unread::malformed);
  const std::uint32_t present = le32(frame, 4);
  std::size_t at = 8;
  for (std::uint32_t word = present; (word >> 31) != 0; at += 4) {
    if (at + 4 > length) return unread(Unread::malformed);
    word = le32(frame, at);
  }
  WifiFlags flags;
  if ((present & 1) != 0) at = ((at + 7) & ~std::size_t{7}) + 8;
  if ((present & 2) != 0) {
    if (at >= length) return unread(Unread::malformed);
    flags = {(frame[at] & 0x20) != 0, (frame[at] & 0x40) != 0, (frame[at] & 0x10) != 0};
  }
  return parse_frame(frame.subspan(length), flags);
}

LinkPayload parse_avs(Bytes frame) {
  if (frame.size() < 8 || (be32(frame, 0) & 0xfffff000) != 0x80211000) return unread(Unread::malformed);
  const std::uint32_t length = be32(frame, 4);
  if (length < 8 || length > frame.size()) return unread(Unread::malformed);
  return parse_frame(frame.subspan(length), {});
}

// Message code 0x44 and the header's length, in the byte order of the host that captured.
LinkPayload parse_prism(Bytes frame) {
  if (frame.size() < 8) return unread(Unread::malformed);
  if ((be32(frame, 0) & 0xfffff000) == 0x80211000) return parse_avs(frame);
  const bool little = le32(frame, 0) == 0x44;
  const std::uint32_t length = little ? le32(frame, 4) : be32(frame, 4);
  if ((!little && be32(frame, 0) != 0x44) || length < 8 || length > frame.size()) return unread(Unread::malformed);
  return parse_frame(frame.subspan(length), {});
}

// Version, flags, length and link type, then fields of type and length; the 802.11-Common field (type 2) says whether
// a check sequence follows and whether it was right.
LinkPayload parse_ppi(Bytes frame) {
  constexpr std::size_t kHeader = 8;
  if (frame.size() < kHeader || frame[0] != 0) return unread(Unread::malformed);
  const std::size_t length = le16(frame, 2);
  if (length < kHeader || length > frame.size()) return unread(Unread::malformed);
  const std::uint32_t link_type = le32(frame, 4);
  WifiFlags flags;
  for (std::size_t at = kHeader; at + 4 <= length;) {
    const std::size_t size = le16(frame, at + 2);
    if (le16(frame, at) == 2 && size >= 10 && at + 14 <= length) {
      const unsigned bits = le16(frame, at + 12);
      flags.has_fcs = (bits & 1) != 0;
      flags.bad_fcs = flags.has_fcs && (bits & 4) != 0;
    }
    at += 4 + size;
  }
  const Bytes inner = frame.subspan(length);
  if (link_type == 105) return parse_frame(inner, flags);
  const LinkParser parse = link_type < 0xffff ? link_parser(static_cast<std::uint16_t>(link_type)) : nullptr;
  if (parse == nullptr) return unread(Unread::unknown_link);
  return parse == parse_ppi || parse == parse_pktap ? unread(Unread::malformed) : parse(inner);
}

}  // namespace tattle
