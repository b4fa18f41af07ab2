#include "protocol/http2/http2.h"
#include "protocol/testing/http_fuzz_kit.h"

using namespace tattle;

// Records of direction and length (one byte: top bits 00 to the server, 01 to the client, 1 a gap, of nothing: bodies
// are not held any more), then the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http_fuzz_kit::Surroundings around;
  const FlowInfo& flow = around.flow;
  Http2Connection connection(flow, around.above, around.context);
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
    if (what == 0x80) {
      around.bodies.relieve(flow.id);
    } else if (length == 0) {
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
