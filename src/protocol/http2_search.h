#pragma once

#include <cstdint>
#include <vector>

#include "protocol/http2_frame.h"
#include "stream/stream.h"

namespace tattle {

/// Keeps bytes whose frame borders are not known until a run of frame headers shows one.
class Http2FrameSearch {
 public:
  void add(const Chunk& chunk);

  /// Looks for the first place from which at least three frame headers follow one another, or, when no more bytes come
  /// (`at_end`), fewer that fit. What it decides does not depend on how the bytes were split into chunks.
  /// Bounded: a candidate is settled by the next two frames, none longer than 64 KiB.
  /// @return true when found: the bytes behind rejected() start with a frame.
  bool find(std::uint32_t highest_stream, bool at_end);

  std::size_t rejected() const { return rejected_; }  // bytes at the front that start no frame
  std::size_t size() const { return bytes_.size(); }
  Bytes bytes() const { return bytes_; }

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
  void drop_front(std::size_t count);
  void clear();

 private:
  enum class Verdict : std::uint8_t { no, yes, later };
  Verdict judge(std::size_t begin, std::uint32_t highest_stream, bool at_end) const;

  struct Piece {
    std::size_t end;  // in bytes_
    std::uint64_t offset;
    Time seen;
    PacketRuns packets;
  };
  ByteVector bytes_;
  std::vector<Piece> pieces_;
  std::size_t rejected_ = 0;
};

}  // namespace tattle
