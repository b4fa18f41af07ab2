#include "protocol/http2/http2.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "protocol/dns/base64url.h"
#include "protocol/http2/fingerprint.h"
#include "protocol/http2/hpack.h"
#include "protocol/http2/reader.h"
#include "protocol/http2/search.h"
#include "protocol/http2/stream.h"

namespace tattle {
namespace {

// A header block that CONTINUATION frames may lengthen (RFC 9113 section 6.10).
struct OpenBlock {
  bool active = false;
  bool promise = false;
  bool end_stream = false;
  bool cut = false;          // bytes of it were lost
  std::uint32_t stream = 0;  // the block's own; of a promise, the promised one
  std::uint32_t on_stream = 0;
  ByteVector bytes;
  PacketRuns packets;
  Time first;
};

struct Side {
  Side(Direction which, const Limits& limits)
      : direction(which), reader(limits), hpack(limits), head(limits.http_head_bytes) {}

  enum class State : std::uint8_t { start, searching, frames };
  State state = State::start;
  Direction direction;
  Http2FrameReader reader;
  Http2FrameSearch search;
  HpackDecoder hpack;
  Http2Head head;  // of the block read last; kept for its memory
  OpenBlock block;
  std::uint32_t max_frame = kUsualMaxFrameBytes;  // announced by the other side
  bool whole = true;                              // nothing of it was missed so far
  bool sent_preface = false;
  bool ended = false;
};

}  // namespace

struct Http2Connection::State {
  State(const FlowInfo& info, const StreamContext& above, ParserContext& parser)
      : flow(info),
        context(parser),
        outer(above),
        streams(info, above, parser),
        sides{Side(Direction::to_server, *parser.limits), Side(Direction::to_client, *parser.limits)} {}

  void note(std::string_view name, PacketId where) { context.anomalies->note(name, where); }
  Side& side(Direction direction) { return sides[index(direction)]; }

  Side& other(const Side& side) { return sides[index(opposite(side.direction))]; }

  void begin(Side& side, PacketId where, bool at_end);
  void search(Side& side, bool at_end);
  void read_held(Side& side, std::size_t begin);
  void read(Side& side, const Chunk& chunk);
  void on_frame(Side& side, const FrameStep& step, const Chunk& chunk);
  void on_headers(Side& side, const FrameStep& step, const Chunk& chunk);
  void on_promise(Side& side, const FrameStep& step, const Chunk& chunk);
  void on_continuation(Side& side, const FrameStep& step, const Chunk& chunk);
  void add_to_block(Side& side, Bytes fragment, const FrameStep& step, const Chunk& chunk);
  void end_block(Side& side, Time last, PacketId where);
  void on_settings(Direction direction, Bytes payload);
  void lose_frames(Side& side, PacketId where);
  std::optional<Bytes> without_padding(const FrameStep& step, std::size_t fixed, PacketId where);

