// Segments of a whole flow, TCP or UDP, on any port that means something; its bytes must add up.
#include <cstdlib>

#include "base/byte_reader.h"
#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  if (size < 2) return 0;
  ByteReader in(Bytes(data, size));
  constexpr std::uint16_t kPorts[] = {80, 443, 53, 853, 5353, 5355, 8080};
  const unsigned first = in.u8("");
  flow_kit::Conversation conversation;
  conversation.info = flow_kit::flow(kPorts[first % std::size(kPorts)]);
  conversation.info.opening_seen = (first & 0x40) == 0;
  if (first & 0x80) conversation.info.transport = Transport::udp;
  conversation.limits.raw_window_bytes = 64;
  conversation.limits.raw_overlap_bytes = 8;
  const auto parser = FlowParser::make(conversation.info, conversation.parser);
  SegmentMaker make;
  std::uint64_t at[2] = {0, 0}, payload = 0;
  while (in.remaining() >= 3) {
    const unsigned flags = in.u8("");
    const auto direction = flags & 1 ? Direction::to_client : Direction::to_server;
    const std::size_t length = std::min<std::size_t>(in.u16("") % 2048, in.remaining());
    if ((flags & 0xf0) == 0xf0) at[index(direction)] += length;  // lost
    const std::string_view text = as_text(in.take(length, ""));
    Segment segment = make.data(direction, at[index(direction)], text, at[index(opposite(direction))]);
    segment.tcp.fin = (flags & 0xf0) == 0xe0;
    if ((flags & 0xf0) == 0xd0) segment.wire_payload += 10;
    at[index(direction)] += segment.wire_payload;
    payload += length;
    parser->on_segment(segment);
  }
  const FlowSummary summary = parser->finish();
  const std::uint64_t known = summary.parsed_bytes + summary.raw_bytes + summary.opaque_bytes;
  if (known > payload || !conversation.seen.borrowed_well) std::abort();
  return 0;
}
