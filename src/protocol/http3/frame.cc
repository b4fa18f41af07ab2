#include "protocol/http3/frame.h"

#include <algorithm>

namespace tattle {

std::optional<std::uint64_t> take_varint(Bytes& in) {
  if (in.empty()) return std::nullopt;
  const std::size_t size = std::size_t{1} << (in[0] >> 6);
  if (in.size() < size) return std::nullopt;
  std::uint64_t value = in[0] & 0x3f;
  for (std::size_t i = 1; i < size; ++i) value = value << 8 | in[i];
  in = in.subspan(size);
  return value;
}

bool Http3FrameReader::held(std::uint64_t type) {
  switch (type) {
    case kHttp3Headers:
    case kHttp3CancelPush:
    case kHttp3Settings:
    case kHttp3PushPromise:
    case kHttp3Goaway:
    case kHttp3MaxPushId:
    case kHttp3PriorityRequest:
    case kHttp3PriorityPush:
      return true;
    default:
      return false;
  }
}

// Type and length may be spread over packets; at most 16 bytes wait.
bool Http3FrameReader::read_header(Bytes& input, const Chunk& chunk) {
  if (header_.empty()) began_ = chunk.seen;
  while (!input.empty()) {
    header_.push_back(input[0]);
    input = input.subspan(1);
    add_packets(packets_, chunk.packets);
    Bytes header = header_;
    const std::optional<std::uint64_t> type = take_varint(header);
    if (!type) continue;
    const bool endless = *type == kHttp3WebTransport;
    const std::optional<std::uint64_t> length = endless ? 0 : take_varint(header);
    if (!length) continue;
    type_ = *type;
    left_ = *length;
    in_frame_ = true;
    cut_ = over_ = done_ = false;
    payload_.clear();
    header_.clear();
    return true;
  }
  return false;
}

Http3Step Http3FrameReader::next(Bytes& input, const Chunk& chunk) {
  if (done_) {  // the frame handed out last is over
    in_frame_ = done_ = false;
    packets_.clear();
    if (payload_.capacity() > 4096) payload_ = {};
  }
  if (!in_frame_) {
    if (!read_header(input, chunk)) return {};
    if (type_ == kHttp3WebTransport) {
      done_ = true;
      Http3Step step;
      step.kind = Http3Step::Kind::rest;
      step.type = type_;
      return step;
    }
  } else if (input.empty() && left_ > 0) {
    return {};
  }
  const std::size_t count = std::min<std::uint64_t>(left_, input.size());
  const Bytes taken = input.first(count);
  input = input.subspan(count);
  left_ -= count;
  Http3Step step;
  step.type = type_;
  step.began = began_;
  if (!held(type_)) {
    step.kind = Http3Step::Kind::piece;
    step.bytes = taken;
    step.last = done_ = left_ == 0;
    began_ = chunk.seen;
    return step;
  }
  if (count > 0) add_packets(packets_, chunk.packets);
  if (!cut_) {
    const std::size_t room = std::min<std::uint64_t>(most_ - std::min<std::uint64_t>(most_, payload_.size()), count);
    payload_.insert(payload_.end(), taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(room));
    if (room < count) cut_ = over_ = true;
  }
  if (left_ > 0) return {};
  step.kind = Http3Step::Kind::frame;
  step.bytes = payload_;
  step.packets = packets_;
  step.cut = cut_;
  step.over_limit = over_;
  done_ = true;
  return step;
}

bool Http3FrameReader::skip(std::uint64_t missing) {
  if (done_) {
    in_frame_ = done_ = false;
    packets_.clear();
  }
  if (!in_frame_ || missing == 0 || missing > left_) return false;
  left_ -= missing;
  cut_ = true;
  return true;
}

std::optional<Http3Step> Http3FrameReader::take_cut() {
  if (done_ || !in_frame_ || !held(type_)) return std::nullopt;
  Http3Step step;
  step.kind = Http3Step::Kind::frame;
  step.type = type_;
  step.bytes = payload_;
  step.packets = packets_;
  step.began = began_;
  step.cut = true;
  done_ = true;
  return step;
}

}  // namespace tattle
