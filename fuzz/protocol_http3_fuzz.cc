#include <map>

#include "protocol/http3/http3.h"
#include "protocol/testing/http_fuzz_kit.h"

using namespace tattle;

// Records: stream number (6 bits), direction (0x40), then a byte: top bits 00 and 01 data of so many bytes, 10 a gap
// (of nothing: bodies are not held any more), 11 an end (0x20: a reset; 0x10: without a packet).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http_fuzz_kit::Surroundings around;
  const FlowInfo& flow = around.flow;
  Http3Connection connection(flow, around.above, around.context);
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
    if (what == 0x80) {
      around.bodies.relieve(flow.id);
    } else if ((what & 0xc0) == 0x80) {
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
