#include "protocol/http2/search.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr int kRunOfFrames = 3;
constexpr std::uint32_t kLongestFrame = 65536;

// A header block is not interrupted (RFC 9113 section 4.3).
bool may_follow(const FrameHeader& before, const FrameHeader& frame) {
  const bool block = before.type == kHeaders || before.type == kPushPromise || before.type == kContinuation;
  const bool block_open = block && !before.has(kEndHeaders);
  return block_open == (frame.type == kContinuation) && (!block_open || before.stream == frame.stream);
}

}  // namespace

Http2FrameSearch::Verdict Http2FrameSearch::judge(std::size_t begin, std::uint32_t highest_stream, bool at_end) const {
  FrameHeader before;
  std::size_t at = begin;
  for (int count = 0; count < kRunOfFrames; ++count) {
    // At the end a run counts that stops exactly there, or has one frame less.
    if (at_end && at == size()) return count > 0 ? Verdict::yes : Verdict::no;
    if (at + kFrameHeaderBytes > size()) {
      if (!at_end) return Verdict::later;
      return count >= kRunOfFrames - 1 ? Verdict::yes : Verdict::no;
    }
    const FrameHeader frame = read_frame_header(bytes().data() + at);
    if (!frame_is_plausible(frame, kLongestFrame, highest_stream)) return Verdict::no;
    if (count > 0 && !may_follow(before, frame)) return Verdict::no;
    before = frame;
    at += kFrameHeaderBytes + frame.length;
  }
  return Verdict::yes;
}

bool Http2FrameSearch::find(std::uint32_t highest_stream, bool at_end) {
  while (rejected_ < size()) {
    switch (judge(rejected_, highest_stream, at_end)) {
      case Verdict::yes:
        return true;
      case Verdict::later:
        return false;
      case Verdict::no:
        ++rejected_;
    }
  }
  return false;
}

void Http2FrameSearch::drop_front(std::size_t count) {
  held_.drop_front(count);
  rejected_ -= std::min(rejected_, count);
}

Http2Run run_of_http2_frames(Bytes bytes) {
  constexpr std::uint32_t kHighestStream =
      0xffffff;  // few connections come to half as many; the header is told apart better
  Http2Run run;
  FrameHeader before;
  while (run.whole < Http2Run::kMost && bytes.size() >= kFrameHeaderBytes) {
    const FrameHeader frame = read_frame_header(bytes.data());
    run.broken =
        !frame_is_plausible(frame, kLongestFrame, kHighestStream) || (run.whole > 0 && !may_follow(before, frame));
    if (run.broken || bytes.size() - kFrameHeaderBytes < frame.length) return run;
    ++run.whole;
    run.heads |= frame.type == kHeaders;
    bytes = bytes.subspan(kFrameHeaderBytes + frame.length);
    before = frame;
  }
  run.exact = bytes.empty() && run.whole > 0;
  return run;
}

}  // namespace tattle
