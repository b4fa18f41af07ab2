#include "evidence/shareable.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/anomalies.h"
#include "decode/value.h"
#include "detect/mask.h"
#include "evidence/redact.h"
#include "report/utf8.h"

namespace tattle {
namespace {

constexpr std::size_t kMostBytes = 1 << 18;  // of one text that is shown

bool is_content_coding(std::string_view step) {
  constexpr std::string_view kCodings[] = {"gzip", "deflate", "br", "zstd", "compress"};
  return std::find(std::begin(kCodings), std::end(kCodings), step) != std::end(kCodings);
}

// Empty when it is no text.
std::string text_in(Bytes bytes) {
  bool lossy = false;
  std::string text = to_utf8(as_text(bytes.first(std::min(bytes.size(), kMostBytes))), lossy);
  return lossy ? std::string() : text;
}

// Finds the body after its content codings, and the innermost text that the value was found in.
class Texts : public ValueVisitor {
 public:
  Texts(const Message& message, const Hit& hit) : message_(message) {
    const std::size_t layers = std::min(message.layers.size(), hit.path.size());
    wanted_.assign(hit.path.begin() + static_cast<std::ptrdiff_t>(layers), hit.path.end());
    body = text_in(message.body);
  }
  void enter(const Value& value) override {
    const Value* root = &value;
    bool codings_only = value.parent != nullptr;
    const Value* fresh = nullptr;
    for (const Value* each = &value; each != nullptr; each = each->parent) {
      if (each->parent != nullptr) codings_only = codings_only && is_content_coding(each->step);
      if (fresh == nullptr && (each->fresh || each->parent == nullptr)) fresh = each;
      root = each;
    }
    const bool in_body = root->bytes.data() == message_.body.data() && !message_.body.empty();
    if (codings_only && in_body) body = text_in(value.bytes);
    if (value.depth <= 64 && path_of(value) == wanted_) innermost = text_in(fresh->bytes);
  }
  void leave(const Value&) override {}

  std::string body, innermost;

 private:
  const Message& message_;
  std::vector<PathStep> wanted_;
};

// Names on the way to the value, as its path tells them.
std::vector<std::string> names_of(const Hit& hit) {
  std::vector<std::string> names;
  for (const PathStep& step : hit.path) {
    std::string name;
    for (const char c : step.detail + "\n") {
      const bool part =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
      if (part) {
        name += c;
      } else if (!name.empty()) {
        std::string whole = std::exchange(name, {});
        if (mask_strangers(whole) == whole) names.push_back(std::move(whole));
      }
    }
  }
  return names;
}

KeptText kept_of(const Hit& hit) {
  KeptText kept{{hit.value}, names_of(hit)};
  // A place is told as two numbers, which may stand apart.
  if (const auto comma = hit.value.find(", "); hit.datum == "location" && comma != std::string::npos) {
    kept.values = {hit.value.substr(0, comma), hit.value.substr(comma + 2)};
    kept.names_of_values = true;  // the path names but one of them
  }
  return kept;
}

std::string field_text(const Field& field, const KeptText& kept) {
  const std::string_view value = field.value;
  if (field.name == "content-type" || field.name == "Content-Type")
    return std::string(value.substr(0, value.find(';')));
  return redact_text(value, kept);
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

bool is_left_out(std::string_view name) {
  constexpr std::string_view kLeftOut[] = {"host", "content-length", "content-encoding", "transfer-encoding"};
  return std::any_of(std::begin(kLeftOut), std::end(kLeftOut), [&](std::string_view each) {
    return std::equal(each.begin(), each.end(), name.begin(), name.end(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b); });
  });
}

std::string http_text(const Message& message, const std::string& body, const KeptText& kept) {
  std::string text;
  if (message.kind == MessageKind::response) {
    text = fmt::format("HTTP/1.1 {} \r\n", message.status.value_or(200));
  } else {
    const std::string target = message.target.empty() ? "/" : redact_text(message.target, kept);
    text = fmt::format("{} {} HTTP/1.1\r\n", message.method.empty() ? "GET" : message.method, target);
    if (!message.host.empty()) text += fmt::format("Host: {}\r\n", message.host);
  }
  for (const Field& field : message.fields) {
    if (field.unknown || is_left_out(field.name) || !is_plain_name(field.name)) continue;
    text += fmt::format("{}: {}\r\n", field.name, field_text(field, kept));
  }
  return text + fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
}

}  // namespace

std::vector<SharedPdu> shareable(const Message& message, const Hit& hit, const Limits& limits) {
  Anomalies ignored;
  Texts texts(message, hit);
  walk_message(message, limits, ignored, texts);
  const KeptText kept = kept_of(hit);
  SharedPdu base;
  const bool up = message.direction == Direction::to_server;
  base.source = up ? message.flow->client : message.flow->server;
  base.destination = up ? message.flow->server : message.flow->client;
  base.udp = message.flow->transport == Transport::udp;
  base.time = message.first;
  if (!hit.packets.empty()) base.packet = {hit.packets.front().capture, hit.packets.front().first};

  std::vector<SharedPdu> pdus;
  bool shown = false;
  if (message.protocol.starts_with("http")) {
    SharedPdu& head = pdus.emplace_back(base);
    head.dissector = "http";
    head.bytes = http_text(message, redact_json(texts.body, kept), kept);
    head.comment = fmt::format("{} message written as HTTP/1.1; what is masked is x and 1{}", message.protocol,
                               texts.body.empty() && !message.body.empty() ? "; its body is no text and left out" : "");
    shown = holds_any(head.bytes, kept);
  }
  if (shown) return pdus;
  SharedPdu& inner = pdus.emplace_back(base);
  inner.dissector = "data-text-lines";
  inner.bytes = redact_json(texts.innermost, kept);
  inner.comment = "what decoding made of it; what is masked is x and 1";
  if (!holds_any(inner.bytes, kept)) {
    inner.bytes = hit.value;
    inner.comment = "the value as it was found by decoding";
  }
  return pdus;
}

ByteVector exported_pdu(const SharedPdu& pdu) {
  ByteVector out;
  const auto u16 = [&](std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
  };
  const auto tag = [&](std::uint16_t type, Bytes value) {
    const std::size_t padding = (4 - value.size() % 4) % 4;
    u16(type);
    u16(value.size() + padding);
    out.insert(out.end(), value.begin(), value.end());
    out.insert(out.end(), padding, 0);
  };
  const auto number = [&](std::uint16_t type, std::uint32_t value) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
                                  static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
    tag(type, bytes);
  };
  const auto address = [&](std::uint16_t v4, std::uint16_t v6, const Address& value) {
    value.is_v4() ? tag(v4, Bytes(value.bytes).last(4)) : tag(v6, value.bytes);
  };
  enum Tag : std::uint16_t {
    kEnd = 0,
    kDissector = 12,
    kSource4 = 20,
    kDestination4 = 21,
    kSource6 = 22,
    kDestination6 = 23,
    kPortKind = 24,
    kSourcePort = 25,
    kDestinationPort = 26,
    kFrame = 30
  };
  tag(kDissector, as_bytes(pdu.dissector));
  address(kSource4, kSource6, pdu.source.address);
  address(kDestination4, kDestination6, pdu.destination.address);
  number(kPortKind, pdu.udp ? 3 : 2);
  number(kSourcePort, pdu.source.port);
  number(kDestinationPort, pdu.destination.port);
  if (pdu.packet.number != 0) number(kFrame, static_cast<std::uint32_t>(pdu.packet.number));
  tag(kEnd, {});
  const Bytes data = as_bytes(pdu.bytes);
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

}  // namespace tattle
