#include <cstdlib>
#include <map>

#include "protocol/http3/http3.h"

using namespace tattle;

namespace {

// What every message must keep, however strange the input: views that lie in the head, packets for its bytes.
struct Check : MessageSink {
  void on_message(const Message& message) override {
    const std::string_view head = as_text(message.head);
    for (const Field& field : message.fields) {
      if (message.body_offset > 0) break;  // a further piece: its head holds trailers only
      if (field.value.data() < head.data() || field.value.data() + field.value.size() > head.data() + head.size())
        abort();
    }
    if (message.overlap > message.body.size() || message.body_pieces.size() != message.body.size()) abort();
  }
};

}  // namespace

// Records: stream number (6 bits), direction (0x40), then a byte: top bits 00 and 01 data of so many bytes, 10 a gap,
// 11 an end (0x20: a reset; 0x10: without a packet).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FlowInfo flow;
  Limits limits;
  limits.body_bytes = 4096;
  limits.raw_window_bytes = 1024;
  limits.raw_overlap_bytes = 64;
  limits.http_head_bytes = 2048;
  limits.http2_streams = 8;
  limits.http2_header_table_bytes = 4096;
  limits.http3_blocked_bytes = 4096;
  Anomalies anomalies;
  Check sink;
  FlowCounters counters;
  StreamContext above;
  above.counters = &counters;
  static const KeyStore keys;  // loads the crypto library, which takes longer than a run
  TlsContext tls{&keys, &limits, &anomalies, nullptr};
  ParserContext context{&tls, &limits, &anomalies, &sink};
  Http3Connection connection(flow, above, context);
  std::map<std::pair<int, int>, std::uint64_t> offsets;
  const PacketRun run{0, 1, 1};
  Bytes input(data, size);
  while (input.size() >= 2) {
    const std::uint8_t which = input[0], what = input[1];
    input = input.subspan(2);
    const Direction direction = (which & 0x40) != 0 ? Direction::to_client : Direction::to_server;
    const std::uint64_t id = which & 0x3f;
    std::uint64_t& offset = offsets[{which & 0x7f, 0}];
    const std::size_t length = (what & 0x80) != 0 ? 0 : std::min<std::size_t>((what & 0x7f) + 1, input.size());
    const Chunk chunk{flow, direction, offset, {}, PacketRunsView(&run, 1), input.first(length)};
    if ((what & 0xc0) == 0x80) {
      connection.on_stream_gap(id, chunk, what & 0x3f);
      offset += what & 0x3f;
    } else if ((what & 0xc0) == 0xc0) {
      const Chunk nowhere{flow, direction, offset, {}, {}, {}};
      connection.on_stream_end(id, (what & 0x10) != 0 ? nowhere : chunk, (what & 0x20) != 0);
    } else if (id == 0x3f) {
      connection.on_quic_datagram(chunk);
    } else {
      connection.on_stream_data(id, chunk);
      offset += length;
    }
    input = input.subspan(length);
  }
  connection.finish();
  return 0;
}
