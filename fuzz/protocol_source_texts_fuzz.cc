// One datagram of RTCP or syslog.
#include <cstdlib>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  if (size < 2) return 0;
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(data[0] & 1 ? 514 : 40001);
  talk.info.transport = Transport::udp;
  const auto parser = FlowParser::make(talk.info, talk.parser);
  SegmentMaker make;
  parser->on_segment(make.data(Direction::to_server, 0, as_text(Bytes(data + 1, size - 1)), 0));
  const FlowSummary summary = parser->finish();
  if (summary.parsed_bytes + summary.raw_bytes + summary.opaque_bytes != size - 1) std::abort();
  return 0;
}
