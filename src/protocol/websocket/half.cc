#include "protocol/websocket/half.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/buffer/held_stream.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestControl = 125;
constexpr std::size_t kMostTried = 64;  // chunks among which a frame's beginning is looked for at a time

}  // namespace

WebSocketHalf::WebSocketHalf(Direction direction, bool client, std::optional<DeflateAgreement::Side> deflate,
                             const Limits& limits, Anomalies& anomalies, WebSocketHalfOwner& owner)
    : direction_(direction),
      masked_(client),
      deflate_(deflate),
      limits_(limits),
      anomalies_(anomalies),
      owner_(owner),
      message_(limits),
      control_(kLongestControl, 0) {}

void WebSocketHalf::on_data(const Chunk& chunk) {
  if (chunk.data.empty()) return;
  if (state_ != State::searching) return read(chunk);
  held_.add(chunk);
  search(chunk, false);
}

void WebSocketHalf::read(const Chunk& chunk) {
  std::size_t used = 0;
  while (used < chunk.data.size()) {
    const Chunk rest = slice(chunk, used);
    if (state_ == State::searching) return on_data(rest);
    if (state_ == State::header) {
      used += read_header(rest);
      continue;
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(rest.data.size(), frame_.length - phase_));
    payload(slice(rest, 0, count), rest.data.first(count));
    used += count;
    if (phase_ == frame_.length) end_frame(rest);
  }
}

std::size_t WebSocketHalf::read_header(const Chunk& chunk) {
  if (header_size_ == 0) frame_first_ = chunk.seen;
  const std::size_t before = header_size_;
  const std::size_t count = std::min(chunk.data.size(), kWsLongestHeader - before);
  std::memcpy(header_ + before, chunk.data.data(), count);
  header_size_ += count;
  switch (read_websocket_header(Bytes(header_, header_size_), frame_)) {
    case HeaderRead::need_more:
      return count;
    case HeaderRead::good:
      break;
    case HeaderRead::bad:
      // Header bytes of chunks before this one are part of no frame either.
      anomalies_.note("websocket.bad-frame", chunk.first_packet());
      if (before > 0) {
        owner_.on_raw(
            {chunk.flow, direction_, chunk.offset - before, chunk.seen, chunk.packets, Bytes(header_, before)});
      }
      lose_frames(chunk);
      return 0;
  }
  header_size_ = 0;
  phase_ = 0;
  state_ = State::payload;
  begin_frame(chunk);
  if (frame_.length == 0) end_frame(chunk);
  return frame_.header_bytes - before;
}

void WebSocketHalf::begin_frame(const Chunk& chunk) {
  const PacketId where = chunk.first_packet();
  if (frame_.masked != masked_) anomalies_.note("websocket.mask", where);
  if (!frame_.shortest) anomalies_.note("websocket.long-length", where);
  if (frame_.control()) {
    control_damaged_ = frame_.reserved != 0;
    if (frame_.reserved != 0) anomalies_.note("websocket.reserved-bits", where);
    return control_.restart(0);
  }
  if (frame_.opcode != kWsContinuation) {
    if (open_) {
      // A new message before the end of the last one.
      anomalies_.note("websocket.fragments", where);
      damaged_ = true;
      end_message(chunk);
    }
    begin_message(chunk);
  } else if (!open_) {
    anomalies_.note("websocket.fragments", where);
    begin_message(chunk);
    damaged_ = true;
  } else if (frame_.reserved != 0) {
    anomalies_.note("websocket.reserved-bits", where);
  }
}

void WebSocketHalf::begin_message(const Chunk& chunk) {
  open_ = true;
  damaged_ = false;
  opcode_ = frame_.opcode;
  first_ = frame_first_;
  inflated_ = false;
  message_.clear();
  use_ = opcode_ == kWsBinary && owner_.streams_binary() ? Use::stream : Use::plain;
  if (frame_.fin && frame_.reserved == 0) message_.begin(frame_.length);
  // Only a message's first frame says whether it is compressed.
  if (opcode_ == kWsContinuation && deflate_) return context_lost();
  if (frame_.reserved == 0) return;
  if (frame_.reserved == 4 && deflate_) {
    if (inflater_lost_) {
      context_lost();
      return;
    }
    if (!inflater_) inflater_ = std::make_unique<MessageInflater>(*deflate_, limits_.decode_ratio);
    use_ = Use::inflate;
    inflated_ = true;
    return;
  }
  // An extension that was not seen agreed on: what the payload is, is not known.
  anomalies_.note("websocket.reserved-bits", chunk.first_packet());
  context_lost();
}

void WebSocketHalf::context_lost() {
  use_ = Use::opaque;
  damaged_ = true;
}

void WebSocketHalf::payload(const Chunk& chunk, Bytes masked) {
  Bytes data = masked;
  if (frame_.masked) {
    unmasked_.assign(masked.begin(), masked.end());
    websocket_unmask(unmasked_, frame_.mask, phase_);
    data = unmasked_;
  }
  phase_ += masked.size();
  if (frame_.control()) {
    control_.add(data, chunk.packets, chunk.seen, [] {});
  } else {
    take_data(chunk, data);
  }
}

void WebSocketHalf::take_data(const Chunk& chunk, Bytes data) {
  last_ = chunk.seen;
  switch (use_) {
    case Use::plain:
      return message_.add(data, chunk.packets, chunk.seen, [&] { emit_message(false); });
    case Use::inflate:
      return inflate(chunk, data);
    case Use::stream:
      return owner_.on_stream_bytes(chunk, data);
    case Use::opaque:
      return owner_.on_opaque(data.size());
  }
}

