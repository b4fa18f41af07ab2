#include "decrypt/tls/record_reader.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::size_t kTail = 64;

std::uint16_t be16(Bytes bytes, std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]); }

}  // namespace

bool plausible_record_header(Bytes header) {
  if (header.size() < kRecordHeader || header[0] < 20 || header[0] > 24 || header[1] != 3 || header[2] > 4)
    return false;
  const std::size_t length = be16(header, 3);
  // RFC 8446 section 5.1: only application data may be empty; SSL 3.0 and TLS 1.0 peers send empty fragments.
  return length <= kMaxRecordBody && (length > 0 || header[0] == 23);
}

void RecordReader::feed(const Chunk& chunk) {
  if (mode_ != Mode::search && lost_) lost_->pieces.clear();
  input_ = chunk.data;
  packets_ = chunk.packets;
  seen_ = chunk.seen;
  if (mode_ == Mode::search) append_search();
}

void RecordReader::release() {
  if (partial_used_ || partial_.empty()) {
    partial_ = ByteVector();  // an empty list in braces would leave the room
    partial_packets_ = PacketRuns();
    partial_used_ = false;
  }
  if (mode_ == Mode::records) lost_.reset();
}

// How long the frame at `start` is, header and all.
RecordReader::Frame RecordReader::frame(Bytes start, std::size_t& size) const {
  if (may_be_v2_ && !start.empty() && (start[0] & 0x80) != 0) {
    if (start.size() < 3) return Frame::need_more;
    size = 2 + (be16(start, 0) & 0x7fff);
    return start[2] == 1 && size >= 2 + 9 ? Frame::good : Frame::bad;
  }
  if (start.size() < kRecordHeader) return Frame::need_more;
  size = kRecordHeader + be16(start, 3);
  return plausible_record_header(start) ? Frame::good : Frame::bad;
}

void RecordReader::fill(Record& record, Bytes bytes, PacketRunsView packets) {
  record.kind = Record::Kind::whole;
  const bool v2 = may_be_v2_ && (bytes[0] & 0x80) != 0;
  may_be_v2_ = false;
  record.type = v2 ? RecordType::v2_hello : static_cast<RecordType>(bytes[0]);
  record.version = v2 ? 0x0002 : be16(bytes, 1);
  record.body = bytes.subspan(v2 ? 2 : kRecordHeader);
  record.length = static_cast<std::uint32_t>(record.body.size());
  record.packets = packets;
  record.seen = seen_;
}

bool RecordReader::next(Record& record) {
  if (partial_used_) {
    partial_.clear();
    partial_packets_.clear();
    partial_used_ = false;
  }
  if (bad_) {
    bad_ = false;
    record = Record{.kind = Record::Kind::bad_header, .packets = packets_, .seen = seen_};
    return true;
  }
  for (;;) {
    if (resumed_) {
      resumed_ = false;
      record = Record{.kind = Record::Kind::resumed, .packets = packets_, .seen = seen_};
      return true;
    }
    if (mode_ == Mode::search) return false;
    if (mode_ == Mode::skip) {
      if (finish_skip(record)) return true;
    } else if (take_record(record)) {
      return true;
    }
    if (bad_) return next(record);
    if (!load_piece()) return false;
  }
}

// Tries to cut a record from partial_ and input_; false when bytes are wanting (they are then all in partial_).
bool RecordReader::take_record(Record& record) {
  std::size_t size = 0;
  if (partial_.empty()) {
    if (input_.empty()) return false;
    const Frame found = frame(input_, size);
    if (found == Frame::bad) {
      bad_ = true;
      start_search();
      return false;
    }
    if (found == Frame::good && input_.size() >= size) {
      fill(record, input_.first(size), packets_);
      input_ = input_.subspan(size);
      return true;
    }
  }
  while (!input_.empty()) {
    if (partial_packets_.empty() || !packets_.empty()) add_packets(partial_packets_, packets_);
    const Frame found = frame(partial_, size);
    if (found == Frame::bad) {
      bad_ = true;
      start_search();
      return false;
    }
    const std::size_t want = found == Frame::good ? size - partial_.size() : 1;
    if (found == Frame::good && partial_.capacity() < size) partial_.reserve(size);
    const std::size_t step = std::min(want, input_.size());
    partial_.insert(partial_.end(), input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(step));
    input_ = input_.subspan(step);
    if (found != Frame::good && frame(partial_, size) == Frame::good && partial_.size() < size) continue;
    if (frame(partial_, size) == Frame::good && partial_.size() == size) {
      fill(record, partial_, partial_packets_);
      partial_used_ = true;
      return true;
    }
  }
  return false;
}

