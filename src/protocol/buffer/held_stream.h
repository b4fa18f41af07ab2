#pragma once

#include <string_view>
#include <vector>

#include "stream/stream.h"

namespace tattle {

/// Chunks, gaps and ends that wait, in order, until it is known who shall read them.
class HeldStream {
 public:
  void add(const Chunk& chunk) {
    held_.push_back({chunk.direction, Kind::data, 0, chunk.offset, chunk.seen,
                     PacketRuns(chunk.packets.begin(), chunk.packets.end()),
                     ByteVector(chunk.data.begin(), chunk.data.end())});
    bytes_ += chunk.data.size();
  }
  void add_gap(const Chunk& where, std::uint64_t missing) {
    add(where);
    held_.back().kind = Kind::gap;
    held_.back().missing = missing;
  }
  void add_end(const Chunk& where) {
    add(where);
    held_.back().kind = Kind::end;
  }
  /// Whether the first bytes that wait are these; false when a gap is among them.
  bool begins_with(std::string_view wanted) const {
    for (const Held& each : held_) {
      if (wanted.empty()) return true;
      const std::string_view text = as_text(each.data).substr(0, wanted.size());
      if (each.kind != Kind::data || text != wanted.substr(0, text.size())) return false;
      wanted.remove_prefix(text.size());
    }
    return wanted.empty();
  }
  /// Of the first thing that waits; there must be one.
  PacketId first_packet() const {
    const PacketRuns& packets = held_.front().packets;
    return packets.empty() ? PacketId{} : PacketId{packets.front().capture, packets.front().first};
  }
  bool empty() const { return held_.empty(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t count() const { return held_.size(); }

  /// Gives everything to `sink`, and is empty afterwards; what the sink makes wait again here stays.
  void replay(const FlowInfo& flow, StreamSink& sink) {
    std::vector<Held> held;
    held.swap(held_);
    bytes_ = 0;
    for (const Held& each : held) {
      const Chunk chunk{flow, each.direction, each.offset, each.seen, each.packets, each.data};
      switch (each.kind) {
        case Kind::data:
          sink.on_data(chunk);
          break;
        case Kind::gap:
          sink.on_gap(chunk, each.missing);
          break;
        case Kind::end:
          sink.on_end(chunk);
          break;
      }
    }
  }

 private:
  enum class Kind : std::uint8_t { data, gap, end };
  struct Held {
    Direction direction;
    Kind kind;
    std::uint64_t missing;
    std::uint64_t offset;
    Time seen;
    PacketRuns packets;
    ByteVector data;
  };
  std::vector<Held> held_;
  std::size_t bytes_ = 0;
};

/// The part of a chunk from `from` on, `count` bytes at most.
inline Chunk slice(const Chunk& chunk, std::size_t from, std::size_t count = static_cast<std::size_t>(-1)) {
  const std::size_t size = count < chunk.data.size() - from ? count : chunk.data.size() - from;
  return {chunk.flow, chunk.direction, chunk.offset + from, chunk.seen, chunk.packets, chunk.data.subspan(from, size)};
}

}  // namespace tattle