  const FlowInfo& flow;
  ParserContext& context;
  const StreamContext& outer;
  Http2Fingerprint fingerprint;  // of the side that sent the preface
  Http2Streams streams;
  Side sides[2];
};

// The first bytes of a direction: the preface, the other side's SETTINGS, or something from the middle.
void Http2Connection::State::begin(Side& side, PacketId where, bool at_end) {
  const Bytes bytes = side.search.bytes();
  const bool answers = side.direction == Direction::to_client || other(side).sent_preface;
  const bool preface = looks_like_http2(bytes, Direction::to_server);
  const bool settings = !preface && answers && looks_like_http2(bytes, Direction::to_client);
  const std::size_t needed = preface ? kHttp2Preface.size() : kFrameHeaderBytes;
  if ((preface || settings) && bytes.size() >= needed) {
    if (preface) {
      side.sent_preface = true;
      streams.set_client(side.direction);
    }
    return read_held(side, preface ? needed : 0);
  }
  if ((preface || settings) && !at_end) return;
  note("http2.joined-midway", where);
  lose_frames(side, where);
  search(side, at_end);
}

void Http2Connection::State::read_held(Side& side, std::size_t begin) {
  Http2FrameSearch held;
  std::swap(held, side.search);
  side.state = Side::State::frames;
  held.replay(flow, side.direction, begin, held.size(), [&](const Chunk& each) { read(side, each); });
}

void Http2Connection::State::search(Side& side, bool at_end) {
  constexpr std::uint32_t kIdsAhead = 4000;  // streams that may have come and gone in a gap
  const auto known = static_cast<std::uint32_t>(streams.highest_stream());
  const bool found = side.search.find(known == 0 ? 0x7fffffff : known + kIdsAhead, at_end);
  const std::size_t rejected = side.search.rejected();
  if (!found && !at_end && rejected < context.limits->raw_window_bytes) return;
  side.search.replay(flow, side.direction, 0, rejected, [&](const Chunk& each) { streams.on_unread(each); });
  if (found || at_end) streams.end_unread(side.direction);
  if (found) return read_held(side, rejected);
  side.search.drop_front(rejected);
}

// From here on neither the border of a frame nor the header table is known.
void Http2Connection::State::lose_frames(Side& side, PacketId where) {
  if (side.block.active) {
    side.block.cut = true;
    end_block(side, side.block.first, where);
  }
  side.whole = false;
  side.hpack.lose_table();
  side.reader.restart();
  streams.on_frames_lost(side.direction);
  side.state = Side::State::searching;
}

void Http2Connection::State::read(Side& side, const Chunk& chunk) {
  Bytes input = chunk.data;
  for (;;) {
    const FrameStep step = side.reader.next(input, chunk);
    if (step.bad_padding) note("http2.padding", chunk.first_packet());
    if (step.kind == FrameStep::Kind::need_more) return;
    if (step.kind == FrameStep::Kind::frame) {
      on_frame(side, step, chunk);
      continue;
    }
    if (side.block.active) {
      note("http2.continuation-missing", chunk.first_packet());
      side.block.cut = true;
      end_block(side, chunk.seen, chunk.first_packet());
    }
    if (step.last && step.frame.length > side.max_frame) note("http2.frame-size", chunk.first_packet());
    if (step.frame.stream == 0) {
      if (step.last) note("http2.frame", chunk.first_packet());
      continue;
    }
    streams.on_data(chunk, step.frame.stream, step.bytes, step.last && step.frame.has(kEndStream), step.began);
  }
}

void Http2Connection::State::on_frame(Side& side, const FrameStep& step, const Chunk& chunk) {
  const PacketId where = chunk.first_packet();
  if (!step.cut && !frame_is_lawful(step.frame)) note("http2.frame", where);
  if (step.frame.length > side.max_frame) note("http2.frame-size", where);
  if (side.block.active && step.frame.type != kContinuation) {
    note("http2.continuation-missing", where);
    side.block.cut = true;
    end_block(side, chunk.seen, where);
  }
  if (side.sent_preface && side.whole && !step.cut) fingerprint.on_frame(step.frame, step.bytes);
  switch (step.frame.type) {
    case kHeaders:
      return on_headers(side, step, chunk);
    case kPushPromise:
      return on_promise(side, step, chunk);
    case kContinuation:
      return on_continuation(side, step, chunk);
    case kRstStream:
      if (step.frame.stream != 0) streams.on_reset(chunk.direction, step.frame.stream);
      return;
    case kSettings:
      if (!step.frame.has(kAck) && !step.cut) on_settings(side.direction, step.bytes);
      return;
    default:
      return;  // PRIORITY, PING, GOAWAY, WINDOW_UPDATE and types that extensions define carry no message
  }
}

// RFC 9113 sections 6.2 and 6.6: [pad length] fixed fields, fragment, padding.
std::optional<Bytes> Http2Connection::State::without_padding(const FrameStep& step, std::size_t fixed, PacketId where) {
  Bytes bytes = step.bytes;
  std::size_t padding = 0;
  if (step.frame.has(kPadded) && !bytes.empty()) {
    padding = bytes[0];
    bytes = bytes.subspan(1);
  }
  // Of a cut frame the padding, which stands last, went first; but whether all of it did is not known.
  const std::size_t lost = step.frame.length - std::min<std::size_t>(step.frame.length, step.bytes.size());
  padding -= std::min(padding, lost);
  if (bytes.size() < fixed + padding) {
    note("http2.padding", where);
    return std::nullopt;
  }
  return bytes.first(bytes.size() - padding);
}

void Http2Connection::State::on_headers(Side& side, const FrameStep& step, const Chunk& chunk) {
  const std::size_t fixed = step.frame.has(kPriorityFlag) ? 5 : 0;
  const std::optional<Bytes> payload = without_padding(step, fixed, chunk.first_packet());
  side.block = OpenBlock{};
  side.block.active = true;
  side.block.end_stream = step.frame.has(kEndStream);
  side.block.stream = side.block.on_stream = step.frame.stream;
  side.block.first = step.began;
  side.block.cut = !payload;
  add_to_block(side, payload ? payload->subspan(fixed) : Bytes(), step, chunk);
}

void Http2Connection::State::on_promise(Side& side, const FrameStep& step, const Chunk& chunk) {
  constexpr std::size_t kPromisedId = 4;
  const std::optional<Bytes> payload = without_padding(step, kPromisedId, chunk.first_packet());
  side.block = OpenBlock{};
  side.block.active = side.block.promise = true;
  side.block.on_stream = step.frame.stream;
  side.block.first = step.began;
  side.block.cut = !payload;
  if (payload) {
    const Bytes id = payload->first(kPromisedId);
    side.block.stream =
        (std::uint32_t{id[0]} << 24 | std::uint32_t{id[1]} << 16 | std::uint32_t{id[2]} << 8 | id[3]) & 0x7fffffffu;
  }
  add_to_block(side, payload ? payload->subspan(kPromisedId) : Bytes(), step, chunk);
}

void Http2Connection::State::on_continuation(Side& side, const FrameStep& step, const Chunk& chunk) {
  if (side.block.active && side.block.on_stream == step.frame.stream) {
    return add_to_block(side, step.bytes, step, chunk);
  }
  // Its block's start was lost, and with it what the rest would add to the table.
  note("http2.continuation-alone", chunk.first_packet());
  if (side.block.active) {
    side.block.cut = true;
    end_block(side, chunk.seen, chunk.first_packet());
  }
  side.hpack.lose_table();
}

void Http2Connection::State::add_to_block(Side& side, Bytes fragment, const FrameStep& step, const Chunk& chunk) {
  OpenBlock& block = side.block;
  add_packets(block.packets, step.packets);
  if (!block.cut) {
    if (block.bytes.size() + fragment.size() > context.limits->http_head_bytes) {
      note("http2.head-limit", chunk.first_packet());
      block.cut = true;
    } else {
      block.bytes.insert(block.bytes.end(), fragment.begin(), fragment.end());
    }
  }
  block.cut |= step.cut;
  if (step.frame.has(kEndHeaders)) end_block(side, chunk.seen, chunk.first_packet());
}

void Http2Connection::State::end_block(Side& side, Time last, PacketId where) {
  OpenBlock& block = side.block;
  block.active = false;
  side.head.clear();
  const bool good = side.hpack.decode(block.bytes, block.cut, side.head);
  if (!good) note("http2.hpack", where);
  if (side.head.cut()) note("http2.head-limit", where);
  const bool settings_seen = sides[0].whole && sides[1].whole;
  if (settings_seen && side.hpack.over_announced()) note("http2.table-size", where);
  if (side.sent_preface && side.whole && good && !block.cut && !fingerprint.complete()) {
    fingerprint.on_head(side.head);
    std::string& of_flow = outer.counters->http2_fingerprint;
    if (of_flow.empty()) of_flow = fingerprint.text();
  }
  if (block.stream == 0) return;
  const Http2Block whole{&side.head, block.packets, block.first, last, block.end_stream, block.cut || !good};
  if (block.promise) {
    streams.on_promise(side.direction, block.stream, whole, where);
  } else {
    streams.on_head(side.direction, block.stream, whole, where);
  }
}

// RFC 9113 section 6.5.1: pairs of a 16-bit identifier and a 32-bit value. They bind the other side.
void Http2Connection::State::on_settings(Direction direction, Bytes payload) {
  constexpr std::uint16_t kHeaderTableSize = 1, kMaxFrameSize = 5;
  Side& bound = side(opposite(direction));
  ByteReader in(payload);
  while (in.remaining() >= 6) {
    const std::uint16_t identifier = in.u16("settings.identifier");
    const std::uint32_t value = in.u32("settings.value");
    if (identifier == kHeaderTableSize) bound.hpack.announce(value);
    if (identifier == kMaxFrameSize) bound.max_frame = std::max(bound.max_frame, value);
  }
}

Http2Connection::Http2Connection(const FlowInfo& flow, const StreamContext& above, ParserContext& context)
    : state_(std::make_unique<State>(flow, above, context)) {}
Http2Connection::~Http2Connection() = default;

void Http2Connection::start_upgraded(const Message& request, std::string_view settings) {
  state_->streams.begin_upgraded(request);
  state_->on_settings(request.direction, decode_base64url(settings));
}

void Http2Connection::on_data(const Chunk& chunk) {
  Side& side = state_->side(chunk.direction);
  if (chunk.data.empty()) return;
  if (side.state == Side::State::frames) return state_->read(side, chunk);
  side.search.add(chunk);
  if (side.state == Side::State::start) return state_->begin(side, chunk.first_packet(), false);
  state_->search(side, false);
}

void Http2Connection::on_gap(const Chunk& where, std::uint64_t missing) {
  Side& side = state_->side(where.direction);
  if (side.state == Side::State::start) {
    state_->begin(side, where.first_packet(), true);
  } else if (side.state == Side::State::searching) {
    state_->search(side, true);
  }
  if (side.state == Side::State::frames) {
    const FrameHeader frame = side.reader.frame();
    const std::uint64_t data_lost = std::min<std::uint64_t>(missing, side.reader.data_left());
    if (side.reader.skip(missing)) {
      if (frame.type == kData) state_->streams.on_data_lost(side.direction, frame.stream, data_lost);
      return state_->read(side, where);  // the gap may have ended the frame
    }
  }
  side.search.clear();
  state_->lose_frames(side, where.first_packet());
}

void Http2Connection::on_end(const Chunk& where) {
  Side& side = state_->side(where.direction);
  if (side.ended) return;
  side.ended = true;
  if (side.state == Side::State::start && side.search.size() > 0) {
    state_->begin(side, where.first_packet(), true);
  } else if (side.state == Side::State::searching) {
    state_->search(side, true);
  }
  if (side.state == Side::State::frames && !side.reader.between_frames()) {
    state_->note("http2.cut-frame", where.first_packet());
  }
  if (side.block.active) {
    side.block.cut = true;
    state_->end_block(side, where.seen, where.first_packet());
  }
  state_->streams.on_end(side.direction);
}

}  // namespace tattle
