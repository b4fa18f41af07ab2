// Rows of datagrams of one flow, each behind its direction and length, as the media of a call come.
#include <cstdlib>

#include "base/byte_reader.h"
#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(40000);
  talk.info.transport = Transport::udp;
  const auto parser = FlowParser::make(talk.info, talk.parser);
  SegmentMaker make;
  ByteReader in(Bytes(data, size));
  std::uint64_t sent = 0;
  while (in.remaining() >= 2) {
    const unsigned flags = in.u8("");
    const Bytes bytes = in.take(std::min<std::size_t>(in.u8(""), in.remaining()), "");
    Segment segment = make.data(flags & 1 ? Direction::to_client : Direction::to_server, 0, as_text(bytes), 0);
    if (flags & 2) segment.wire_payload += 10;
    parser->on_segment(segment);
    sent += bytes.size();
  }
  const FlowSummary summary = parser->finish();
  if (summary.parsed_bytes + summary.raw_bytes + summary.opaque_bytes != sent) std::abort();
  return 0;
}
