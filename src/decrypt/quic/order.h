#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "base/packet_ref.h"
#include "base/time.h"

namespace tattle {

/// Where bytes came from: the packets of one datagram, and the number of the QUIC packet in them.
struct QuicOrigin {
  PacketRunsView packets;
  Time seen;
  std::uint64_t number = 0;
};

/// Puts the pieces of one direction of a stream, or of a CRYPTO stream, in order. Pieces may come in any order and
/// overlap; the first to say a byte is believed.
class QuicOrder {
 public:
  /// Bytes kept while something before them is missing, with what keeping them costs.
  std::uint64_t waiting_bytes() const { return waiting_bytes_; }
  bool has_hole() const { return !pieces_.empty(); }
  /// Offset up to which everything was given out or passed over.
  std::uint64_t next() const { return next_; }
  /// Where the first hole ends; the packet number of what comes right behind it.
  std::uint64_t hole_end() const { return pieces_.begin()->first; }
  std::uint64_t hole_number() const { return hole_number_; }

  /// Adds a piece; calls emit(offset, bytes, origin) for whatever is in order now.
  template <class Emit>
  void add(std::uint64_t offset, Bytes data, const QuicOrigin& origin, Emit emit) {
    skip_old(offset, data);
    if (data.empty()) return;
    if (offset == next_ && pieces_.empty()) {
      next_ += data.size();
      emit(offset, data, origin);
      return;
    }
    keep(offset, data, origin);
    give_out(emit);
  }
  /// Passes over the first hole; the bytes behind it are given out.
  template <class Emit>
  void skip_hole(Emit emit) {
    if (pieces_.empty()) return;
    next_ = pieces_.begin()->first;
    give_out(emit);
  }
  void clear() {
    pieces_.clear();
    waiting_bytes_ = 0;
  }

 private:
  struct Piece {
    ByteVector data;
    PacketRuns packets;
    Time seen;
    std::uint64_t number = 0;
  };
  static constexpr std::uint64_t kPieceCost = 160;  // of keeping one, beside its bytes

  void skip_old(std::uint64_t& offset, Bytes& data) const {
    if (offset >= next_) return;
    const std::uint64_t old = std::min<std::uint64_t>(next_ - offset, data.size());
    data = data.subspan(static_cast<std::size_t>(old));
    offset += old;
  }
  void keep(std::uint64_t offset, Bytes data, const QuicOrigin& origin);

  template <class Emit>
  void give_out(Emit emit) {
    while (!pieces_.empty() && pieces_.begin()->first == next_) {
      auto first = pieces_.extract(pieces_.begin());
      Piece& piece = first.mapped();
      waiting_bytes_ -= piece.data.size() + kPieceCost;
      next_ += piece.data.size();
      emit(first.key(), Bytes(piece.data), QuicOrigin{piece.packets, piece.seen, piece.number});
    }
    if (!pieces_.empty() && pieces_.begin()->first != hole_end_) {
      hole_end_ = pieces_.begin()->first;
      hole_number_ = pieces_.begin()->second.number;
    }
  }

  std::map<std::uint64_t, Piece> pieces_;  // by offset, not overlapping
  std::uint64_t next_ = 0;
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t hole_end_ = 0, hole_number_ = 0;
};

}  // namespace tattle
