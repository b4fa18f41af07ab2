// One datagram on the port that the first byte says: DHCP, DHCPv6, NetBIOS, SSDP, NTP, STUN, SIP, CoAP.
#include <cstdlib>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  if (size < 2) return 0;
  constexpr std::uint16_t kPorts[] = {67, 547, 137, 138, 1900, 123, 3478, 5060, 5683};
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(kPorts[data[0] % std::size(kPorts)]);
  talk.info.transport = Transport::udp;
  const auto parser = FlowParser::make(talk.info, talk.parser);
  SegmentMaker make;
  Segment segment =
      make.data(data[0] & 0x80 ? Direction::to_client : Direction::to_server, 0, as_text(Bytes(data + 1, size - 1)), 0);
  if (data[0] & 0x40) segment.wire_payload += 10;
  parser->on_segment(segment);
  const FlowSummary summary = parser->finish();
  if (summary.parsed_bytes + summary.raw_bytes + summary.opaque_bytes != size - 1) std::abort();
  return 0;
}
