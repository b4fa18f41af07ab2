#include "pipeline/kept_message.h"

#include <algorithm>

#include "decode/decoders.h"
#include "decode/value.h"

namespace tattle {
namespace {

bool is_content_coding(std::string_view step) {
  const auto all = decoders();
  return std::any_of(all.begin(), all.end(),
                     [&](const Decoder& each) { return each.step == step && !each.codings.empty(); });
}

// Follows the chain of declared content codings down from the root and copies what comes out of the last.
class ContentOnly : public ValueVisitor {
 public:
  explicit ContentOnly(Bytes body) : content_(body.begin(), body.end()) {}
  void enter(const Value& value) override {
    if (value.depth > deepest_ + 1 || (value.depth > 0 && !is_content_coding(value.step))) return;
    if (value.depth == deepest_ + 1 && value.fresh) {
      content_.assign(value.bytes.begin(), value.bytes.end());
      ++deepest_;
    }
  }
  void leave(const Value&) override {}
  std::size_t least_part() const override { return std::size_t(-1); }
  std::string take() { return std::move(content_); }

 private:
  std::string content_;
  std::uint32_t deepest_ = 0;
};

std::string content_of(const Message& message, const Limits& limits) {
  std::string codings(message.body_coding);
  for (const Field& field : message.fields) {
    if (field.unknown || !std::equal(field.name.begin(), field.name.end(), std::string_view("content-encoding").begin(),
                                     std::string_view("content-encoding").end(),
                                     [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; })) {
      continue;
    }
    codings += (codings.empty() ? "" : ", ") + std::string(field.value);
  }
  ContentOnly content(message.body);
  if (!codings.empty() && !message.content_decoded && !message.body.empty()) {
    Anomalies seen_already;  // the inspection counted them
    walk_bytes(message.body, {"application/octet-stream", codings}, limits, seen_already, {}, content);
  }
  return content.take();
}

}  // namespace

std::shared_ptr<const KeptMessage> keep_message(const Message& message, const Limits& limits) {
  const bool exchange = message.kind == MessageKind::request || message.kind == MessageKind::response;
  if (!exchange || !message.protocol.starts_with("http/") || message.flow->device == DeviceSide::none) return nullptr;
  if (message.body_offset > 0) return nullptr;
  auto kept = std::make_shared<KeptMessage>();
  kept->url = message.url;
  for (const Field& field : message.fields) {
    if (field.unknown || field.name.empty() || field.name.front() == ':') continue;
    kept->fields.emplace_back(field.name, field.value);
  }
  kept->body = content_of(message, limits);
  kept->whole = message.last_piece && !message.damaged && message.split_bytes == 0;
  return kept;
}

}  // namespace tattle
