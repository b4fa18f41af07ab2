#pragma once

#include <cstdint>

#include "base/limits.h"
#include "protocol/body/assembler.h"
#include "protocol/buffer/piece_buffer.h"
#include "stream/stream.h"

namespace tattle {

class LineHalf;

/// A group of lines: usually one; several when `LineOwner::on_line` asked for more.
struct LineGroup {
  Bytes line;                             // the last line, without its line end
  Bytes bytes;                            // all lines of the group, without the last line end
  PieceMap& pieces;                       // of bytes, and of the line end
  Time first, last;                       // of its packets
  PacketId where;                         // of the chunk that completed it
  bool damaged = false;                   // bytes in front of it or in it were lost
  bool whole = true;                      // false: a piece of a line over limits.raw_window_bytes
  std::uint64_t offset = 0, overlap = 0;  // of such a piece; as in Message
  bool last_piece = true;
};

/// A window of counted or dot-ended bytes.
struct LineBlock {
  Bytes bytes;
  PieceMap& pieces;
  std::uint64_t offset = 0, overlap = 0;
  Time first, last;
  bool last_piece = true;
  bool damaged = false;
  bool streamed = false;  // as in Message, with its key
  const void* key = nullptr;
};

class LineOwner {
 public:
  virtual ~LineOwner() = default;
  /// May call `expect_…` of the half for what follows. Returns true when the next line belongs to the same group.
  virtual bool on_line(Direction direction, LineGroup& group) = 0;
  virtual void on_block(Direction direction, LineBlock& block) = 0;
};

/// One direction of a protocol made of lines (CRLF, or LF alone) and of blocks: bytes counted beforehand, or lines up
/// to one with nothing but a dot, of which dots at line starts are taken off again (RFC 5321 section 4.5.2). Lines over
/// limits.raw_window_bytes are given in windows that overlap, blocks over limits.body_bytes as BodyAssembler has it.
class LineHalf {
 public:
  LineHalf(Direction direction, const Limits& limits, LineOwner& owner);

  /// Reads up to the end of one line or block, or all. Returns how many bytes it used: at least one.
  std::size_t on_data(const Chunk& chunk);
  void on_gap(const Chunk& where, std::uint64_t missing);
  void on_end(const Chunk& where);

  /// What follows is a block. `more`: the next counted block continues it, so that both are handed down as one.
  void expect_counted(std::uint64_t size, bool more = false);
  /// No further block comes that continues the one under way.
  void end_chunks();
  void expect_dotted();
  /// Back to lines, if nothing of the block has come yet.
  void cancel_block();
  bool in_lines() const { return mode_ == Mode::lines; }
  std::uint64_t held_bytes() const { return block_.held_bytes(); }
  /// As BodyHolder's.
  void relieve() {
    block_.relieve([&] { flush_block(false); });
  }

 private:
  enum class Mode : std::uint8_t { lines, counted, dotted };
  enum class Dot : std::uint8_t { line_start, dot, dot_cr, within };

  std::size_t read_line(const Chunk& chunk);
  std::size_t read_counted(const Chunk& chunk);
  std::size_t read_dotted(const Chunk& chunk);
  void add_to_block(Bytes bytes, const Chunk& chunk);
  void flush_line(bool whole, bool last);
  void flush_block(bool last);
  void end_counted();

  Direction direction_;
  LineOwner& owner_;
  Mode mode_ = Mode::lines;
  Dot dot_ = Dot::line_start;
  bool damaged_ = false;    // what is being read
  bool in_pieces_ = false;  // the line is longer than a window
  bool began_ = false;      // bytes of the block came
  bool more_ = false;       // the next counted block continues this one
  std::uint64_t left_ = 0;  // of a counted block
  std::size_t line_begin_ = 0;
  PacketId where_;
  PieceBuffer line_;
  BodyAssembler block_;
};

}  // namespace tattle
