#include <array>
#include <map>

#include "base/byte_reader.h"
#include "protocol/local/local_protocols.h"

namespace tattle {
namespace {

constexpr std::size_t kFixedBytes = 236, kCookieBytes = 4;
constexpr std::size_t kMostOptions = 256;

std::string_view option_name(int code) {
  // IANA, BOOTP Vendor Extensions and DHCP Options.
  switch (code) {
    case 12:
      return "host-name";
    case 14:
      return "merit-dump-file";
    case 15:
      return "domain-name";
    case 17:
      return "root-path";
    case 43:
      return "vendor-specific";
    case 50:
      return "requested-address";
    case 56:
      return "message";
    case 60:
      return "vendor-class";
    case 61:
      return "client-id";
    case 66:
      return "server-name";
    case 67:
      return "file-name";
    case 77:
      return "user-class";
    case 81:
      return "fqdn";
    case 82:
      return "relay-agent";
    case 97:
      return "client-uuid";
    case 114:
      return "captive-portal";
    case 119:
      return "domain-search";
    case 124:
      return "vendor-identifying-class";
    case 125:
      return "vendor-identifying-specific";
    default:
      return {};
  }
}

std::string_view type_name(int type) {
  constexpr std::array<std::string_view, 9> kNames{"",    "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
                                                   "ACK", "NAK",      "RELEASE", "INFORM"};
  return type > 0 && type < static_cast<int>(kNames.size()) ? kNames[static_cast<std::size_t>(type)] : "";
}

// Labels with lengths before them, without compression (RFC 1035 section 3.1), as text; a name may be partial.
std::string name_text(Bytes wire) {
  std::string name;
  ByteReader in(wire);
  while (!in.done()) {
    const std::uint8_t length = in.u8("label.length");
    if (length == 0 || length > 63) break;
    const Bytes label = in.take(length, "label");
    if (in.error()) break;
    if (!name.empty()) name.push_back('.');
    name += as_text(label);
  }
  return name;
}

using Options = std::vector<std::pair<int, Bytes>>;

// RFC 2132 section 2: pad, end, or code, length, value.
bool read_options(Bytes area, Options& options) {
  ByteReader in(area);
  while (!in.done() && options.size() < kMostOptions) {
    const int code = in.u8("option.code");
    if (code == 0) continue;
    if (code == 255) return true;
    const Bytes value = in.take(in.u8("option.length"), "option.value");
    if (in.error()) return false;
    options.emplace_back(code, value);
  }
  return !in.error();
}

// Options that came in several parts are joined (RFC 3396 section 5).
void add_options(const Options& options, DatagramWords& words) {
  std::map<int, std::vector<Bytes>> by_code;
  for (const auto& [code, value] : options) by_code[code].push_back(value);
  for (const auto& [code, parts] : by_code) {
    const std::string_view name = option_name(code);
    if (name.empty()) continue;
    Bytes whole = parts.front();
    std::string joined;
    if (parts.size() > 1) {
      for (const Bytes part : parts) joined += as_text(part);
      whole = as_bytes(joined);
    }
    if (code == 81 && whole.size() > 3) {
      // RFC 4702 section 2.1: flags, two result codes, the name; with flag E in labels.
      const bool labels = (whole[0] & 4) != 0;
      const Bytes text = whole.subspan(3);
      if (labels) {
        words.add_decoded(name, name_text(text));
      } else if (parts.size() > 1) {
        words.add_decoded(name, std::string(as_text(text)));
      } else {
        words.add(name, text);
      }
    } else if (parts.size() > 1) {
      words.add_decoded(name, joined);
    } else {
      words.add(name, whole);
    }
  }
}

}  // namespace

bool fits_dhcp(const Chunk& datagram) {
  const Bytes data = datagram.data;
  const bool ports = on_port(datagram, 67) || on_port(datagram, 4011);
  return ports && data.size() >= kFixedBytes && (data[0] == 1 || data[0] == 2) && data[2] <= 16;
}

DatagramFate read_dhcp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  if (!fits_dhcp(chunk)) return DatagramFate::unknown;
  const Bytes data = chunk.data;
  DatagramWords words;
  words.protocol = "dhcp";
  words.sender_is_client = data[0] == 1;
  words.kind = words.sender_is_client ? MessageKind::request : MessageKind::response;
  words.damaged = cut;
  if (data[2] > 0) words.add("client-hardware-address", data.subspan(28, data[2]));
  Options options;
  constexpr std::array<std::uint8_t, kCookieBytes> kCookie{0x63, 0x82, 0x53, 0x63};
  const Bytes cookie = data.subspan(kFixedBytes, std::min(kCookieBytes, data.size() - kFixedBytes));
  if (std::equal(cookie.begin(), cookie.end(), kCookie.begin(), kCookie.end())) {
    bool good = read_options(data.subspan(kFixedBytes + kCookieBytes), options);
    int overload = 0;
    for (const auto& [code, value] : options) {
      if (code == 52 && value.size() == 1) overload = value[0];
      if (code == 53 && value.size() == 1) words.method = type_name(value[0]);
    }
    // RFC 2131 section 4.1: `file` comes before `sname`.
    if (overload & 1) good = read_options(data.subspan(108, 128), options) && good;
    if (overload & 2) good = read_options(data.subspan(44, 64), options) && good;
    if (!good && !cut) context.anomalies->note("dhcp.malformed", chunk.first_packet());
    words.damaged = cut || !good;
    add_options(options, words);
  }
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

namespace {

std::string_view type_name_v6(int type) {
  constexpr std::array<std::string_view, 14> kNames{"",
                                                    "SOLICIT",
                                                    "ADVERTISE",
                                                    "REQUEST",
                                                    "CONFIRM",
                                                    "RENEW",
                                                    "REBIND",
                                                    "REPLY",
                                                    "RELEASE",
                                                    "DECLINE",
                                                    "RECONFIGURE",
                                                    "INFORMATION-REQUEST",
                                                    "RELAY-FORWARD",
                                                    "RELAY-REPLY"};
  return type > 0 && type < static_cast<int>(kNames.size()) ? kNames[static_cast<std::size_t>(type)] : "";
}

std::string_view option_name_v6(int code) {
  switch (code) {
    case 1:
      return "client-id";
    case 13:
      return "status";
    case 15:
      return "user-class";
    case 16:
      return "vendor-class";
    case 17:
      return "vendor-specific";
    case 24:
      return "domain-search";
    case 39:
      return "fqdn";
    default:
      return {};
  }
}

}  // namespace

bool fits_dhcpv6(const Chunk& datagram) {
  const bool ports = on_port(datagram, 547) || on_port(datagram, 546);
  return ports && datagram.data.size() >= 8 && !type_name_v6(datagram.data[0]).empty();
}

DatagramFate read_dhcpv6(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  if (!fits_dhcpv6(chunk)) return DatagramFate::unknown;
  const int type = chunk.data[0];
  const bool relay = type >= 12;
  DatagramWords words;
  words.protocol = "dhcpv6";
  words.method = type_name_v6(type);
  words.sender_is_client = type != 2 && type != 7 && type != 10 && type != 13;
  words.kind = words.sender_is_client ? MessageKind::request : MessageKind::response;
  words.damaged = cut;
  ByteReader in(chunk.data);
  // A relay's header has a hop count and two addresses; what it relays is searched as it is.
  in.skip(relay ? 34 : 4, "header");
  for (std::size_t count = 0; in.remaining() >= 4 && count < kMostOptions; ++count) {
    const int code = in.u16("option.code");
    const Bytes value = in.take(in.u16("option.length"), "option.value");
    if (in.error()) break;
    const std::string_view name = option_name_v6(code);
    if (name.empty()) continue;
    if (code == 39 && !value.empty()) {
      words.add_decoded(name, name_text(value.subspan(1)));
    } else {
      words.add(name, value);
    }
  }
  if ((in.error() || !in.done()) && !cut) {
    context.anomalies->note("dhcp.malformed", chunk.first_packet());
    words.damaged = true;
  }
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