bool RecordReader::finish_skip(Record& record) {
  const std::size_t step = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, input_.size()));
  lost().tail.insert(lost().tail.end(), input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(step));
  if (lost().tail.size() > kTail) lost().tail.erase(lost().tail.begin(), lost().tail.end() - kTail);
  input_ = input_.subspan(step);
  skip_ -= step;
  if (skip_ > 0) return false;
  mode_ = Mode::records;
  record = lost().skipped;
  record.kind = Record::Kind::lost;
  record.body = lost().tail;
  record.packets = packets_.empty() ? PacketRunsView(lost().skipped_packets) : packets_;
  record.seen = seen_;
  return true;
}

void RecordReader::gap(std::uint64_t missing) {
  if (partial_used_) partial_.clear();
  partial_used_ = false;
  input_ = {};
  packets_ = {};  // those of the last chunk went with it
  if (mode_ == Mode::skip && missing != 0 && missing <= skip_) {
    skip_ -= missing;
    lost().tail.clear();
    return;
  }
  std::size_t size = 0;
  const bool in_record = mode_ == Mode::records && !partial_.empty() && frame(partial_, size) == Frame::good;
  if (in_record && missing != 0 && missing <= size - partial_.size()) {
    skip_ = size - partial_.size() - missing;
    lost().tail.clear();
    fill(lost().skipped, partial_, {});
    lost().skipped.length =
        static_cast<std::uint32_t>(size - (lost().skipped.type == RecordType::v2_hello ? 2 : kRecordHeader));
    lost().skipped.body = {};
    partial_.clear();
    lost().skipped_packets = std::move(partial_packets_);
    partial_packets_.clear();
    mode_ = Mode::skip;
    return;
  }
  partial_.clear();
  partial_packets_.clear();
  may_be_v2_ = false;
  mode_ = Mode::search;
  lost().search.clear();
  lost().pieces.clear();
  packets_ = {};
}

// What should have been a header is none: everything not cut yet is searched for the next one.
void RecordReader::start_search() {
  std::vector<Piece> pieces;
  ByteVector bytes;
  auto append = [&](Bytes more, PacketRunsView packets, Time seen) {
    if (more.empty()) return;
    bytes.insert(bytes.end(), more.begin(), more.end());
    pieces.push_back(Piece{bytes.size(), {packets.begin(), packets.end()}, seen});
  };
  append(partial_, partial_packets_, seen_);
  append(input_, packets_, seen_);
  while (load_piece()) append(input_, packets_, seen_);
  partial_.clear();
  partial_packets_.clear();
  input_ = {};
  lost().search = std::move(bytes);
  lost().pieces = std::move(pieces);
  if (!lost().pieces.empty()) packets_ = lost().pieces.front().packets;
  mode_ = Mode::search;
  may_be_v2_ = false;
  search(false);
}

void RecordReader::append_search() {
  lost().search.insert(lost().search.end(), input_.begin(), input_.end());
  if (!input_.empty()) lost().pieces.push_back(Piece{lost().search.size(), {packets_.begin(), packets_.end()}, seen_});
  input_ = {};
  search(false);
}

// Looks for a header that another one follows, or whose record ends where the bytes end. Chance makes one plausible
// header in some ten million positions, two in a row never.
void RecordReader::search(bool at_end) {
  const Bytes bytes(lost().search);
  std::size_t at = 0;
  for (; at + kRecordHeader <= bytes.size(); ++at) {
    if (!plausible_record_header(bytes.subspan(at, kRecordHeader))) continue;
    const std::size_t next = at + kRecordHeader + be16(bytes, at + 3);
    if (next == bytes.size() ||
        (next + kRecordHeader <= bytes.size() && plausible_record_header(bytes.subspan(next, kRecordHeader)))) {
      mode_ = Mode::records;
      resumed_ = true;
      break;
    }
    if (next + kRecordHeader > bytes.size() && !at_end) break;  // too early to tell
  }
  drop_searched(at);
  lost().piece = lost().piece_start = 0;
  if (!lost().pieces.empty()) packets_ = lost().pieces.front().packets;
}

void RecordReader::drop_searched(std::size_t count) {
  if (count == 0) return;
  lost().search.erase(lost().search.begin(), lost().search.begin() + static_cast<std::ptrdiff_t>(count));
  std::erase_if(lost().pieces, [count](const Piece& piece) { return piece.end <= count; });
  for (Piece& piece : lost().pieces) piece.end -= count;
}

// Bytes that a search had gathered are read piece by piece, so that each record keeps its own packets.
bool RecordReader::load_piece() {
  if (mode_ == Mode::search || !lost_ || lost_->piece >= lost_->pieces.size()) return false;
  const Piece& piece = lost().pieces[lost().piece++];
  input_ = Bytes(lost().search).subspan(lost().piece_start, piece.end - lost().piece_start);
  packets_ = piece.packets;
  seen_ = piece.seen;
  lost().piece_start = piece.end;
  return true;
}

void RecordReader::finish() {
  if (mode_ == Mode::search) search(true);
}

std::size_t RecordReader::left_over() const {
  if (mode_ == Mode::search) return lost_ ? lost_->search.size() : 0;
  return partial_used_ ? 0 : partial_.size();
}

}  // namespace tattle
