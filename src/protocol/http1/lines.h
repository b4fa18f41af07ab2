#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "protocol/raw/sniff.h"

namespace tattle {

/// Bytes up to and with the next line feed; all of them when there is none. `ended` says which.
std::size_t through_line_feed(Bytes data, bool& ended);

bool is_empty_line(std::string_view line);

/// The last line of `head`, which ends with a line feed.
std::string_view last_line(std::string_view head, std::size_t from);

/// chunk-size of RFC 9112 section 7.1: hexadecimal digits, then an extension or nothing.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line);

/// Whether bytes at the place of a body are the next request in its stead: its line with method, target and version
/// and a field behind it, from the very first byte on.
Sniff sniff_next_request(Bytes bytes);

/// Whether bytes that should be something else are a request for a host nevertheless: its line, then nothing but fields
/// as far as they go, a whole Host among them.
bool is_request_for_host(Bytes bytes);
/// Likewise a response: its status line, then nothing but fields, at least one of them whole.
bool is_response_head(Bytes bytes);

}  // namespace tattle
