#include "protocol/http2/fingerprint.h"

#include <fmt/format.h>

#include "base/byte_reader.h"

namespace tattle {

void Http2Fingerprint::on_frame(const FrameHeader& frame, Bytes payload) {
  if (complete_) return;
  ByteReader in(payload);
  if (frame.type == kSettings && !frame.has(kAck) && frame.stream == 0) {
    for (; in.remaining() >= 6 && setting_count_ < kMost; ++setting_count_) {
      const std::uint16_t identifier = in.u16("settings.identifier");
      const std::uint32_t value = in.u32("settings.value");
      settings_ += fmt::format("{}{}:{}", settings_.empty() ? "" : ";", identifier, value);
    }
  }
  if (frame.type == kWindowUpdate && frame.stream == 0 && !window_update_ && payload.size() == 4) {
    window_update_ = in.u32("window_update.increment") & 0x7fffffffu;
  }
  if (frame.type == kPriority && payload.size() == 5 && priority_count_ < kMost) {
    ++priority_count_;
    const std::uint32_t depends = in.u32("priority.dependency");
    // The weight on the wire is one less than it means (RFC 7540 section 6.3).
    priorities_ += fmt::format("{}{}:{}:{}:{}", priorities_.empty() ? "" : ",", frame.stream, depends >> 31,
                               depends & 0x7fffffffu, in.u8("priority.weight") + 1);
  }
}

void Http2Fingerprint::on_head(const Http2Head& head) {
  if (complete_) return;
  std::vector<Field> fields;
  head.fields(0, fields);
  for (const Field& field : fields) {
    if (field.unknown) {  // its name may be that of a pseudo-field: no order is known
      pseudo_.clear();
      break;
    }
    if (field.name.size() < 2 || field.name.front() != ':') continue;
    pseudo_ += pseudo_.empty() ? "" : ",";
    pseudo_ += field.name[1];
  }
  complete_ = !pseudo_.empty();
}

std::string Http2Fingerprint::text() const {
  if (!complete_) return {};
  return fmt::format("{}|{}|{}|{}", settings_, window_update_ ? fmt::format("{}", *window_update_) : "00",
                     priorities_.empty() ? "0" : priorities_, pseudo_);
}

}  // namespace tattle