void WebSocketHalf::inflate(const Chunk& chunk, Bytes data) {
  const bool stream = opcode_ == kWsBinary && owner_.streams_binary();
  const auto use = [&](Bytes out) {
    if (stream) return owner_.on_stream_bytes(chunk, out);
    message_.add(out, chunk.packets, chunk.seen, [&] { emit_message(false); });
  };
  // An empty `data` stands for the message's end.
  const auto state = data.empty() ? inflater_->end_message(use) : inflater_->run(data, use);
  if (state == MessageInflater::State::good) return;
  const bool limited = state == MessageInflater::State::limited;
  anomalies_.note(limited ? "websocket.limit-ratio" : "websocket.bad-deflate", chunk.first_packet());
  inflater_lost_ = deflate_->takeover;
  inflater_->forget_message();
  if (stream) owner_.on_stream_gap(chunk, 0);
  context_lost();
}

void WebSocketHalf::end_frame(const Chunk& chunk) {
  state_ = State::header;
  if (frame_.control()) return emit_control();
  if (frame_.fin) end_message(chunk);
}

void WebSocketHalf::end_message(const Chunk& chunk) {
  last_ = chunk.seen;
  if (use_ == Use::inflate && !damaged_) inflate(chunk, {});
  const bool streamed = opcode_ == kWsBinary && owner_.streams_binary();
  if (!streamed) emit_message(true);
  message_.clear();
  open_ = false;
}

void WebSocketHalf::emit_message(bool last) {
  WebSocketPart part;
  part.opcode = opcode_;
  part.inflated = inflated_;
  part.damaged = damaged_;
  part.last = last;
  part.first = message_.offset() > 0 ? message_.first() : first_;
  part.last_seen = last_;
  part.body = message_.bytes();
  part.pieces = &message_.pieces();
  part.offset = message_.offset();
  part.overlap = message_.overlap();
  part.streamed = message_.streamed();
  part.key = &message_;
  owner_.on_part(direction_, part);
}

void WebSocketHalf::emit_control() {
  if (!control_.has_new()) return;
  WebSocketPart part;
  part.opcode = frame_.opcode;
  part.damaged = control_damaged_;
  part.first = frame_first_;
  part.last_seen = control_.last();
  part.body = control_.bytes();
  part.pieces = &control_.pieces();
  owner_.on_part(direction_, part);
}

void WebSocketHalf::on_gap(const Chunk& where, std::uint64_t missing) {
  if (state_ == State::payload && missing > 0 && missing <= frame_.length - phase_) return lose_payload(where, missing);
  if (state_ == State::searching) search(where, true);
  lose_frames(where);
}

// The loss lies inside a frame: where the next one begins is known.
void WebSocketHalf::lose_payload(const Chunk& where, std::uint64_t missing) {
  phase_ += missing;
  if (frame_.control()) {
    control_damaged_ = true;
  } else {
    damaged_ = true;
    if (use_ == Use::plain) {
      if (message_.has_new()) emit_message(false);
      message_.skip(missing);
    } else if (use_ == Use::inflate) {
      inflater_lost_ = deflate_->takeover;
      inflater_->forget_message();
      if (message_.has_new()) emit_message(false);
      message_.skip(0);
    }
    if (use_ != Use::plain && opcode_ == kWsBinary && owner_.streams_binary()) {
      owner_.on_stream_gap(where, use_ == Use::stream ? missing : 0);
    }
    if (use_ == Use::inflate) context_lost();
  }
  if (phase_ == frame_.length) end_frame(where);
}

void WebSocketHalf::lose_frames(const Chunk& where) {
  if (state_ == State::payload && frame_.control()) {
    control_damaged_ = true;
    emit_control();
  }
  damaged_ = true;
  if (open_) {
    if (use_ == Use::inflate) inflater_->forget_message();
    end_message(where);
  }
  if (owner_.streams_binary()) owner_.on_stream_gap(where, 0);
  // Compressed messages may be among what is lost, and later ones build on them.
  if (deflate_ && deflate_->takeover) inflater_lost_ = true;
  header_size_ = 0;
  held_ = {};
  state_ = State::searching;
}

// Senders begin to write where a frame begins, so that only the starts of chunks are tried.
void WebSocketHalf::search(const Chunk& where, bool at_end) {
  std::size_t begin = held_.size();
  bool found = false;
  for (std::size_t i = 0; i < held_.chunks() && !found; ++i) {
    found = surely_websocket_frames(held_.bytes().subspan(held_.begin_of(i)), masked_, deflate_.has_value());
    if (found) begin = held_.begin_of(i);
  }
  if (!found && !at_end && held_.size() < limits_.raw_window_bytes && held_.chunks() < kMostTried) return;
  const HeldBytes held = std::exchange(held_, {});
  held.replay(where.flow, direction_, 0, begin, [&](const Chunk& each) { owner_.on_raw(each); });
  if (!found && !at_end) return;
  owner_.on_raw_end(where);
  if (!found) return;
  anomalies_.note("websocket.resync", where.first_packet());
  state_ = State::header;
  held.replay(where.flow, direction_, begin, held.size(), [&](const Chunk& each) { on_data(each); });
}

void WebSocketHalf::on_end(const Chunk& where) {
  if (ended_) return;
  ended_ = true;
  if (state_ == State::searching) return search(where, true);
  if (header_size_ > 0 || state_ == State::payload) anomalies_.note("websocket.cut-frame", where.first_packet());
  if (state_ == State::payload && frame_.control()) {
    control_damaged_ = true;
    emit_control();
  }
  if (!open_) return;
  damaged_ = true;
  end_message(where);
}

}  // namespace tattle
