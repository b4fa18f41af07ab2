#include "protocol/http2_search.h"

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

void Http2FrameSearch::add(const Chunk& chunk) {
  if (chunk.data.empty()) return;
  bytes_.insert(bytes_.end(), chunk.data.begin(), chunk.data.end());
  pieces_.push_back({bytes_.size(), chunk.offset, chunk.seen, {chunk.packets.begin(), chunk.packets.end()}});
}

Http2FrameSearch::Verdict Http2FrameSearch::judge(std::size_t begin, std::uint32_t highest_stream, bool at_end) const {
  FrameHeader before;
  std::size_t at = begin;
  for (int count = 0; count < kRunOfFrames; ++count) {
    // At the end a run counts that stops exactly there, or has one frame less.
    if (at_end && at == bytes_.size()) return count > 0 ? Verdict::yes : Verdict::no;
    if (at + kFrameHeaderBytes > bytes_.size()) {
      if (!at_end) return Verdict::later;
      return count >= kRunOfFrames - 1 ? Verdict::yes : Verdict::no;
    }
    const FrameHeader frame = read_frame_header(bytes_.data() + at);
    if (!frame_is_plausible(frame, kLongestFrame, highest_stream)) return Verdict::no;
    if (count > 0 && !may_follow(before, frame)) return Verdict::no;
    before = frame;
    at += kFrameHeaderBytes + frame.length;
  }
  return Verdict::yes;
}

bool Http2FrameSearch::find(std::uint32_t highest_stream, bool at_end) {
  while (rejected_ < bytes_.size()) {
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
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(count));
  std::size_t start = 0;
  for (Piece& piece : pieces_) {
    const std::size_t end = piece.end;
    if (start < count) piece.offset += std::min(count, end) - start;
    start = end;
    piece.end = end > count ? end - count : 0;
  }
  std::erase_if(pieces_, [](const Piece& piece) { return piece.end == 0; });
  rejected_ -= std::min(rejected_, count);
}

void Http2FrameSearch::clear() {
  bytes_.clear();
  pieces_.clear();
  rejected_ = 0;
}

}  // namespace tattle
