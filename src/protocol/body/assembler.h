#pragma once

#include <cstdint>
#include <optional>

#include "base/limits.h"
#include "protocol/buffer/piece_buffer.h"

namespace tattle {

/// Puts one message's body together, for any protocol. A body over limits.body_bytes, or one of unknown length that has
/// been growing for limits.body_seconds, is not held: it goes down in small pieces, marked `streamed`, for a
/// BodyStream. So does one whose declared length says so, from its start.
class BodyAssembler {
 public:
  explicit BodyAssembler(const Limits& limits)
      : limits_(&limits), pieces_(limits.body_bytes, limits.raw_overlap_bytes) {}

  /// Before the first byte. `length`: what the message's head declares.
  void begin(std::optional<std::uint64_t> length) {
    known_length_ = length.has_value();
    if (length && *length > limits_->body_bytes) become_streamed();
  }

  /// It is no body but a stream of bytes: windows of limits.raw_window_bytes, each of which is searched.
  void begin_bytes() {
    bytes_only_ = true;
    pieces_.set_window(limits_->raw_window_bytes);
  }

  /// Appends; calls `emit()` for each piece that is full while more follows.
  template <class Emit>
  void add(Bytes data, PacketRunsView packets, Time seen, Emit&& emit) {
    if (bytes_only_) return pieces_.add(data, packets, seen, emit);
    if (!started()) began_ = seen;
    if (!streamed_ && pieces_.bytes().size() + data.size() > limits_->body_bytes) become_streamed();
    if (!streamed_ && !known_length_ && pieces_.has_new() && is_old(seen)) {
      become_streamed();
      emit();
      pieces_.slide();
    }
    pieces_.add(data, packets, seen, emit);
  }

  /// Memory is short: what is held goes down, and the rest as it comes. False when nothing is held.
  template <class Emit>
  bool relieve(Emit&& emit) {
    if (!pieces_.has_new()) return false;
    if (!bytes_only_) become_streamed();
    emit();
    pieces_.slide();
    pieces_.release();
    return true;
  }

  /// `missing` bytes were lost behind what was added; what is held was handed down.
  void skip(std::uint64_t missing) { pieces_.restart(pieces_.end() + missing); }
  /// The message is over.
  void clear() {
    pieces_ = PieceBuffer(limits_->body_bytes, limits_->raw_overlap_bytes);
    streamed_ = known_length_ = bytes_only_ = false;
  }
  /// Another part of the same stream of bytes follows.
  void go_on() {
    const std::uint64_t next = pieces_.end();
    pieces_.restart(next);
  }

  /// Fills in the piece that is held; its packets are lent until give_back().
  void lend(Message& message, bool last) {
    message.body = pieces_.bytes();
    std::swap(message.body_pieces, pieces_.pieces());
    message.body_offset = pieces_.offset();
    message.overlap = pieces_.overlap();
    message.last_piece = last;
    message.streamed = streamed_;
    message.body_key = this;
  }
  void give_back(Message& message) { std::swap(message.body_pieces, pieces_.pieces()); }

  Bytes bytes() const { return pieces_.bytes(); }
  PieceMap& pieces() { return pieces_.pieces(); }
  Time first() const { return pieces_.first(); }
  Time last() const { return pieces_.last(); }
  bool streamed() const { return streamed_; }
  bool started() const { return pieces_.started(); }
  bool has_new() const { return pieces_.has_new(); }
  std::uint64_t overlap() const { return pieces_.overlap(); }
  std::uint64_t offset() const { return pieces_.offset(); }
  std::uint64_t held_bytes() const { return pieces_.bytes().size(); }

 private:
  static constexpr std::uint64_t kPieceWindows = 4;

  bool is_old(Time seen) const {
    const auto age = static_cast<std::uint64_t>(std::max<std::int64_t>(seen.ns - began_.ns, 0));
    return age / 1000000000 >= limits_->body_seconds;
  }
  void become_streamed() {
    streamed_ = true;
    pieces_.set_window(std::min(limits_->body_bytes, kPieceWindows * limits_->raw_window_bytes));
  }

  const Limits* limits_;
  PieceBuffer pieces_;
  Time began_;
  bool streamed_ = false, known_length_ = false, bytes_only_ = false;
};

}  // namespace tattle
