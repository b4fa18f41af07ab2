#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/limits.h"
#include "protocol/http2/head.h"

struct nghttp2_hd_inflater;

namespace tattle {

/// Reads the header blocks of one direction (RFC 7541), knowing what it cannot know: once bytes of a block were lost,
/// entries of the dynamic table from before come out as unknown fields, those added since as themselves.
class HpackDecoder {
 public:
  explicit HpackDecoder(const Limits& limits);
  ~HpackDecoder();

  /// The receiving side announced this SETTINGS_HEADER_TABLE_SIZE. The sender's own size updates in its blocks decide
  /// how large the table is (RFC 7541 section 4.2), so nothing shrinks or grows here: an index counts from the newest
  /// entry, hence a table larger than the sender's reads the same.
  void announce(std::uint64_t table_bytes);

  /// Header bytes were lost, or the connection was joined midway.
  void lose_table();

  /// Reads one whole block, or the front of one whose rest was lost (`cut`), after which the table is lost.
  /// Appends its fields to `head`.
  /// @return false when the block is malformed: the fields before the fault are there, the table is lost.
  bool decode(Bytes block, bool cut, Http2Head& head);

  /// Whether the sender made its table larger than was ever announced to it.
  bool over_announced() const;

 private:
  bool inflate(Bytes block, bool last, Http2Head* head);
  bool prepare();

  struct Free {
    void operator()(nghttp2_hd_inflater* inflater) const;
  };
  std::unique_ptr<nghttp2_hd_inflater, Free> inflater_;
  std::uint64_t table_limit_;
  std::uint64_t announced_ = 4096;  // RFC 9113 section 6.5.2: the initial value
  std::uint32_t losses_ = 0;        // tables filled with sentinels so far
  std::uint32_t failures_ = 0;
  bool lost_ = false;
};

}  // namespace tattle
