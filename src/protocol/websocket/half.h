#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/body/assembler.h"
#include "protocol/buffer/held_bytes.h"
#include "protocol/buffer/piece_buffer.h"
#include "protocol/flow_parser.h"
#include "protocol/websocket/deflate.h"
#include "protocol/websocket/frame.h"

namespace tattle {

/// A message, or a piece of one, as a half reads it.
struct WebSocketPart {
  std::uint8_t opcode = 0;
  bool inflated = false;  // permessage-deflate was taken off
  bool damaged = false;
  bool last = true;
  Time first, last_seen;
  Bytes body;
  PieceMap* pieces = nullptr;  // lent for the call
  std::uint64_t offset = 0, overlap = 0;
  bool streamed = false;  // as in Message, with its key
  const void* key = nullptr;
};

/// What a half tells its connection.
class WebSocketHalfOwner {
 public:
  virtual ~WebSocketHalfOwner() = default;
  virtual void on_part(Direction direction, const WebSocketPart& part) = 0;
  /// Whether binary messages are a stream of their own, to which their bytes are given as they come.
  virtual bool streams_binary() const = 0;
  virtual void on_stream_bytes(const Chunk& chunk, Bytes data) = 0;
  virtual void on_stream_gap(const Chunk& where, std::uint64_t missing) = 0;
  /// Bytes of which no frame is known.
  virtual void on_raw(const Chunk& chunk) = 0;
  virtual void on_raw_end(const Chunk& where) = 0;
  /// Compressed bytes whose context is lost.
  virtual void on_opaque(std::uint64_t bytes) = 0;
};

/// One direction of a WebSocket: frames to messages.
class WebSocketHalf {
 public:
  /// @param deflate  How this side compresses; nothing when it may not.
  WebSocketHalf(Direction direction, bool client, std::optional<DeflateAgreement::Side> deflate, const Limits& limits,
                Anomalies& anomalies, WebSocketHalfOwner& owner);

  void on_data(const Chunk& chunk);
  void on_gap(const Chunk& where, std::uint64_t missing);
  void on_end(const Chunk& where);
  std::uint64_t held_bytes() const { return message_.held_bytes(); }
  /// As BodyHolder's.
  void relieve() {
    if (open_) message_.relieve([&] { emit_message(false); });
  }

 private:
  enum class State : std::uint8_t { header, payload, searching };
  enum class Use : std::uint8_t { plain, inflate, stream, opaque };  // what is done with a data message's bytes

  void read(const Chunk& chunk);
  std::size_t read_header(const Chunk& chunk);
  void begin_frame(const Chunk& chunk);
  void begin_message(const Chunk& chunk);
  void payload(const Chunk& chunk, Bytes masked);
  void take_data(const Chunk& chunk, Bytes data);
  void inflate(const Chunk& chunk, Bytes data);
  void context_lost();
  void end_frame(const Chunk& chunk);
  void end_message(const Chunk& chunk);
  void emit_message(bool last);
  void emit_control();
  void lose_payload(const Chunk& where, std::uint64_t missing);
  void lose_frames(const Chunk& where);
  void search(const Chunk& where, bool at_end);

  const Direction direction_;
  const bool masked_;  // this side's frames are
  const std::optional<DeflateAgreement::Side> deflate_;
  const Limits& limits_;
  Anomalies& anomalies_;
  WebSocketHalfOwner& owner_;
  State state_ = State::header;
  bool ended_ = false;

  std::uint8_t header_[kWsLongestHeader] = {};
  std::size_t header_size_ = 0;
  Time frame_first_;
  WebSocketFrame frame_;
  std::uint64_t phase_ = 0;  // payload bytes of the frame so far

  bool open_ = false;  // a message is under way
  std::uint8_t opcode_ = 0;
  Use use_ = Use::plain;
  bool damaged_ = false, inflated_ = false;
  Time first_, last_;
  BodyAssembler message_;
  PieceBuffer control_;
  bool control_damaged_ = false;
  ByteVector unmasked_;
  std::unique_ptr<MessageInflater> inflater_;
  bool inflater_lost_ = false;  // for good: later messages depend on what was lost
  HeldBytes held_;
};

}  // namespace tattle
