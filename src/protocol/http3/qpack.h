#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/limits.h"
#include "protocol/http2/head.h"

struct nghttp3_qpack_decoder;

namespace tattle {

/// Reads the field sections of one direction of an HTTP/3 connection (RFC 9204), knowing what it cannot know: what
/// refers to entries that were lost comes out as unknown fields, everything else as itself.
class QpackDecoder {
 public:
  enum class Outcome : std::uint8_t {
    done,
    malformed,  // the fields before the fault are there; the table is lost
    blocked,    // needs entries, or a table size, that may still come; nothing was added
  };

  explicit QpackDecoder(const Limits& limits);
  ~QpackDecoder();

  /// The receiving side announced this SETTINGS_QPACK_MAX_TABLE_CAPACITY (0 when its SETTINGS leave it out). Only the
  /// first counts: it cannot change (RFC 9204 section 3.2.3). Until then what depends on the table is blocked.
  /// @return false when it is over the limit http2-header-table-bytes, whereupon the table is lost.
  bool announce(std::uint64_t table_bytes);

  /// The next bytes of the sender's encoder stream (section 4.3).
  /// @return false when they are malformed, or too many came before announce(): the table is lost.
  bool read_encoder(Bytes bytes);
  /// The receiver's decoder stream says that at least `inserts` entries arrived there (section 4.4.3). When these are
  /// more than arrived here, bytes were lost: the short form of counts in field sections could mislead (4.5.1.1).
  void acknowledge(std::uint64_t inserts);

  /// Bytes of the encoder stream are lost, or will not come.
  void lose_table();

  /// Reads one whole section, or the front of one whose rest was lost (`cut`). Appends its fields to `head`.
  Outcome decode(Bytes section, bool cut, Http2Head& head);
  /// Whether decode() would need the dynamic table at all.
  static bool needs_table(Bytes section);

 private:
  bool behind() const;
  bool prepare();
  Outcome read(nghttp3_qpack_decoder* decoder, Bytes section, bool cut, Http2Head& head);
  Outcome read_without_table(Bytes section, bool cut, Http2Head& head);

  struct Free {
    void operator()(nghttp3_qpack_decoder* decoder) const;
  };
  using Decoder = std::unique_ptr<nghttp3_qpack_decoder, Free>;
  Decoder dynamic_;  // made when first needed
  Decoder plain_;    // for what needs no table
  const std::uint64_t table_limit_, early_limit_;
  std::uint64_t table_bytes_ = 0;
  std::uint64_t acknowledged_ = 0;
  ByteVector early_;  // of the encoder stream, before announce()
  bool announced_ = false, lost_ = false;
};

}  // namespace tattle
