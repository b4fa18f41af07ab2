// Mail, files, calls and tunnels: both directions of a stream on the port that the first byte says, cut anywhere.
#include "base/byte_reader.h"
#include "protocol/testing/flow_test_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  if (size < 4) return 0;
  constexpr std::uint16_t kPorts[] = {25, 143, 110, 21, 5060, 1080, 2525};
  ByteReader in(Bytes(data, size));
  const unsigned first = in.u8("");
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(kPorts[first % std::size(kPorts)]);
  talk.info.opening_seen = (first & 0x40) == 0;
  talk.limits.raw_window_bytes = 64;
  talk.limits.raw_overlap_bytes = 8;
  talk.limits.body_bytes = 128;
  std::vector<flow_kit::Step> steps;
  while (in.remaining() >= 2) {
    const unsigned flags = in.u8("");
    const auto direction = flags & 1 ? Direction::to_client : Direction::to_server;
    const std::size_t length = in.u8("");
    if ((flags & 0xf0) == 0xf0) {
      steps.push_back(flow_kit::lost(direction, length));
    } else {
      const Bytes bytes = in.take(std::min(length, in.remaining()), "");
      if (!bytes.empty()) steps.push_back({direction, std::string(as_text(bytes)), false, 0});
    }
  }
  talk.run(steps, 0, first & 0x80 ? 3 : 4096);
  return 0;
}
