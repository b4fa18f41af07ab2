#include "protocol/http2/frame.h"

#include <algorithm>

namespace tattle {
namespace {

struct FrameRule {
  std::uint8_t flags;             // those defined for the type
  bool on_stream, on_connection;  // where it may stand
  std::uint32_t least, most;      // payload, bytes
};

constexpr std::uint32_t kAny = 0xffffff;

// RFC 9113 sections 6.1 to 6.10, by type.
constexpr FrameRule kRules[] = {
    {kEndStream | kPadded, true, false, 0, kAny},
    {kEndStream | kEndHeaders | kPadded | kPriorityFlag, true, false, 0, kAny},
    {0, true, false, 5, 5},
    {0, true, false, 4, 4},
    {kAck, false, true, 0, kAny},
    {kEndHeaders | kPadded, true, false, 4, kAny},
    {kAck, false, true, 8, 8},
    {0, false, true, 8, kAny},
    {0, true, true, 4, 4},
    {kEndHeaders, true, false, 0, kAny},
};
constexpr FrameRule kAltsvcRule{0, true, true, 2, kAny};
constexpr FrameRule kOriginRule{0, false, true, 0, kAny};
constexpr FrameRule kPriorityUpdateRule{0, false, true, 4, kAny};

const FrameRule* rule_of(std::uint8_t type) {
  if (type < std::size(kRules)) return &kRules[type];
  if (type == kAltsvc) return &kAltsvcRule;
  if (type == kOrigin) return &kOriginRule;
  if (type == kPriorityUpdate) return &kPriorityUpdateRule;
  return nullptr;
}

bool obeys(const FrameHeader& frame, const FrameRule& rule) {
  if (frame.length < rule.least || frame.length > rule.most) return false;
  if (frame.stream == 0 ? !rule.on_connection : !rule.on_stream) return false;
  if (frame.type == kSettings) return frame.has(kAck) ? frame.length == 0 : frame.length % 6 == 0;
  return true;
}

}  // namespace

FrameHeader read_frame_header(const std::uint8_t* at) {
  FrameHeader frame;
  frame.length = std::uint32_t{at[0]} << 16 | std::uint32_t{at[1]} << 8 | at[2];
  frame.type = at[3];
  frame.flags = at[4];
  const std::uint32_t stream =
      std::uint32_t{at[5]} << 24 | std::uint32_t{at[6]} << 16 | std::uint32_t{at[7]} << 8 | at[8];
  frame.reserved = (stream & 0x80000000u) != 0;
  frame.stream = stream & 0x7fffffffu;
  return frame;
}

bool frame_is_lawful(const FrameHeader& frame) {
  const FrameRule* rule = rule_of(frame.type);
  return rule == nullptr || obeys(frame, *rule);
}

bool frame_is_plausible(const FrameHeader& frame, std::uint32_t max_length, std::uint32_t highest_stream) {
  const FrameRule* rule = rule_of(frame.type);
  if (rule == nullptr || frame.reserved || frame.length > max_length || frame.stream > highest_stream) return false;
  if ((frame.flags & ~rule->flags) != 0) return false;
  // A frame that must hold a pad length or a priority, or data that says nothing: none is sent empty.
  if (frame.has(kPadded) && rule->flags & kPadded && frame.length < 1) return false;
  if (frame.type == kHeaders && frame.length < (frame.has(kPriorityFlag) ? 6u : 1u)) return false;
  if (frame.type == kData && frame.length == 0 && !frame.has(kEndStream)) return false;
  return obeys(frame, *rule);
}

bool looks_like_http2(Bytes start, Direction direction) {
  if (start.empty()) return true;
  const std::string_view text = as_text(start.first(std::min(start.size(), kHttp2Preface.size())));
  if (kHttp2Preface.starts_with(text)) return true;
  if (direction == Direction::to_server) return false;
  // 00 xx xx 04 00 00000000: SETTINGS, not an acknowledgment, of at most some forty settings.
  constexpr std::uint32_t kMostSettingsBytes = 240;
  constexpr std::uint8_t kFixed[kFrameHeaderBytes] = {0, 0, 0, kSettings, 0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < std::min(start.size(), kFrameHeaderBytes); ++i) {
    if (i != 2 && start[i] != kFixed[i]) return false;
  }
  if (start.size() >= 3 && (start[2] % 6 != 0 || start[2] > kMostSettingsBytes)) return false;
  return true;
}

}  // namespace tattle
