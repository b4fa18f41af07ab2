#include "protocol/http2/reader.h"

#include <algorithm>

namespace tattle {
namespace {

// Which frames are read and not only counted.
bool is_read(std::uint8_t type) {
  return type == kHeaders || type == kRstStream || type == kSettings || type == kPushPromise || type == kContinuation ||
         type == kPriority || type == kWindowUpdate;
}

Bytes take_front(Bytes& input, std::size_t count) {
  const Bytes taken = input.first(count);
  input = input.subspan(count);
  return taken;
}

}  // namespace

void Http2FrameReader::restart() {
  header_have_ = 0;
  in_frame_ = false;
  payload_.clear();
  packets_.clear();
}

bool Http2FrameReader::read_header(Bytes& input, const Chunk& chunk) {
  if (input.empty()) return false;
  if (header_have_ == 0) {
    packets_.clear();
    began_ = chunk.seen;
  }
  add_packets(packets_, chunk.packets);
  const std::size_t count = std::min(kFrameHeaderBytes - header_have_, input.size());
  std::copy_n(take_front(input, count).data(), count, header_ + header_have_);
  header_have_ += count;
  if (header_have_ < kFrameHeaderBytes) return false;
  frame_ = read_frame_header(header_);
  header_have_ = 0;
  in_frame_ = true;
  left_ = frame_.length;
  padding_ = 0;
  padding_next_ = frame_.type == kData && frame_.has(kPadded) && frame_.length > 0;
  cut_ = false;
  payload_.clear();
  return true;
}

FrameStep Http2FrameReader::next(Bytes& input, const Chunk& chunk) {
  if (!in_frame_ && !read_header(input, chunk)) return {};
  return frame_.type == kData ? read_data(input, chunk) : read_whole(input, chunk);
}

FrameStep Http2FrameReader::read_data(Bytes& input, const Chunk& chunk) {
  FrameStep step;
  if (padding_next_) {
    if (input.empty()) return step;
    padding_ = take_front(input, 1)[0];
    padding_next_ = false;
    --left_;
    if (padding_ > left_) {
      // RFC 9113 section 6.1 makes this a connection error; nothing of the frame is certain to be data.
      step.bad_padding = true;
      padding_ = left_;
    }
  }
  if (left_ > padding_) {
    step.bytes = take_front(input, std::min<std::size_t>(left_ - padding_, input.size()));
    left_ -= static_cast<std::uint32_t>(step.bytes.size());
  }
  if (left_ <= padding_) {
    const std::size_t count = std::min<std::size_t>(left_, input.size());
    input = input.subspan(count);
    left_ -= static_cast<std::uint32_t>(count);
    padding_ = std::min(padding_, left_);
  }
  step.last = left_ == 0;
  if (step.last) in_frame_ = false;
  if (step.bytes.empty() && !step.last && !step.bad_padding) return step;
  step.kind = FrameStep::Kind::data;
  step.frame = frame_;
  step.packets = chunk.packets;
  step.began = began_;
  return step;
}

FrameStep Http2FrameReader::read_whole(Bytes& input, const Chunk& chunk) {
  FrameStep step;
  const std::size_t count = std::min<std::size_t>(left_, input.size());
  const Bytes taken = take_front(input, count);
  left_ -= static_cast<std::uint32_t>(count);
  if (count > 0) add_packets(packets_, chunk.packets);
  const bool borrowed = left_ == 0 && count == frame_.length && count <= most_payload_;
  if (is_read(frame_.type) && !borrowed && !cut_) {
    const std::size_t kept = std::min<std::size_t>(count, most_payload_ - payload_.size());
    payload_.insert(payload_.end(), taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(kept));
    cut_ = kept < count;
  }
  if (left_ > 0) return step;
  in_frame_ = false;
  step.kind = FrameStep::Kind::frame;
  step.frame = frame_;
  if (is_read(frame_.type)) step.bytes = borrowed ? taken : Bytes(payload_);
  step.cut = cut_;
  step.packets = packets_;
  step.began = began_;
  return step;
}

bool Http2FrameReader::skip(std::uint64_t missing) {
  if (!in_frame_ || missing == 0 || missing > left_ || padding_next_) return false;
  left_ -= static_cast<std::uint32_t>(missing);
  padding_ = std::min(padding_, left_);
  cut_ = true;
  return true;
}

}  // namespace tattle
