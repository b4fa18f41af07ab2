#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "decode/arena.h"
#include "decode/media_type.h"
#include "decode/scratch.h"
#include "decode/value.h"

namespace tattle {

/// What is known of a string before it is looked at, so that the usual short one costs nothing.
struct LeafHints {
  bool percent = true;    // may hold a percent sign
  bool ampersand = true;  // may hold an ampersand
};

/// Some of the decoders: one bit for each, by its place in their table.
using DecoderSet = std::uint32_t;

constexpr std::size_t kShortestLeaf = 8;  // only JSON and percent escapes are worth opening when it is shorter

/// Whether a string of this size and first byte may hold anything that `open_leaf` opens.
inline bool may_open_leaf(Bytes bytes, LeafHints hints) {
  return bytes.size() >= kShortestLeaf || (bytes.size() > 2 && (hints.percent || bytes[0] == '{' || bytes[0] == '['));
}

/// Walks one message's tree: decoders call it for each node they make, and it asks them what is inside.
class Walker {
 public:
  Walker(const Limits& limits, Anomalies& anomalies, PacketId where, ValueVisitor& visitor)
      : limits_(limits), anomalies_(anomalies), where_(where), visitor_(visitor) {}

  /// Visits `bytes` as a root, and what `inside` finds in it.
  template <class Inside>
  void root(Bytes bytes, Inside&& inside) {
    Value value;
    value.bytes = bytes;
    value.parent_end = bytes.size();
    ++counts_.nodes;
    visit(value, inside);
  }

  /// Visits a range of the parent's bytes as a node of its own. False when a limit forbids it: stop making more.
  template <class Inside>
  bool part(const Value& parent, std::string_view step, const DetailSource* detail, Bytes range, Inside&& inside) {
    return node(parent, step, detail, range, range, false, inside);
  }

  /// The same for a part in which nothing is looked for.
  bool plain_part(const Value& parent, std::string_view step, const DetailSource* detail, Bytes range) {
    if (range.size() >= least_part_ || !has_room(parent)) return part(parent, step, detail, range, [](const Value&) {});
    ++counts_.nodes;
    return true;
  }

  /// The same for many parts at once, each smaller than `least_part()`: how many may be counted.
  std::uint64_t plain_room(const Value& parent) const {
    return has_room(parent) ? limits_.decode_nodes - counts_.nodes : 0;
  }
  void count_plain(std::uint64_t nodes) { counts_.nodes += nodes; }
  std::size_t least_part() const { return least_part_; }

  /// Visits bytes that decoding made from a range of the parent's bytes. They must live for this call.
  template <class Inside>
  bool made(const Value& parent, std::string_view step, const DetailSource* detail, Bytes from, Bytes bytes,
            Inside&& inside) {
    counts_.output_bytes += bytes.size();
    return node(parent, step, detail, from, bytes, true, inside);
  }

  /// Instead of `made`, for bytes that are opaque (`decode/token/opaque.h`): false when they must be visited after all.
  bool pass_opaque(const Value& parent, Bytes bytes) {
    if (!has_room(parent) || !visitor_.passes(bytes)) return false;
    counts_.output_bytes += bytes.size();
    ++counts_.nodes;
    return true;
  }

  /// Room for `size` decoded bytes; null when the message has had its share, which is then noted.
  std::uint8_t* take_output(std::size_t size);
  std::uint64_t output_room() const {
    return limits_.decode_output_bytes - std::min(limits_.decode_output_bytes, counts_.output_bytes);
  }

  /// Opens bytes of which at most the type is known: a body, the inside of an archive or of a token.
  void open(const Value& value, const Declared& declared = {});
  /// Opens what a content coding gave: the next coding of the declared chain, or the content.
  void open_decoded(const Value& value);
  /// Opens bytes whose type and charset are settled.
  void open_content(const Value& value, const MediaType& type);
  /// Opens a short string: a JSON string, a field, a parameter.
  void open_leaf(const Value& value, LeafHints hints = {});
  /// Says that this is the body, whose size after content codings is counted.
  void open_body(const Value& value, const Declared& declared);
  /// The same for bytes of which no protocol says where anything in them begins.
  /// @param repeated  Of a window: bytes at its end that the next one begins with. Nothing: it is the last.
  void open_raw(const Value& value, std::optional<std::size_t> repeated);

  /// Leaves a member to be read to its end behind this window.
  void leave_open(OpenMember member) { counts_.member = member; }

  void note(std::string_view anomaly) { anomalies_.note(anomaly, where_); }
  /// The same, once for a message, and the message counts as not wholly walked.
  void hit_limit(std::string_view anomaly);

  const Limits& limits() const { return limits_; }
  Scratch& scratch() { return *lease_; }
  Arena& arena() { return lease_->arena; }
  const DecodeCounts& counts() const { return counts_; }

 private:
  template <class Inside>
  bool node(const Value& parent, std::string_view step, const DetailSource* detail, Bytes from, Bytes bytes, bool fresh,
            Inside&& inside) {
    if (!has_room(parent)) [[unlikely]]
      return refuse();
    Value value;
    value.parent = &parent;
    value.step = step;
    value.detail = detail;
    value.bytes = bytes;
    value.fresh = fresh;
    value.parent_begin = static_cast<std::size_t>(from.data() - parent.bytes.data());
    value.parent_end = value.parent_begin + from.size();
    value.depth = parent.depth + 1;
    ++counts_.nodes;
    visit(value, inside);
    return true;
  }
  template <class Inside>
  void visit(const Value& value, Inside&& inside) {
    if (!value.fresh && value.bytes.size() < least_part_) return inside(value);
    visitor_.enter(value);
    const std::size_t around = least_part_;
    if (value.fresh) least_part_ = visitor_.least_part();
    inside(value);
    least_part_ = around;
    visitor_.leave(value);
  }
  bool has_room(const Value& parent) const {
    return counts_.nodes < limits_.decode_nodes && parent.depth + 2 <= limits_.decode_depth;
  }
  bool refuse();
  bool open_sniffed(DecoderSet sniffing, const Value& value, const MediaType& type);
  void open_coded(const Value& value, std::string_view codings, std::string_view media_type, bool body);

  // What was declared beneath the coding being taken off.
  struct Pending {
    std::string_view codings, media_type;
    bool body = false;
  };

  const Limits& limits_;
  Anomalies& anomalies_;
  PacketId where_;
  ValueVisitor& visitor_;
  ScratchLease lease_;
  DecodeCounts counts_;
  std::size_t least_part_ = 0;  // of the nearest fresh value, as the visitor wants it
  std::vector<std::string_view> limits_hit_;
  Pending pending_;
  bool has_pending_ = false;
};

/// For nodes in which nothing is looked for.
inline constexpr auto kNothingInside = [](const Value&) {};

}  // namespace tattle
