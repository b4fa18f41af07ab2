// One datagram of RTCP, syslog or SNMP.
#include <cstdlib>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  if (size < 2) return 0;
  flow_kit::Conversation talk;
  constexpr std::uint16_t kPorts[] = {40001, 514, 161, 162};
  talk.info = flow_kit::flow(kPorts[data[0] & 3]);
  talk.info.transport = Transport::udp;
  const auto parser = FlowParser::make(talk.info, talk.parser);
  SegmentMaker make;
  parser->on_segment(make.data(Direction::to_server, 0, as_text(Bytes(data + 1, size - 1)), 0));
  const FlowSummary summary = parser->finish();
  if (summary.parsed_bytes + summary.raw_bytes + summary.opaque_bytes != size - 1) std::abort();
  return 0;
}
