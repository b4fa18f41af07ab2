#include <cstdlib>

#include "protocol/http2/http2.h"

using namespace tattle;

namespace {

// What every message must keep, however strange the input: views that lie in the head.
struct Check : MessageSink {
  void on_message(const Message& message) override {
    const std::string_view head = as_text(message.head);
    for (const Field& field : message.fields) {
      if (message.body_offset > 0) break;  // a further piece: its head holds trailers only
      if (field.value.data() < head.data() || field.value.data() + field.value.size() > head.data() + head.size())
        abort();
    }
    if (message.overlap > message.body.size()) abort();
  }
};

}  // namespace

// Records of direction and length (one byte: top bits 00 to the server, 01 to the client, 1 a gap), then the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FlowInfo flow;
  Limits limits;
  limits.body_bytes = 4096;
  limits.raw_window_bytes = 1024;
  limits.raw_overlap_bytes = 64;
  limits.http_head_bytes = 2048;
  limits.http2_streams = 8;
  limits.http2_header_table_bytes = 4096;
  Anomalies anomalies;
  Check sink;
  FlowCounters counters;
  StreamContext above;
  above.counters = &counters;
  static const KeyStore keys;  // loads the crypto library, which takes longer than a run
  TlsContext tls{&keys, &limits, &anomalies, nullptr};
  ParserContext context{&tls, &limits, &anomalies, &sink};
  Http2Connection connection(flow, above, context);
  std::uint64_t offsets[2] = {0, 0};
  const PacketRun run{0, 1, 1};
  Bytes input(data, size);
  while (!input.empty()) {
    const std::uint8_t what = input[0];
    input = input.subspan(1);
    const Direction direction = (what & 0x40) != 0 ? Direction::to_client : Direction::to_server;
    std::uint64_t& offset = offsets[index(direction)];
    const std::size_t length = (what & 0x80) != 0 ? 0 : std::min<std::size_t>((what & 0x3f) * 4 + 1, input.size());
    const Chunk chunk{flow, direction, offset, {}, PacketRunsView(&run, 1), input.first(length)};
    if (length == 0) {
      connection.on_gap(chunk, what & 0x3f);
      offset += what & 0x3f;
    } else {
      connection.on_data(chunk);
    }
    offset += length;
    input = input.subspan(length);
  }
  connection.on_end(Chunk{flow, Direction::to_server, offsets[0], {}, {}, {}});
  connection.on_end(Chunk{flow, Direction::to_client, offsets[1], {}, {}, {}});
  return 0;
}
