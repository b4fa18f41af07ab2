#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/body/assembler.h"
#include "protocol/body/ledger.h"
#include "protocol/body/splitter.h"
#include "protocol/buffer/held_stream.h"
#include "protocol/flow_parser.h"
#include "protocol/http2/head.h"
#include "protocol/http2/tunnel.h"
#include "protocol/raw/raw.h"
#include "protocol/stream_context.h"

namespace tattle {

/// One direction's message of a stream while it is put together.
struct Http2Part {
  explicit Http2Part(const Limits& limits) : head(limits.http_head_bytes), body(limits) {}

  std::uint64_t held_bytes() const;
  /// Makes room for the stream's next message in this direction.
  void clear();

  Http2Head head;
  PieceMap head_pieces;
  BodyAssembler body;
  std::unique_ptr<BodySplitter> splitter;  // takes the body, when it is a row of messages
  std::uint64_t split_bytes = 0;
  Time first, last;
  std::optional<int> status;
  bool open = false;    // holds something that was not handed down yet
  bool headed = false;  // its head was read
  bool damaged = false;
  bool ended = false;   // END_STREAM
  bool astray = false;  // the borders of its frames were lost: what follows is bytes of some kind
};

struct Http2Stream {
  Http2Stream(std::uint64_t number, const Limits& limits) : id(number), parts{Http2Part(limits), Http2Part(limits)} {}

  std::uint64_t id;
  std::uint64_t exchange = 0;             // 0 until anything of the request was seen
  Http2Part parts[2];                     // by Direction
  std::string method, host, target, url;  // of the request
  std::uint16_t host_port = 0;
  bool connect = false;                         // DATA is bytes for the CONNECT's host
  std::unique_ptr<WebSocketOpening> websocket;  // of an extended CONNECT for one (RFC 8441)
  std::unique_ptr<Http2Tunnel> tunnel;          // reads them
  bool byte_stream = false;  // DATA is not a message's body: CONNECT, also an extended one (RFC 8441)
  bool reset = false;        // it is over, as far as anyone said
  bool answered = false;     // whether the CONNECT was taken is known
  HeldStream early;          // what its client sent before that
};

/// A header block as it came.
struct Http2Block {
  const Http2Head* head = nullptr;
  PacketRunsView packets;
  Time first, last;
  bool end_stream = false;
  bool damaged = false;  // some of its bytes were lost or not understood
};

/// What differs between the versions of HTTP that have streams. Anomalies are literals; an empty one is none.
struct HttpVersion {
  std::string_view protocol = "http/2";
  std::string_view pseudo_fields = "http2.pseudo-fields", second_head = "http2.second-head";
  std::string_view promised_twice = "http2.promised-twice";
  std::string_view streams_limit = "http2.streams-limit", buffer_limit = "http2.connection-buffer-limit";
};

/// In HTTP/3 pushes have numbers of their own (RFC 9114 section 4.6): their streams are told apart by this bit.
constexpr std::uint64_t kHttpPushBit = std::uint64_t{1} << 62;

/// The streams of one connection of HTTP/2 or HTTP/3: puts messages together and hands them down.
class Http2Streams : public BodyHolder {
 public:
  Http2Streams(const FlowInfo& flow, const StreamContext& above, ParserContext& context, HttpVersion version = {});

  /// Stream 1 is the request that asked for the upgrade (RFC 7540 section 3.2).
  void begin_upgraded(const Message& request);
  /// Which direction carries requests, as soon as anything shows it.
  void set_client(Direction direction);

  void on_head(Direction direction, std::uint64_t id, const Http2Block& block, PacketId where);
  void on_promise(Direction direction, std::uint64_t promised, const Http2Block& block, PacketId where);
  void on_data(const Chunk& chunk, std::uint64_t id, Bytes data, bool end_stream, Time began);
  void on_data_lost(Direction direction, std::uint64_t id, std::uint64_t bytes);
  void on_reset(Direction direction, std::uint64_t id);
  /// One direction of a stream is over. `damaged`: before its message was.
  void on_part_end(Direction direction, std::uint64_t id, bool damaged);
  /// What one direction of a stream carries from here on cannot be told apart any more: data of no known frame.
  void on_borders_lost(Direction direction, std::uint64_t id);
  /// Whole frames of this direction were lost.
  void on_frames_lost(Direction direction);
  /// Bytes that no frame could be made of.
  void on_unread(const Chunk& chunk) { unread_.on_data(chunk); }
  void end_unread(Direction direction);
  void on_end(Direction direction);

  std::uint64_t highest_stream() const { return highest_; }
  std::uint64_t held_bytes() const override { return buffered_; }
  void relieve() override;

 private:
  Http2Stream* find(std::uint64_t id);
  Http2Stream& find_or_make(std::uint64_t id, PacketId where);
  void erase(std::uint64_t id);
  void evict_oldest(PacketId where);
  bool is_request(Direction direction) const { return direction == client_; }
  void begin_request(Http2Stream& stream, const Http2Meaning& meaning);
  void open(Http2Part& part, Time first, Time last);
  void after_head(Http2Stream& stream, Direction direction, const Http2Meaning& meaning, bool end_stream);
  bool tunnel(Http2Stream& stream, const Chunk& chunk, Bytes data);
  void on_answer(Http2Stream& stream, bool accepted);
  void begin_split(Http2Stream& stream, Http2Part& part, Direction direction);
  bool split(Http2Part& part, const Chunk& chunk, Bytes data);
  void append(Http2Stream& stream, Http2Part& part, Direction direction, Bytes data, const Chunk& chunk);
  void bound(PacketId where);
  void relieve(Http2Stream& stream, Direction direction);
  void end_part(Http2Stream& stream, Direction direction);
  void flush_damaged(Http2Stream& stream);
  void keep_a_while(Http2Stream& stream);
  void hand_down(Http2Stream& stream, Http2Part& part, Direction direction, bool last_piece);
  Message describe(const Http2Stream& stream, const Http2Part& part, Direction direction) const;
  PathStep step(const Http2Stream& stream) const;
  Message describe_bytes(const Http2Stream& stream, Direction direction) const;

  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& context_;
  const Limits& limits_;
  const HttpVersion version_;
  Direction client_ = Direction::to_server;
  bool client_known_ = false;
  std::unordered_map<std::uint64_t, Http2Stream> streams_;
  std::deque<std::uint64_t> order_;        // of making; ids of streams that are gone stay until compacted
  std::deque<std::uint64_t> reset_order_;  // streams that are over, kept a while for what was still on its way
  Http2Stream* recent_ = nullptr;
  std::uint64_t highest_ = 0;
  RawStream unread_;
  std::size_t tunnels_ = 0;     // that have a reader of their own
  std::uint64_t buffered_ = 0;  // bytes of all bodies and heads
};

}  // namespace tattle
