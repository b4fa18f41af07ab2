// Segments with small numbers, so that they overlap: offsets must add up and nothing may come twice.
#include <cstdlib>

#include "base/byte_reader.h"
#include "stream/tcp_test_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  ByteReader in(Bytes(data, size));
  Limits limits;
  limits.tcp_out_of_order_bytes = 200;
  limits.tcp_out_of_order_segments = 20;
  Anomalies anomalies;
  const FlowInfo flow = tcp_test_flow();
  StreamRecorder seen;
  TcpReassembly tcp(flow, limits, anomalies, seen);
  SegmentMaker make;
  make.first[0] = 0xffffff00;
  while (in.remaining() >= 6) {
    const unsigned flags = in.u8("");
    const auto direction = flags & 1 ? Direction::to_client : Direction::to_server;
    std::uint64_t at = in.u8("");
    if (flags & 2) at = at << 23;
    const std::uint64_t acked = in.u16("");
    const unsigned length = in.u8("") % 32;
    Segment segment =
        make.data(direction, at, as_text(in.take(std::min<std::size_t>(length, in.remaining()), "")), acked);
    segment.tcp.ack = (flags & 4) == 0;
    segment.tcp.syn = (flags & 0x18) == 0x18;
    segment.tcp.fin = (flags & 0x30) == 0x30;
    segment.tcp.rst = (flags & 0x60) == 0x60;
    if (flags & 0x80) segment.wire_payload += 5;
    tcp.on_segment(segment);
  }
  tcp.finish();
  const ReassemblyCounts& counts = tcp.counts();
  if (!seen.contiguous || counts.delivered + counts.missing != seen.offset[0] + seen.offset[1]) std::abort();
  return 0;
}
