#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// The charset of a long text, from its first bytes.
struct StreamCharset {
  std::string name;       // for ICU; empty: nothing to convert
  bool mismatch = false;  // what was declared cannot be
};

/// Like that of a whole text, but a declared charset is believed when the first bytes are ASCII.
StreamCharset find_stream_charset(Bytes start, std::string_view declared);

}  // namespace tattle
