#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/anomalies.h"
#include "base/bytes.h"
#include "protocol/message.h"

namespace tattle {

/// Head of an HTTP/1 message as offsets into its bytes, so that it may move.
struct Http1Head {
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  struct FieldRange {
    Range name, value;
    bool trailer = false;
  };
  bool request = false;
  Range method, target;  // of a request
  int status = 0;        // of a response
  int minor = 1;         // of the version
  std::vector<FieldRange> fields;

  /// The fields as views into `bytes`, the same bytes that were parsed.
  std::vector<Field> views(Bytes bytes) const;
  std::string_view text(Bytes bytes, Range range) const {
    return as_text(bytes).substr(range.begin, range.end - range.begin);
  }
};

/// Parses a start line and its fields; lines end with CRLF or LF alone. `bytes` is whole lines; line breaks inside
/// folded values become spaces in place, so that every offset stays.
/// @anomaly http1.bad-field, http1.obs-fold, http1.bare-lf, http1.space-before-colon
/// Source: RFC 9112 sections 2 to 5.
Http1Head parse_http1_head(ByteVector& bytes, Anomalies& anomalies, PacketId where);

/// Parses the field lines of bytes from `from` on and appends them as trailers.
void parse_http1_trailers(Http1Head& head, ByteVector& bytes, std::size_t from, Anomalies& anomalies, PacketId where);

/// How a body ends.
enum class BodyKind : std::uint8_t { none, length, chunked, until_close, tunnel, unknown };
struct BodyEnd {
  BodyKind kind = BodyKind::none;
  std::uint64_t length = 0;  // when kind is length
};

/// Says where a message's body ends.
/// @param answered  Method of the request this answers; empty for a request, or when it is not known.
/// @anomaly http1.both-lengths         Transfer-Encoding and Content-Length; the former wins (rule 3).
/// @anomaly http1.bad-length           Not digits, over 2^63-1, or two values differ (rule 5).
/// @anomaly http1.bad-coding  Chunked is not last in a request, comes twice, or in HTTP/1.0 (rule 4).
/// Source: RFC 9112 section 6.3, rules 1-8.
BodyEnd http1_body_end(const Http1Head& head, Bytes bytes, std::string_view answered, Anomalies& anomalies,
                       PacketId where);

/// Where a request goes, from its target and its Host field; what contradicts itself stays empty.
struct RequestTarget {
  std::string host;  // lower case, without port; IPv6 without brackets
  std::uint16_t port = 0;
  std::string authority;  // as sent, for the URI
  bool absolute = false;  // absolute-form
};

/// @anomaly http1.bad-host       Not an authority.
/// @anomaly http1.host-conflict  Two Host fields differ: the host stays unknown. (RFC 9112 section 3.2)
/// @anomaly http1.host-differs   The Host field is not what the absolute target says; the target wins (3.2.2).
RequestTarget http1_request_target(std::string_view method, std::string_view target, const std::vector<Field>& fields,
                                   Anomalies& anomalies, PacketId where);

/// Splits `host[:port]`, `[v6]:port`. False when it is not a valid authority (RFC 3986 section 3.2).
bool split_authority(std::string_view authority, std::string& host, std::uint16_t& port);

/// True when a comma-separated field value has this token, in any case.
bool has_token(std::string_view value, std::string_view lower_token);

}  // namespace tattle
