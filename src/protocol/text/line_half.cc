#include "protocol/text/line_half.h"

#include <algorithm>
#include <cstring>

namespace tattle {

LineHalf::LineHalf(Direction direction, const Limits& limits, LineOwner& owner)
    : direction_(direction), owner_(owner), line_(limits.raw_window_bytes, limits.raw_overlap_bytes), block_(limits) {}

std::size_t LineHalf::on_data(const Chunk& chunk) {
  where_ = chunk.first_packet();
  switch (mode_) {
    case Mode::lines:
      return read_line(chunk);
    case Mode::counted:
      return read_counted(chunk);
    case Mode::dotted:
      return read_dotted(chunk);
  }
  return chunk.data.size();
}

std::size_t LineHalf::read_line(const Chunk& chunk) {
  const void* end = std::memchr(chunk.data.data(), '\n', chunk.data.size());
  const std::size_t size =
      end ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(end) - chunk.data.data()) + 1 : chunk.data.size();
  line_.add(chunk.data.first(size), chunk.packets, chunk.seen, [&] { flush_line(false, false); });
  if (end) flush_line(!in_pieces_, true);
  return size;
}

// `last`: up to here goes the line.
void LineHalf::flush_line(bool whole, bool last) {
  Bytes bytes = line_.bytes();
  if (last && as_text(bytes).ends_with('\n')) bytes = bytes.first(bytes.size() - 1);
  if (last && as_text(bytes).ends_with('\r')) bytes = bytes.first(bytes.size() - 1);
  const std::size_t begin = std::min(line_begin_, bytes.size());
  LineGroup group{whole ? bytes.subspan(begin) : Bytes(),
                  bytes,
                  line_.pieces(),
                  line_.first(),
                  line_.last(),
                  where_,
                  damaged_,
                  whole,
                  line_.offset(),
                  line_.overlap(),
                  last};
  const bool more = owner_.on_line(direction_, group) && whole;
  in_pieces_ = !last;
  if (more) {
    line_begin_ = line_.bytes().size();
    return;
  }
  line_begin_ = 0;
  damaged_ = damaged_ && !last;
  if (last) line_.restart(0);
}

std::size_t LineHalf::read_counted(const Chunk& chunk) {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk.data.size()));
  add_to_block(chunk.data.first(size), chunk);
  left_ -= size;
  if (left_ == 0) end_counted();
  return size;
}

// RFC 5321 section 4.5.2, RFC 1939 section 3.
std::size_t LineHalf::read_dotted(const Chunk& chunk) {
  const Bytes data = chunk.data;
  std::size_t at = 0;
  while (at < data.size()) {
    if (dot_ == Dot::within) {
      const void* found = std::memchr(data.data() + at, '\n', data.size() - at);
      const std::size_t end =
          found ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - data.data()) + 1 : data.size();
      add_to_block(data.subspan(at, end - at), chunk);
      at = end;
      if (found) dot_ = Dot::line_start;
      continue;
    }
    const std::uint8_t byte = data[at];
    if (dot_ == Dot::line_start) {
      dot_ = byte == '.' ? Dot::dot : Dot::within;
      at += byte == '.';
    } else if (byte == '\n') {
      began_ = true;
      flush_block(true);
      return at + 1;
    } else if (dot_ == Dot::dot && byte == '\r') {
      dot_ = Dot::dot_cr;
      ++at;
    } else {
      if (dot_ == Dot::dot_cr) add_to_block(as_bytes("\r"), chunk);
      dot_ = Dot::within;
    }
  }
  return data.size();
}

void LineHalf::add_to_block(Bytes bytes, const Chunk& chunk) {
  began_ = began_ || !bytes.empty();
  block_.add(bytes, chunk.packets, chunk.seen, [&] { flush_block(false); });
}

void LineHalf::flush_block(bool last) {
  const bool anything = block_.has_new() || block_.started();
  if (anything && (last || block_.has_new())) {
    LineBlock block{block_.bytes(), block_.pieces(), block_.offset(),   block_.overlap(), block_.first(), block_.last(),
                    last,           damaged_,        block_.streamed(), &block_};
    owner_.on_block(direction_, block);
  }
  if (!last) return;
  block_.clear();
  mode_ = Mode::lines;
  damaged_ = began_ = false;
}

void LineHalf::on_gap(const Chunk& where, std::uint64_t missing) {
  where_ = where.first_packet();
  if (mode_ == Mode::lines) {
    if (line_.has_new()) {
      damaged_ = true;
      flush_line(false, true);
    }
    line_.restart(0);
    line_begin_ = 0;
    in_pieces_ = false;
    damaged_ = true;
    return;
  }
  damaged_ = began_ = true;
  if (mode_ == Mode::counted && (missing == 0 || missing >= left_)) {
    // Where the block ends is not known, or it ends within what is lost.
    left_ = 0;
    flush_block(true);
    damaged_ = true;
    return;
  }
  if (mode_ == Mode::counted) left_ -= missing;
  dot_ = Dot::within;
  if (block_.has_new()) flush_block(false);
  block_.skip(missing);
}

void LineHalf::on_end(const Chunk& where) {
  where_ = where.first_packet();
  if (mode_ == Mode::lines) {
    if (line_.has_new()) {
      damaged_ = true;
      flush_line(false, true);
    }
    return end_chunks();
  }
  damaged_ = true;
  flush_block(true);
}

void LineHalf::expect_counted(std::uint64_t size, bool more) {
  mode_ = Mode::counted;
  left_ = size;
  more_ = more;
  if (!more && !block_.started()) {
    began_ = false;
    block_.begin(size);
  }
  if (size == 0) end_counted();
}

void LineHalf::end_counted() {
  if (more_) {
    mode_ = Mode::lines;
  } else {
    flush_block(true);
  }
}

void LineHalf::end_chunks() {
  if (!block_.started()) return;
  damaged_ = true;
  flush_block(true);
}

void LineHalf::expect_dotted() {
  mode_ = Mode::dotted;
  dot_ = Dot::line_start;
  began_ = false;
}

void LineHalf::cancel_block() {
  if (began_) return;
  mode_ = Mode::lines;
  block_.clear();
}

}  // namespace tattle
