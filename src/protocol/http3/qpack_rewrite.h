#pragma once

#include <optional>

#include "base/bytes.h"

namespace tattle {

/// Name that stands for a reference to a lost entry: no HTTP field may be named so (RFC 9114 section 4.2).
constexpr char kQpackUnknownName = '\x01';

/// A field section that means the same as `section` but needs no dynamic table: each reference to it becomes a
/// literal named kQpackUnknownName, with the value where the section itself holds it.
/// @param cut  The section's rest is lost.
/// @return nothing when the section is malformed. Source: RFC 9204 section 4.5.
std::optional<ByteVector> rewrite_without_table(Bytes section, bool cut);

/// An integer whose first byte holds `prefix_bits` of it (RFC 9204 section 4.1.1, RFC 7541 section 5.1).
/// Takes it off the front of `in`.
/// @return nothing when `in` ends too early, or the integer is over 62 bits.
std::optional<std::uint64_t> take_prefixed(Bytes& in, int prefix_bits);

}  // namespace tattle
