#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/anomalies.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "protocol/message.h"

namespace tattle {

/// Says, when asked, what a node's step met: a JSON path, a field's name. Asked on a hit only.
class DetailSource {
 public:
  virtual ~DetailSource() = default;
  virtual std::string detail() const = 0;  // not always UTF-8: names from traffic are as they came
};

/// One node of a message's value tree, living on the walker's stack while its subtree is walked.
struct Value {
  const Value* parent = nullptr;         // null for a root
  std::string_view step;                 // `gzip`, `json`, `base64`, `header`, `query`; a string literal
  const DetailSource* detail = nullptr;  // may be null: no detail
  Bytes bytes;                           // lives until the walk of this node ends
  bool fresh = true;                     // false: `bytes` is a range inside the nearest fresh ancestor's bytes
  // Range of the parent's bytes that this was made from. A step that scrambles positions has its whole input here.
  std::size_t parent_begin = 0;
  std::size_t parent_end = 0;
  std::uint32_t depth = 0;
};

/// Sees every node once, parents before children on `enter`, after them on `leave`.
class ValueVisitor {
 public:
  virtual ~ValueVisitor() = default;
  virtual void enter(const Value& value) = 0;
  virtual void leave(const Value& value) = 0;
  /// Asked after each fresh value was entered: how small a part of it, in bytes, is worth being shown. Smaller ones are
  /// walked without `enter` and `leave`; fresh values are always shown.
  virtual std::size_t least_part() const { return 0; }
  /// Asked of the fresh bytes of a short token in which nothing can be opened (`decode/token/opaque.h`): true when the
  /// visitor would find nothing in them either and has counted them, so that they need not be shown.
  virtual bool passes(Bytes opaque) {
    static_cast<void>(opaque);
    return false;
  }
};

/// Steps from the root to this node, outermost first, without the root itself (whose step is empty).
std::vector<PathStep> path_of(const Value& value);

/// What the bytes are said to be, where that is known.
struct Declared {
  std::string_view media_type;  // `application/json; charset=utf-16`, empty when not declared
  std::string_view codings;     // Content-Encoding, as sent
};

/// A compressed member that begins in a window of a stream and goes on behind what the next window repeats.
struct OpenMember {
  std::size_t begin = 0;    // in the window
  std::string_view coding;  // as a content coding; a literal; empty: there is none
};

struct DecodeCounts {
  std::uint64_t nodes = 0;
  std::uint64_t output_bytes = 0;   // made by decoding
  std::uint64_t content_bytes = 0;  // the body after its declared content codings
  bool limit_hit = false;
  OpenMember member;  // not opened: a BodyStream can read it to its end
};

/// Walks the value tree of any bytes. Roots: step "" and bytes as given.
/// @param where  For anomalies.
DecodeCounts walk_bytes(Bytes bytes, const Declared& declared, const Limits& limits, Anomalies& anomalies,
                        PacketId where, ValueVisitor& visitor);

/// Walks a message: its head (target, query, fields, cookies) as one root and its body as another, in that order.
/// Which of the two a root is: its bytes are the message's head or body.
DecodeCounts walk_message(const Message& message, const Limits& limits, Anomalies& anomalies, ValueVisitor& visitor);

}  // namespace tattle
