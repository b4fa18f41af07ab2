#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "decode/walker.h"

namespace tattle {

/// Whether a byte belongs to base64 or base64url (RFC 4648 sections 4 and 5), padding excluded.
bool is_base64_byte(std::uint8_t byte);

/// Decodes base64 of either alphabet into `out`, which has room for three quarters of the text. Padding may be absent;
/// line ends are skipped. Returns the size, or nothing when a byte is foreign, the alphabets are mixed, the length is
/// impossible or the last bits are not zero.
std::optional<std::size_t> decode_base64(Bytes text, std::uint8_t* out);

/// Decodes four bytes of either alphabet. False when one is foreign, such as padding.
bool decode_base64_group(const std::uint8_t* text, std::array<std::uint8_t, 3>& out);

/// Whether the text uses the URL alphabet, which names the step.
std::string_view base64_step(Bytes text);

/// Decodes what is declared to be base64 (Content-Transfer-Encoding, Basic credentials): whatever it holds counts.
bool open_declared_base64(Walker& walker, const Value& value, Bytes text, const Declared& inside);

}  // namespace tattle
