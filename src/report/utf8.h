#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// The text with every maximal ill-formed part replaced by U+FFFD (Unicode 15, section 3.9, table 3-8).
/// @param lossy  Set to whether anything was replaced.
std::string to_utf8(std::string_view text, bool& lossy);
std::string to_utf8(std::string_view text);

/// RFC 4648 section 4, padded.
std::string to_base64(Bytes bytes);

}  // namespace tattle
