#pragma once

// What the parts of Http3Connection share.

#include <deque>
#include <optional>
#include <unordered_map>

#include "protocol/http2/stream.h"
#include "protocol/http3/frame.h"
#include "protocol/http3/http3.h"
#include "protocol/http3/qpack.h"
#include "protocol/raw/raw.h"

namespace tattle {

/// Something that happens to a message; it waits while its stream is blocked.
struct Http3Event {
  enum class What : std::uint8_t { section, promise, data, data_lost, borders_lost, end };
  What what;
  Direction direction;
  Bytes bytes;  // of data or a section
  PacketRunsView packets;
  Time first, last;
  std::uint64_t number = 0;  // of data_lost: bytes; of promise: the push's number
  bool damaged = false;      // a section's rest is lost; a stream ended too early
};

/// An event, owned.
struct Http3Waiting {
  Http3Event event;
  ByteVector bytes;
  PacketRuns packets;
};

/// What a stream is for.
enum class Http3Use : std::uint8_t { unknown, request, push, control, encoder, decoder, ignored, raw };

struct Http3Half {
  explicit Http3Half(const Limits& limits) : reader(limits) {}
  Http3FrameReader reader;
  std::uint64_t next = 0;  // offset of the byte that comes next
  bool astray = false;     // where frames start is not known any more
  bool ended = false;
};

struct Http3Stream {
  Http3Stream(std::uint64_t number, const Limits& limits) : id(number), halves{Http3Half(limits), Http3Half(limits)} {}

  bool unidirectional() const { return (id & 2) != 0; }

  std::uint64_t id;
  Http3Use use = Http3Use::unknown;
  std::uint64_t message_id = 0;  // as Http2Streams knows it
  Http3Half halves[2];           // by Direction
  ByteVector start;              // of a unidirectional stream, while its use is unknown; of instructions, a rest
  PacketRuns start_packets;
  std::unique_ptr<RawStream> raw;
  std::deque<Http3Waiting> waiting;  // the first is a blocked section
};

struct Http3Side {
  explicit Http3Side(const Limits& limits) : qpack(limits), head(limits.http_head_bytes) {}
  QpackDecoder qpack;                 // of sections that travel in this direction
  Http2Head head;                     // of the section read last; kept for its memory
  std::deque<std::uint64_t> blocked;  // streams whose first waiting section travels in this direction, in order
  std::uint64_t inserts_acknowledged = 0;
  PacketId last_packet;                                                   // of any stream
  bool settings_seen = false;                                             // sent in this direction
  bool control_seen = false, encoder_seen = false, decoder_seen = false;  // streams, likewise
};

struct Http3Connection::State {
  State(const FlowInfo& info, const StreamContext& context_above, ParserContext& parser);

  void note(std::string_view name, PacketId where) { context.anomalies->note(name, where); }
  Http3Side& side(Direction direction) { return sides[index(direction)]; }

  // http3.cc: streams and what they are for
  Http3Stream& find_or_make(std::uint64_t id, PacketId where);
  void evict_oldest(PacketId where);
  void forget_if_over(std::uint64_t id);
  void forget_unblocked();
  void read(Http3Stream& stream, const Chunk& chunk);
  void begin_critical(Http3Stream& stream, std::uint64_t type, const Chunk& chunk);
  void read_start(Http3Stream& stream, const Chunk& chunk);
  void read_raw(Http3Stream& stream, const Chunk& chunk);
  void read_control(Http3Stream& stream, const Chunk& chunk);
  void read_decoder_stream(Http3Stream& stream, const Chunk& chunk);
  void on_settings(Direction direction, Bytes payload, PacketId where);
  PacketId packet_that_waits(Direction direction) const;
  void lose_table(Direction direction, PacketId where);
  void on_gap(Http3Stream& stream, const Chunk& where, std::uint64_t missing);
  void on_end(Http3Stream& stream, const Chunk& where, bool reset);

  // http3_message.cc: requests, responses and pushes
  void read_frames(Http3Stream& stream, const Chunk& chunk);
  void on_frame(Http3Stream& stream, const Http3Step& step, const Chunk& chunk);
  void on_message_gap(Http3Stream& stream, const Chunk& where, std::uint64_t missing);
  void on_message_end(Http3Stream& stream, const Chunk& where, bool reset);
  void happen(Http3Stream& stream, const Http3Event& event);
  bool act(Http3Stream& stream, const Http3Event& event);
  bool read_section(Http3Stream& stream, const Http3Event& event);
  void wait(Http3Stream& stream, const Http3Event& event);
  bool act_on_waiting(Http3Stream& stream);
  void retry(Direction direction);

  const FlowInfo& flow;
  const StreamContext& above;
  ParserContext& context;
  const Limits& limits;
  Http2Streams messages;
  Http3Side sides[2];
  std::unordered_map<std::uint64_t, Http3Stream> streams;
  std::deque<std::uint64_t> order;       // of making; ids of streams that are gone stay until compacted
  std::vector<std::uint64_t> unblocked;  // streams that may be over now
  std::uint64_t waiting_bytes = 0;
};

}  // namespace tattle
