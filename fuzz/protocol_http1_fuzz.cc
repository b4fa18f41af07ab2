// A conversation in HTTP/1, once in whole chunks and once byte by byte: the messages must be the same.
#include <cstdio>
#include <cstdlib>

#include "base/byte_reader.h"
#include "protocol/body/ledger.h"
#include "protocol/http1/http1.h"
#include "protocol/testing/flow_test_kit.h"

namespace {

using namespace tattle;

std::vector<std::string> run(Bytes script, std::size_t most, bool& by_segments) {
  flow_kit::Conversation conversation;
  conversation.limits.http_head_bytes = 300;
  conversation.limits.body_bytes = 64;
  conversation.limits.raw_window_bytes = 64;
  conversation.limits.raw_overlap_bytes = 8;
  conversation.limits.http_pending_requests = 4;
  BodyLedger bodies(1);
  conversation.parser.bodies = &bodies;
  Http1Connection http(conversation.info, conversation.context, conversation.parser, false);
  ByteReader in(script);
  std::uint64_t offset[2] = {0, 0};
  const PacketRun packet{0, 1, 1};
  const auto chunk = [&](Direction direction, Bytes data) {
    return Chunk{conversation.info, direction, offset[index(direction)], Time{}, PacketRunsView(&packet, 1), data};
  };
  while (in.remaining() >= 2) {
    const unsigned flags = in.u8("");
    const Direction direction = flags & 1 ? Direction::to_client : Direction::to_server;
    const std::size_t length = std::min<std::size_t>(in.u8(""), in.remaining());
    if ((flags & 0xf0) == 0xf0) {
      by_segments = true;
      http.on_gap(chunk(direction, {}), length);
      offset[index(direction)] += length;
      continue;
    }
    Bytes data = in.take(length, "");
    while (!data.empty()) {
      const Bytes part = data.first(std::min(most, data.size()));
      http.on_data(chunk(direction, part));
      offset[index(direction)] += part.size();
      data = data.subspan(part.size());
    }
    if ((flags & 8) != 0) bodies.relieve(conversation.info.id);
  }
  for (Direction direction : {Direction::to_server, Direction::to_client}) http.on_end(chunk(direction, {}));
  if (!conversation.seen.borrowed_well) std::abort();
  by_segments = by_segments || !http.inner_protocol().empty() || http.tunnel() != nullptr;
  return conversation.seen.lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool by_segments = false;
  const auto whole = run(Bytes(data, size), 256, by_segments);
  const auto parts = run(Bytes(data, size), 1, by_segments);
  // What a tunnel holds, and where messages begin again behind a loss, may be recognised at the start of a segment.
  if (by_segments || whole == parts) return 0;
  for (const auto& line : whole) std::fprintf(stderr, "whole %s\n", line.c_str());
  for (const auto& line : parts) std::fprintf(stderr, "parts %s\n", line.c_str());
  std::abort();
}
