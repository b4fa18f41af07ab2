#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/state_archive.h"
#include "protocol/body/assembler.h"
#include "protocol/body/splitter.h"
#include "protocol/flow_parser.h"
#include "protocol/http1/head.h"

namespace tattle {

/// The message that one direction of an HTTP/1 connection is reading.
struct Http1Message {
  Http1Head parsed;
  ByteVector head;
  PieceMap head_pieces;
  Time first, last;
  std::uint64_t exchange = 0;
  RequestTarget to;             // of a request; of a response, the request's when that is certain
  std::string answered_method;  // of a response
  Via via = Via::direct;
  bool damaged = false;
  bool may_wait = false;  // its client may wait for 100 (Continue) before the body, and after another answer send none
  bool body_unsent = false;       // so it did
  std::uint64_t split_bytes = 0;  // of its body, that went down in frames
};

/// What a half tells its connection.
class Http1HalfOwner {
 public:
  virtual ~Http1HalfOwner() = default;
  /// Whether this direction may send requests, or responses, as far as is known.
  virtual bool may_send(Direction direction, bool request) const = 0;
  /// A head is whole: decides the exchange and the body. `cut`: lines are missing at its end.
  virtual BodyEnd on_head(Direction direction, Http1Message& message, PacketId where, bool cut) = 0;
  /// Who takes the body of a message whose head is whole, when it is a row of messages; nullptr for an ordinary one.
  virtual std::unique_ptr<BodySplitter> split(Direction direction, const Http1Message& message) = 0;
  /// A piece of the body.
  virtual void on_body(Direction direction, Http1Message& message, BodyAssembler& body, bool last) = 0;
  /// All of it.
  virtual void on_whole_body(Direction direction, Http1Message& message, Bytes body, PacketRunsView packets) = 0;
  /// The message is complete. True when this direction shall stop reading here, because another parser may follow.
  virtual bool on_complete(const Http1Message& message) = 0;
  /// Behind bytes whose framing was broken a message begins: others may have been among them.
  virtual void on_resumed(Direction direction) = 0;
  /// Bytes that are not HTTP.
  virtual void on_raw(const Chunk& chunk) = 0;
};

/// One direction: splits its stream into messages.
class Http1Half {
 public:
  Http1Half(Direction direction, const Limits& limits, Anomalies& anomalies, Http1HalfOwner& owner, bool joined);

  /// Reads until the chunk is used up, or until the owner stops it. Returns how many bytes it took.
  std::size_t on_data(const Chunk& chunk);
  void on_gap(const Chunk& where, std::uint64_t missing);
  void on_end(const Chunk& where);
  /// As Idler's.
  void on_idle();
  /// The message of this exchange has a body of which nothing came, and its sender may have waited for an answer.
  bool body_waits(std::uint64_t exchange) const {
    return reading_ && unbegun_ && reading_->message.may_wait && reading_->message.exchange == exchange;
  }
  /// That body was asked for: it will come.
  void ask_for_body() {
    if (reading_) reading_->message.may_wait = false;
  }
  /// It will not.
  void leave_out_body(PacketId where);
  std::uint64_t held_bytes() const {
    if (!reading_) return 0;
    return reading_->body.held_bytes() + (splitter_ ? splitter_->held_bytes() : 0);
  }
  /// As BodyHolder's.
  void relieve() {
    if (splitter_) return splitter_->relieve();
    if (reading_) reading_->body.relieve([&] { flush_body(false); });
  }
  bool at_rest() const { return !reading_ && !splitter_ && state_ != State::length && line_.empty(); }
  void pass(StateArchive& archive) {
    archive.flags(joined_, start_line_, gap_seen_, stopped_);
    archive(state_, head_offset_, remaining_);
  }
  /// Nothing of a message has been read yet.
  bool idle() const { return state_ == State::line && !in_head(); }
  /// Lost its place; the next start line counts wherever it is.
  bool lost() const { return joined_ || state_ == State::skip_line; }

 private:
  enum class State : std::uint8_t {
    line,         // a start line, then fields
    skip_line,    // not HTTP: until the line ends, or behind a loss a chunk starts like a message
    length,       // body of `remaining_` bytes
    chunk_size,   // the line with a chunk's size
    chunk_data,   // `remaining_` bytes of it
    chunk_end,    // the line end behind it
    trailer,      // fields behind the last chunk
    until_close,  // body without an end of its own
    raw,          // given up until a later packet starts like a message
  };

  /// What only a message under way needs.
  struct Reading {
    explicit Reading(const Limits& limits) : body(limits) {}
    Http1Message message;
    BodyAssembler body;
  };
  Reading& reading() {
    if (!reading_) reading_ = std::make_unique<Reading>(limits_);
    return *reading_;
  }
  Http1Message& message() { return reading().message; }
  BodyAssembler& body() { return reading().body; }
  bool in_head() const { return reading_ && !reading_->message.head.empty(); }

  std::size_t step(const Chunk& chunk);
  std::size_t read_head(const Chunk& chunk);
  void reject_line(const Chunk& chunk);
  std::size_t skip_line(const Chunk& chunk);
  bool may_start_here(Bytes data) const;
  bool may_start_again(const Chunk& chunk) const;
  void give_up(PacketId where);
  void head_complete(const Chunk& chunk, bool cut);
  std::size_t read_body(const Chunk& chunk, std::uint64_t most);
  std::size_t read_chunk_size(const Chunk& chunk);
  std::size_t read_chunk_end(const Chunk& chunk);
  std::size_t read_trailer(const Chunk& chunk);
  void bad_chunk(const Chunk& chunk);
  void flush_body(bool last);
  void complete();
  void forget_message();
  void resynchronise();

  const Direction direction_;
  const Limits& limits_;
  Anomalies& anomalies_;
  Http1HalfOwner& owner_;
  State state_ = State::line;
  bool joined_;              // bytes that are no start line are expected here
  bool start_line_ = false;  // the first line of head_ was accepted
  bool gap_seen_ = false;
  bool unbegun_ = false;  // the body that follows the head
  bool stopped_ = false;
  std::unique_ptr<Reading> reading_;
  std::uint64_t head_offset_ = 0;  // in the stream, of the head's first byte
  std::uint64_t remaining_ = 0;
  std::string line_;                        // chunk size line
  std::size_t trailer_begin_ = 0;           // in the head
  PacketId broken_in_;                      // the packet in which the framing was given up
  std::unique_ptr<BodySplitter> splitter_;  // takes the body in its place
};

}  // namespace tattle
