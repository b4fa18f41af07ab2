#include "protocol/http1/half.h"

#include <algorithm>
#include <utility>

#include "protocol/buffer/held_stream.h"
#include "protocol/http1/lines.h"
#include "protocol/raw/sniff.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestChunkLine = 16384;  // size and extensions

}  // namespace

Http1Half::Http1Half(Direction direction, const Limits& limits, Anomalies& anomalies, Http1HalfOwner& owner,
                     bool joined)
    : direction_(direction), limits_(limits), anomalies_(anomalies), owner_(owner), joined_(joined) {}

std::size_t Http1Half::on_data(const Chunk& chunk) {
  std::size_t used = 0;
  stopped_ = false;
  // Bodies often end without a line feed, so behind a loss the place is also found again where a sender began to write.
  if (gap_seen_ && state_ == State::skip_line && may_start_here(chunk.data)) state_ = State::line;
  if (state_ == State::raw && may_start_again(chunk)) {
    owner_.on_resumed(direction_);
    resynchronise();
  }
  while (used < chunk.data.size() && !stopped_) used += step(slice(chunk, used));
  return used;
}

bool Http1Half::may_start_here(Bytes data) const {
  if (data.empty() || data[0] == '\r' || data[0] == '\n') return false;
  return (owner_.may_send(direction_, true) && sniff_request_line(data) != Sniff::no) ||
         (owner_.may_send(direction_, false) && sniff_status_line(data) != Sniff::no);
}

// The framing was broken. Where a later packet begins with a head there is no doubt what it is; but inside the packet
// that broke it a head may be the body's, or be put there to be taken for one.
bool Http1Half::may_start_again(const Chunk& chunk) const {
  if (chunk.first_packet() == broken_in_) return false;
  return (owner_.may_send(direction_, true) && is_request_for_host(chunk.data)) ||
         (owner_.may_send(direction_, false) && is_response_head(chunk.data));
}

void Http1Half::give_up(PacketId where) {
  state_ = State::raw;
  broken_in_ = where;
}

std::size_t Http1Half::step(const Chunk& chunk) {
  switch (state_) {
    case State::line:
      return read_head(chunk);
    case State::skip_line:
      return skip_line(chunk);
    case State::length:
      return read_body(chunk, remaining_);
    case State::chunk_size:
      return read_chunk_size(chunk);
    case State::chunk_data:
      return read_body(chunk, remaining_);
    case State::chunk_end:
      return read_chunk_end(chunk);
    case State::trailer:
      return read_trailer(chunk);
    case State::until_close:
      return read_body(chunk, chunk.data.size());
    case State::raw:
      owner_.on_raw(chunk);
      return chunk.data.size();
  }
  return chunk.data.size();
}

// Takes one line, or the beginning of one.
std::size_t Http1Half::read_head(const Chunk& chunk) {
  bool ended = false;
  const std::size_t count = through_line_feed(chunk.data, ended);
  ByteVector& head = message().head;
  if (head.empty()) {
    head_offset_ = chunk.offset;
    message().first = chunk.seen;
  }
  head.insert(head.end(), chunk.data.begin(), chunk.data.begin() + static_cast<std::ptrdiff_t>(count));
  message().head_pieces.add(count, chunk.packets);
  message().last = chunk.seen;
  if (!start_line_) {
    // An empty line or two before a message are left out (RFC 9112 section 2.2).
    if (ended && is_empty_line(as_text(head))) {
      forget_message();
      return count;
    }
    const Sniff request = owner_.may_send(direction_, true) ? sniff_request_line(head) : Sniff::no;
    const Sniff status = owner_.may_send(direction_, false) ? sniff_status_line(head) : Sniff::no;
    const Sniff best = std::max(request, status);
    if (best == Sniff::no || (ended && best == Sniff::maybe)) {
      reject_line(chunk);
      return count;
    }
    start_line_ = ended;
  } else if (ended && is_empty_line(last_line(as_text(head), 0))) {
    head_complete(chunk, false);
    return count;
  }
  if (head.size() > limits_.http_head_bytes) {
    anomalies_.note("http1.head-limit", chunk.first_packet());
    reject_line(chunk);
    give_up(chunk.first_packet());
  }
  return count;
}

