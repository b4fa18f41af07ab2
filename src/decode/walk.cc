// The two ways in: any bytes, and a whole message.
#include <algorithm>
#include <string>

#include "decode/coding/base64.h"
#include "decode/decoders.h"
#include "decode/pairs.h"
#include "decode/token/text.h"
#include "decode/walker.h"

namespace tattle {
namespace {

bool lies_in(std::string_view part, Bytes whole) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(part.data());
  return !part.empty() && std::less_equal<>()(whole.data(), begin) &&
         std::less_equal<>()(begin + part.size(), whole.data() + whole.size());
}

// HTTP's word, and mail's; other protocols have no header that their fields stand in.
std::string_view step_of_fields(std::string_view protocol) {
  if (protocol == "coap") return "option";
  return protocol == "mqtt" || protocol == "sse" ? "field" : "header";
}

class HeadWalk {
 public:
  HeadWalk(Walker& walker, const Message& message, const Value& head)
      : walker_(walker), message_(message), head_(head) {}

  void run() {
    target();
    for (const Field& each : message_.fields) {
      if (each.value.empty() || each.name == ":path") continue;
      if (message_.body_offset > 0 && !each.trailer) continue;  // read with the first piece
      field(each);
    }
    const std::string& url = message_.url;
    if (!url.empty() && message_.body_offset == 0 && as_text(head_.bytes).find(url) == std::string_view::npos) {
      // Put together from several places of the head. Its parts are opened where they stand.
      walker_.made(head_, "url", nullptr, head_.bytes, as_bytes(url), kNothingInside);
    }
  }

 private:
  // Makes the node where the text stands in the head; text that is kept elsewhere becomes fresh bytes.
  template <class Inside>
  void node(std::string_view step, const DetailSource* detail, std::string_view text, Inside&& inside) {
    if (lies_in(text, head_.bytes)) {
      walker_.part(head_, step, detail, as_bytes(text), inside);
    } else {
      walker_.made(head_, step, detail, head_.bytes, as_bytes(text), inside);
    }
  }

  void target() {
    std::string_view text = message_.target;
    if (text.empty() || message_.kind != MessageKind::request || message_.body_offset > 0) return;
    const Field* pseudo = message_.field(":path");
    if (pseudo && pseudo->value == text) {
      text = pseudo->value;
    } else {
      const std::string_view head = as_text(head_.bytes);
      const auto at = head.substr(0, head.find('\n')).find(text, message_.method.size());
      if (at != std::string_view::npos) text = head.substr(at, text.size());
    }
    if (text.ends_with(message_.target_carries)) text.remove_suffix(message_.target_carries.size());
    node("target", nullptr, text, [&](const Value& made) { open_url_parts(walker_, made, made.bytes, true); });
  }

  void field(const Field& each) {
    const NameDetail name(each.name);
    node(step_of_fields(message_.protocol), &name, each.value, [&](const Value& made) {
      if (equal_ignoring_case(each.name, "cookie")) return open_cookies(walker_, made, false);
      if (equal_ignoring_case(each.name, "set-cookie")) return open_cookies(walker_, made, true);
      if (credentials(made)) return;
      walker_.open_leaf(made);
    });
  }

  // RFC 7617 section 2: `Basic` and base64 of user and password.
  bool credentials(const Value& made) {
    const std::string_view text = as_text(made.bytes);
    if (text.size() < 7 || !equal_ignoring_case(text.substr(0, 6), "basic ")) return false;
    return open_declared_base64(walker_, made, as_bytes(trim(text.substr(6))), {});
  }

  Walker& walker_;
  const Message& message_;
  const Value& head_;
};

std::string_view field_value(const Message& message, std::string_view name) {
  const Field* field = message.field(name);
  return field && !field->unknown ? field->value : std::string_view();
}

// Content-Encoding may come as several fields, which are one list.
std::string codings_of(const Message& message) {
  std::string all;
  for (const Field& field : message.fields) {
    if (field.unknown || !equal_ignoring_case(field.name, "content-encoding")) continue;
    if (!all.empty()) all += ',';
    all += field.value;
  }
  return all;
}

// The media type of text that is UTF-8 by now, whatever was declared.
std::string without_charset(std::string_view type) {
  std::string left;
  while (!type.empty()) {
    const std::string_view part = type.substr(0, type.find(';'));
    type.remove_prefix(std::min(type.size(), part.size() + 1));
    const std::string_view name = trim(part);
    if (name.size() >= 8 && equal_ignoring_case(name.substr(0, 8), "charset=")) continue;
    if (!left.empty()) left += ';';
    left += part;
  }
  return left;
}

// Windows of streams, and datagrams, that no parser knows.
bool is_raw(const Message& message) {
  const std::string_view protocol = message.protocol;
  return message.kind == MessageKind::data && (protocol == "tcp" || protocol == "udp" || protocol == "quic");
}

// The share of a window that the next one begins with; see PieceBuffer.
std::optional<std::size_t> repeated_at_end(const Message& message, const Limits& limits) {
  if (message.last_piece) return std::nullopt;
  return std::min<std::size_t>(limits.raw_overlap_bytes, message.body.size() / 2);
}

PacketId first_packet(const Message& message) {
  PacketRuns runs;
  const PieceMap& pieces = message.head_pieces.size() ? message.head_pieces : message.body_pieces;
  pieces.packets(0, 1, runs);
  return runs.empty() ? PacketId{} : PacketId{runs.front().capture, runs.front().first};
}

}  // namespace

DecodeCounts walk_bytes(Bytes bytes, const Declared& declared, const Limits& limits, Anomalies& anomalies,
                        PacketId where, ValueVisitor& visitor) {
  Walker walker(limits, anomalies, where, visitor);
  walker.root(bytes, [&](const Value& root) { walker.open_body(root, declared); });
  return walker.counts();
}

DecodeCounts walk_message(const Message& message, const Limits& limits, Anomalies& anomalies, ValueVisitor& visitor) {
  Walker walker(limits, anomalies, first_packet(message), visitor);
  if (!message.head.empty()) {
    walker.root(message.head, [&](const Value& head) { HeadWalk(walker, message, head).run(); });
  }
  if (message.body.empty()) return walker.counts();
  // A later piece of a coded body cannot be decoded without what came before it.
  std::string codings = message.content_decoded ? std::string() : codings_of(message);
  if (!message.body_coding.empty()) codings = message.body_coding;
  const std::string_view type = message.body_type.empty() ? field_value(message, "content-type") : message.body_type;
  const std::string no_charset = message.charset_decoded ? without_charset(type) : std::string();
  Declared declared{message.charset_decoded ? std::string_view(no_charset) : type, codings};
  if (message.body_offset > 0) {
    if (!codings.empty()) walker.note("decode.piece-of-coded-body");
    declared = {};
  }
  walker.root(message.body, [&](const Value& body) {
    if (message.view == BodyView::whole && is_raw(message))
      return walker.open_raw(body, repeated_at_end(message, limits));
    if (message.view == BodyView::whole) walker.open_body(body, declared);
    if (message.view == BodyView::text) open_tokens(walker, body, body.bytes, true);
  });
  return walker.counts();
}

}  // namespace tattle
