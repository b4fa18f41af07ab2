#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace tattle {

/// `2023-03-29T17:37:42.482-07:00`, any number of fraction digits, `Z`, `+0000`, or no zone at all (taken for UTC).
/// Source: ISO 8601 as RFC 3339 and .NET's round-trip format write it.
std::optional<Time> parse_iso_time(std::string_view text);

/// Seconds since 1970; nothing when that is no time that can be.
std::optional<Time> time_of_seconds(double seconds);

/// Base64 of either alphabet; white space and missing padding are tolerated. Nothing when it is something else.
std::optional<ByteVector> decode_base64(std::string_view text);

/// `http/1.1` (1.0 too), `http/2`, `http/3` from any spelling met in imports; `http` for what is none of them.
std::string_view http_protocol(std::string_view version);

/// The parts of an absolute URL; all empty when it has no authority.
struct UrlParts {
  std::string_view scheme, authority;  // authority without user information
  std::string_view host;               // IPv6 without brackets
  std::uint16_t port = 0;              // that of the scheme when none is written
};
UrlParts split_url(std::string_view url);

}  // namespace tattle