// What stands in the head buffer is no start of a message.
void Http1Half::reject_line(const Chunk& chunk) {
  if (!joined_) anomalies_.note("http1.not-http", chunk.first_packet());
  PacketRuns packets;
  message().head_pieces.packets(0, message().head_pieces.size(), packets);
  const ByteVector bytes = std::move(message().head);
  const bool line_ended = bytes.back() == '\n';
  forget_message();
  resynchronise();
  if (!line_ended) state_ = State::skip_line;
  owner_.on_raw({chunk.flow, direction_, head_offset_, chunk.seen, packets, bytes});
}

std::size_t Http1Half::skip_line(const Chunk& chunk) {
  bool ended = false;
  const std::size_t count = through_line_feed(chunk.data, ended);
  owner_.on_raw(slice(chunk, 0, count));
  if (ended) state_ = State::line;
  return count;
}

void Http1Half::head_complete(const Chunk& chunk, bool cut) {
  message().parsed = parse_http1_head(message().head, anomalies_, chunk.first_packet());
  joined_ = false;
  const BodyEnd end = owner_.on_head(direction_, message(), chunk.first_packet(), cut);
  remaining_ = end.length;
  const bool has_body =
      end.kind == BodyKind::length || end.kind == BodyKind::chunked || end.kind == BodyKind::until_close;
  unbegun_ = has_body;
  if (has_body) splitter_ = owner_.split(direction_, message());
  switch (end.kind) {
    case BodyKind::length:
      state_ = State::length;
      body().begin(end.length);
      return;
    case BodyKind::chunked:
      state_ = State::chunk_size;
      body().begin(std::nullopt);
      return;
    case BodyKind::until_close:
      state_ = State::until_close;
      body().begin(std::nullopt);
      return;
    case BodyKind::none:
    case BodyKind::tunnel:
      complete();
      return;
    case BodyKind::unknown:
      complete();
      // Behind a loss the next start line is looked for; where the sender itself broke the framing, what follows may be
      // anything, and only a head at the start of a later packet is one.
      if (cut) {
        resynchronise();
      } else {
        give_up(chunk.first_packet());
      }
      return;
  }
}

std::size_t Http1Half::read_body(const Chunk& chunk, std::uint64_t most) {
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.data.size(), most));
  unbegun_ = false;
  message().last = chunk.seen;
  if (state_ == State::length && count == remaining_ && !body().started() && !splitter_) {
    // The whole body is in this chunk: no copy.
    owner_.on_whole_body(direction_, message(), chunk.data.first(count), chunk.packets);
    stopped_ = owner_.on_complete(message());
    forget_message();
    return count;
  }
  if (splitter_) {
    splitter_->on_data(chunk, chunk.data.first(count));
  } else {
    body().add(chunk.data.first(count), chunk.packets, chunk.seen, [&] { flush_body(false); });
  }
  if (state_ == State::until_close) return count;
  remaining_ -= count;
  if (remaining_ > 0) return count;
  if (state_ == State::length) {
    complete();
  } else {
    state_ = State::chunk_end;
    line_.clear();
  }
  return count;
}

std::size_t Http1Half::read_chunk_size(const Chunk& chunk) {
  bool ended = false;
  const std::size_t count = through_line_feed(chunk.data, ended);
  unbegun_ = false;
  line_ += as_text(chunk.data.first(count));
  message().last = chunk.seen;
  if (!ended) {
    if (line_.size() > kLongestChunkLine) bad_chunk(chunk);
    return count;
  }
  const auto size = parse_chunk_size(line_);
  if (!size) {
    bad_chunk(chunk);
    return count;
  }
  line_.clear();
  remaining_ = *size;
  state_ = State::chunk_data;
  if (remaining_ == 0) {
    state_ = State::trailer;
    trailer_begin_ = message().head.size();
  }
  return count;
}

// CRLF behind a chunk's data.
std::size_t Http1Half::read_chunk_end(const Chunk& chunk) {
  const char c = static_cast<char>(chunk.data[0]);
  if (c == '\r' && line_.empty()) {
    line_ = "\r";
    return 1;
  }
  line_.clear();
  if (c == '\n') {
    state_ = State::chunk_size;
    return 1;
  }
  bad_chunk(chunk);
  return 0;
}

