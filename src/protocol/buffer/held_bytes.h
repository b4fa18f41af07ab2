#pragma once

#include <algorithm>
#include <vector>

#include "stream/stream.h"

namespace tattle {

/// One direction's bytes, as one row, with the chunks that they came in: kept while it is looked for where a frame
/// begins.
class HeldBytes {
 public:
  void add(const Chunk& chunk) {
    if (chunk.data.empty()) return;
    bytes_.insert(bytes_.end(), chunk.data.begin(), chunk.data.end());
    pieces_.push_back({bytes_.size(), chunk.offset, chunk.seen, {chunk.packets.begin(), chunk.packets.end()}});
  }
  Bytes bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  std::size_t chunks() const { return pieces_.size(); }
  /// Where chunk number `i` begins in bytes().
  std::size_t begin_of(std::size_t i) const { return i == 0 ? 0 : pieces_[i - 1].end; }

  /// Forgets the first `count` bytes.
  void drop_front(std::size_t count) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(count));
    std::size_t start = 0;
    for (Piece& piece : pieces_) {
      const std::size_t end = piece.end;
      if (start < count) piece.offset += std::min(count, end) - start;
      start = end;
      piece.end = end > count ? end - count : 0;
    }
    std::erase_if(pieces_, [](const Piece& piece) { return piece.end == 0; });
  }

  /// Calls use(Chunk) for the bytes [begin, end) with the packets that carried them.
  template <class Use>
  void replay(const FlowInfo& flow, Direction direction, std::size_t begin, std::size_t end, Use use) const {
    std::size_t start = 0;
    for (const Piece& piece : pieces_) {
      const std::size_t from = std::max(begin, start), to = std::min(end, piece.end);
      if (from < to) {
        use(Chunk{flow, direction, piece.offset + (from - start), piece.seen, piece.packets,
                  Bytes(bytes_).subspan(from, to - from)});
      }
      start = piece.end;
    }
  }

 private:
  struct Piece {
    std::size_t end;       // in bytes_
    std::uint64_t offset;  // in the stream
    Time seen;
    PacketRuns packets;
  };
  ByteVector bytes_;
  std::vector<Piece> pieces_;
};

}  // namespace tattle
