#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/anomalies.h"
#include "base/bytes.h"
#include "base/packet_ref.h"
#include "base/state_archive.h"
#include "base/time.h"

namespace tattle {

/// Bytes of one segment that wait for their turn. `data` is shorter than `size` when the rest was cut by the snap
/// length: those bytes are known to be lost.
struct TcpPiece {
  ByteVector data;
  std::uint64_t size = 0;
  PacketRun packet;
  PacketRuns fragments;  // all its packets, when it came in IP fragments
  Time time;
  std::uint64_t order = 0;
  std::optional<std::uint32_t> acknowledgment;  // what its sender had received before it sent this

  PacketRunsView packets() const { return fragments.empty() ? PacketRunsView(&packet, 1) : PacketRunsView(fragments); }
};

/// One direction of a TCP connection: where its stream stands, and what waits behind a hole. Positions count bytes from
/// the stream's start in 64 bits, so that the 32-bit sequence may wrap any number of times.
class TcpHalf {
 public:
  /// Farther from the expected byte than any TCP window (RFC 7323 section 2.3) nothing belongs to this connection.
  static constexpr std::int64_t kWindow = std::int64_t{1} << 30;

  bool started = false;
  bool tentative = false;  // the start comes from the other side's acknowledgment, nothing was delivered yet
  bool ended = false;
  std::uint32_t next_sequence = 0;   // of the byte at `offset`
  std::uint64_t offset = 0;          // bytes delivered or given up
  std::optional<std::uint64_t> fin;  // position behind the last byte
  std::optional<std::uint32_t> acknowledged;
  std::optional<std::uint32_t> stray_sequence;  // where a segment far outside the window ended
  std::uint64_t hole_since = 0;                 // clock at which the hole was found to be acknowledged; 0: it is not
  std::uint64_t hold_since = 0;                 // clock at which the first piece began to wait for the other direction
  bool trusted_silent = false;                  // the other direction no longer waits for this one's missing bytes
  Time last_time;
  PacketRun last_packet;

  void start(std::uint32_t sequence) {
    started = true;
    next_sequence = sequence;
  }
  std::int64_t position(std::uint32_t sequence) const {
    return static_cast<std::int64_t>(offset) + static_cast<std::int32_t>(sequence - next_sequence);
  }
  void advance(std::uint64_t bytes) {
    offset += bytes;
    next_sequence += static_cast<std::uint32_t>(bytes);
    hole_since = hold_since = 0;
  }

  /// Keeps a piece that starts at or behind `offset`. Bytes seen before win; returns how many were there already, and
  /// sets `conflict` when they differ.
  std::uint64_t keep(std::uint64_t at, TcpPiece piece, bool& conflict);

  const std::map<std::uint64_t, TcpPiece>& waiting() const {
    static const std::map<std::uint64_t, TcpPiece> kNothing;
    return waiting_ ? *waiting_ : kNothing;
  }
  std::uint64_t waiting_bytes() const { return waiting_bytes_; }
  TcpPiece take_first();
  /// Missing bytes before the first waiting piece.
  std::uint64_t hole() const { return waiting().empty() ? 0 : waiting().begin()->first - offset; }

  /// Remembers a delivered segment, so that a different one at the same place is noticed. Only the outer bytes of
  /// long segments are looked at: what this must catch is another text, not a flipped bit.
  void remember(std::uint64_t at, Bytes data);
  /// False when a segment of this place and size was delivered with other bytes.
  bool agrees(std::int64_t at, Bytes data) const;

  /// Everything, of a half that keeps no piece. `start`: the flow's.
  void pass(StateArchive& archive, Time start);

 private:
  struct Seen {
    std::uint64_t at = 0;
    std::uint32_t size = 0;
    std::uint32_t hash = 0;
  };
  void insert(std::uint64_t at, const TcpPiece& whole, std::uint64_t from, std::uint64_t size);

  static constexpr std::size_t kSeen = 8;
  std::unique_ptr<std::map<std::uint64_t, TcpPiece>> waiting_;  // by position; they do not overlap; null: none ever did
  std::uint64_t waiting_bytes_ = 0;
  std::vector<Seen> seen_;  // the last kSeen delivered, as a ring
  std::uint8_t seen_next_ = 0;
};

}  // namespace tattle
