#include "packet/link/transport.h"

#include <algorithm>
#include <array>

namespace tattle {
namespace {

// Services that phones talk to, over 1023. IANA's registry, and the ports that mail, push, proxies and calls use.
constexpr std::array<std::uint16_t, 44> kServices{
    1080, 1194, 1433, 1521, 1701, 1723, 1812, 1883, 1900, 1935, 2083, 2087, 2096, 3128,  3306,
    3389, 3478, 3479, 3544, 4500, 4501, 4789, 5060, 5061, 5222, 5223, 5228, 5229, 5230,  5242,
    5353, 5355, 5432, 5683, 5684, 6379, 8000, 8008, 8080, 8081, 8443, 8883, 8888, 50051,
};
static_assert(std::is_sorted(kServices.begin(), kServices.end()));

int rank(std::uint16_t port) {
  if (std::binary_search(kServices.begin(), kServices.end(), port)) return 2;
  switch (port) {
    case 21:
    case 22:
    case 25:
    case 53:
    case 67:
    case 80:
    case 110:
    case 123:
    case 143:
    case 443:
    case 465:
    case 587:
    case 853:
    case 993:
    case 995:
      return 2;
    default:
      return port < 1024 ? 1 : 0;
  }
}

std::uint16_t u16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }
std::uint32_t u32(Bytes bytes, std::size_t at) { return std::uint32_t{u16(bytes, at)} << 16 | u16(bytes, at + 2); }

tl::unexpected<ParseError> wrong(std::string_view field, std::size_t at, std::string_view why) {
  return tl::unexpected(ParseError{field, at, why});
}

}  // namespace

Result<TransportHeader> parse_tcp(Bytes segment, std::uint32_t wire) {
  constexpr std::size_t kThroughFlags = 14;
  if (segment.size() < kThroughFlags || wire < 20) return wrong("tcp.header", segment.size(), "the segment ends here");
  const std::uint32_t header = std::uint32_t{4} * (segment[12] >> 4);
  if (header < 20 || header > wire) return wrong("tcp.data-offset", 12, "leaves the segment");
  const std::uint8_t flags = segment[13];
  TransportHeader out;
  out.source_port = u16(segment, 0);
  out.destination_port = u16(segment, 2);
  out.tcp = {u32(segment, 4), u32(segment, 8), (flags & 2) != 0, (flags & 16) != 0, (flags & 1) != 0, (flags & 4) != 0};
  out.payload = segment.subspan(std::min<std::size_t>(segment.size(), header));
  out.wire_payload = wire - header;
  return out;
}

Result<TransportHeader> parse_udp(Bytes datagram, std::uint32_t wire) {
  constexpr std::uint32_t kHeader = 8;
  if (datagram.size() < kHeader || wire < kHeader)
    return wrong("udp.header", datagram.size(), "the datagram ends here");
  std::uint32_t length = u16(datagram, 4);
  if (length == 0) length = wire;
  if (length < kHeader) return wrong("udp.length", 4, "less than the header");
  TransportHeader out;
  out.source_port = u16(datagram, 0);
  out.destination_port = u16(datagram, 2);
  out.payload = datagram.subspan(kHeader, std::min<std::size_t>(datagram.size(), length) - kHeader);
  out.wire_payload = length - kHeader;
  return out;
}

bool is_service_port(std::uint16_t port) { return rank(port) > 0; }

int likelier_server(std::uint16_t first, std::uint16_t second) {
  const int difference = rank(second) - rank(first);
  if (difference != 0) return difference;
  return first == second ? 0 : first < second ? -1 : 1;
}

}  // namespace tattle
