#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/packet_ref.h"
#include "base/state_archive.h"
#include "base/time.h"
#include "stream/stream.h"

namespace tattle {

/// Record types (RFC 8446 section 5.1); `v2_hello` is an SSLv2-compatible ClientHello (RFC 5246 appendix E.2).
enum class RecordType : std::uint8_t {
  v2_hello = 0,
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
  heartbeat = 24,
};

/// Longest body met in practice: 2^14 and what ciphers of TLS 1.2 may add.
inline constexpr std::size_t kMaxRecordBody = (1 << 14) + 2048;
inline constexpr std::size_t kRecordHeader = 5;

/// Whether these 5 bytes may be a record's header.
bool plausible_record_header(Bytes header);

/// What RecordReader found next.
struct Record {
  enum class Kind : std::uint8_t {
    whole,       // type, version, body
    lost,        // type, version, length; its body was cut by a gap that ended within it; body holds what is known of
                 // its end, at most 64 bytes
    bad_header,  // this is no record: the bytes are searched for the next one
    resumed,     // a record was found again after an unknown loss; whole ones follow
  } kind = Kind::whole;
  RecordType type = RecordType::handshake;
  std::uint16_t version = 0;
  Bytes body{};              // lives until the next call of the reader
  std::uint32_t length = 0;  // of the body on the wire
  PacketRunsView packets{};  // likewise
  Time seen{};
};

/// Cuts one direction's bytes into records. Copies only records that span chunks.
class RecordReader {
 public:
  explicit RecordReader(bool may_start_with_v2_hello) : may_be_v2_(may_start_with_v2_hello) {}

  /// Gives the next bytes; call next() until it says no before the chunk goes.
  void feed(const Chunk& chunk);
  bool next(Record& record);
  /// `missing` bytes are lost, 0: unknown how many. Call next() afterwards.
  void gap(std::uint64_t missing);
  /// No more bytes: a search ends. Call next() afterwards.
  void finish();
  /// Bytes that no record was cut from.
  std::size_t left_over() const;
  /// Gives back memory that no bytes are kept in.
  void release();
  bool searching() const { return mode_ == Mode::search; }
  /// Between two chunks: whether nothing is lost, so that pass() tells everything.
  bool at_rest() const { return mode_ == Mode::records && !lost_ && !bad_ && !resumed_ && !partial_used_; }
  void pass(StateArchive& archive) {
    archive(may_be_v2_, partial_packets_);
    archive.long_row(partial_);
  }

 private:
  enum class Mode : std::uint8_t { records, skip, search };
  struct Piece {
    std::size_t end = 0;  // in search_
    PacketRuns packets;
    Time seen;
  };
  /// What only a stream with losses needs.
  struct Lost {
    Record skipped;              // header of the record that a gap cut
    PacketRuns skipped_packets;  // that brought its front
    ByteVector tail;             // the end of what came of it
    ByteVector search;
    std::vector<Piece> pieces;
    std::size_t piece = 0;  // next to load, after a search succeeded
    std::size_t piece_start = 0;
  };
  Lost& lost() {
    if (!lost_) lost_ = std::make_unique<Lost>();
    return *lost_;
  }
  enum class Frame : std::uint8_t { need_more, good, bad };

  bool load_piece();
  bool take_record(Record& record);
  bool finish_skip(Record& record);
  Frame frame(Bytes start, std::size_t& size) const;
  void fill(Record& record, Bytes bytes, PacketRunsView packets);
  void start_search();
  void search(bool at_end);
  void append_search();
  void drop_searched(std::size_t count);

  bool may_be_v2_;
  Mode mode_ = Mode::records;
  Bytes input_;             // of the chunk or piece, not yet cut
  PacketRunsView packets_;  // of input_
  Time seen_;
  ByteVector partial_;         // the start of a record whose rest has not come
  bool partial_used_ = false;  // it was given out: clear it on the next call
  PacketRuns partial_packets_;
  std::uint64_t skip_ = 0;      // bytes still to come of the record that a gap cut
  std::unique_ptr<Lost> lost_;  // null: nothing is lost
  bool resumed_ = false;
  bool bad_ = false;
};

}  // namespace tattle