// A chunk's frame that cannot be: what follows is no body of a known place, yet it is searched.
void Http1Half::bad_chunk(const Chunk& chunk) {
  anomalies_.note("http1.bad-chunk", chunk.first_packet());
  message().damaged = true;
  ByteVector line(line_.begin(), line_.end());
  line_.clear();
  body().add(line, chunk.packets, chunk.seen, [&] { flush_body(false); });
  complete();
  give_up(chunk.first_packet());
}

std::size_t Http1Half::read_trailer(const Chunk& chunk) {
  bool ended = false;
  const std::size_t count = through_line_feed(chunk.data, ended);
  ByteVector& head = message().head;
  head.insert(head.end(), chunk.data.begin(), chunk.data.begin() + static_cast<std::ptrdiff_t>(count));
  message().head_pieces.add(count, chunk.packets);
  message().last = chunk.seen;
  if (head.size() - trailer_begin_ > limits_.http_head_bytes) {
    anomalies_.note("http1.head-limit", chunk.first_packet());
    message().damaged = true;
    complete();
    give_up(chunk.first_packet());
    return count;
  }
  if (!ended || !is_empty_line(last_line(as_text(head), trailer_begin_))) return count;
  parse_http1_trailers(message().parsed, head, trailer_begin_, anomalies_, chunk.first_packet());
  complete();
  return count;
}

void Http1Half::on_gap(const Chunk& where, std::uint64_t missing) {
  gap_seen_ = true;
  const bool in_body = state_ == State::length || state_ == State::chunk_data;
  if (state_ == State::until_close || (in_body && missing > 0 && missing <= remaining_)) {
    // The loss lies inside the body: what is behind it keeps its place, but never touches what was before.
    message().damaged = true;
    if (splitter_) {
      splitter_->on_gap(where, missing);
    } else {
      flush_body(false);
      body().skip(missing);
    }
    if (state_ == State::until_close) return;
    remaining_ -= missing;
    if (remaining_ > 0) return;
    if (state_ == State::length) {
      complete();
    } else {
      state_ = State::chunk_end;
      line_.clear();
    }
    return;
  }
  on_end(where);
  if (state_ != State::raw) resynchronise();
}

void Http1Half::on_end(const Chunk& where) {
  switch (state_) {
    case State::line:
      if (!in_head()) return;
      if (!start_line_) {
        reject_line(where);
        return;
      }
      // Whole lines of a head that goes on where nothing was seen. The framing is not known.
      anomalies_.note("http1.cut-head", where.first_packet());
      while (message().head.back() != '\n') message().head.pop_back();
      message().damaged = true;
      head_complete(where, true);
      return;
    case State::until_close:
      complete();
      return;
    case State::trailer:
    case State::length:
    case State::chunk_size:
    case State::chunk_data:
    case State::chunk_end:
      message().damaged = true;
      if (state_ == State::trailer) message().head.resize(trailer_begin_);
      complete();
      return;
    case State::skip_line:
    case State::raw:
      return;
  }
}

void Http1Half::leave_out_body(PacketId where) {
  anomalies_.note("http1.body-unsent", where);
  message().body_unsent = true;
  complete();
}

void Http1Half::flush_body(bool last) { owner_.on_body(direction_, message(), body(), last); }

void Http1Half::complete() {
  if (splitter_) {
    splitter_->on_end(message().damaged);
    message().split_bytes = splitter_->bytes();
    splitter_.reset();
  }
  flush_body(true);
  stopped_ = owner_.on_complete(message());
  forget_message();
}

void Http1Half::forget_message() {
  ByteVector head = std::move(message().head);
  head.clear();
  message() = {};
  message().head = std::move(head);
  start_line_ = unbegun_ = false;
  state_ = State::line;
  body().clear();
}

void Http1Half::on_idle() {
  const bool between = state_ == State::line || state_ == State::skip_line || state_ == State::raw;
  if (between && !in_head()) reading_.reset();
}

void Http1Half::resynchronise() {
  joined_ = true;
  state_ = State::line;
}

}  // namespace tattle
