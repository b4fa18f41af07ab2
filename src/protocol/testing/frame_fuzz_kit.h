#pragma once

// What the fuzz targets of messages within streams share: bytes as a conversation, whole and in single bytes.

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "base/byte_reader.h"
#include "protocol/body/ledger.h"
#include "protocol/testing/frame_test_kit.h"

namespace tattle::frame_kit {

struct Fuzzed {
  std::vector<std::string> lines;
  bool by_segments = false;  // something depends on where segments begin: a loss, or looking for frames again
};

/// Plays `script`: a byte of flags (1 to the client, 8 then bodies are not held any more, 0xF0 a loss), one of length,
/// as many bytes. `make` builds what reads.
template <class Make>
Fuzzed play(Bytes script, std::size_t most, Make make) {
  flow_kit::Conversation talk;
  talk.limits.http_head_bytes = 300;
  talk.limits.body_bytes = 64;
  talk.limits.raw_window_bytes = 64;
  talk.limits.raw_overlap_bytes = 8;
  talk.limits.http_pending_requests = 4;
  Frames frames;
  talk.parser.sink = &frames;
  BodyLedger bodies(1);
  talk.parser.bodies = &bodies;
  Fuzzed result;
  {
    auto reader = make(talk);
    ByteReader in(script);
    std::uint64_t offset[2] = {0, 0};
    const PacketRun packet{0, 1, 1};
    const auto chunk = [&](Direction direction, Bytes data) {
      return Chunk{talk.info, direction, offset[index(direction)], Time{}, PacketRunsView(&packet, 1), data};
    };
    while (in.remaining() >= 2) {
      const unsigned flags = in.u8("");
      const Direction direction = flags & 1 ? Direction::to_client : Direction::to_server;
      const std::size_t length = std::min<std::size_t>(in.u8(""), in.remaining());
      if ((flags & 0xf0) == 0xf0) {
        result.by_segments = true;
        reader->on_gap(chunk(direction, {}), length);
        offset[index(direction)] += length;
        continue;
      }
      Bytes data = in.take(length, "");
      while (!data.empty()) {
        const Bytes part = data.first(std::min(most, data.size()));
        reader->on_data(chunk(direction, part));
        offset[index(direction)] += part.size();
        data = data.subspan(part.size());
      }
      if ((flags & 8) != 0) bodies.relieve(talk.info.id);
    }
    for (Direction direction : {Direction::to_server, Direction::to_client}) reader->on_end(chunk(direction, {}));
  }
  for (const auto& [name, entry] : talk.anomalies.entries()) {
    result.by_segments |= name == "websocket.bad-frame" || name == "mqtt.bad-packet";
  }
  if (!frames.whole_pieces) std::abort();
  result.lines = frames.lines;
  return result;
}

/// The messages must be the same however the bytes were cut.
template <class Make>
void compare(Bytes script, Make make) {
  const Fuzzed whole = play(script, 256, make), parts = play(script, 1, make);
  if (whole.by_segments || parts.by_segments || whole.lines == parts.lines) return;
  for (const auto& line : whole.lines) std::fprintf(stderr, "whole %s\n", line.c_str());
  for (const auto& line : parts.lines) std::fprintf(stderr, "parts %s\n", line.c_str());
  std::abort();
}

}  // namespace tattle::frame_kit
