#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace tattle {

/// Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7): a sign that a frame is what it seems.
inline bool well_formed_utf8(Bytes bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const std::uint8_t lead = bytes[i++];
    if (lead < 0x80) continue;
    const std::size_t more = lead >= 0xc2 && lead <= 0xdf   ? 1
                             : (lead & 0xf0) == 0xe0        ? 2
                             : lead >= 0xf0 && lead <= 0xf4 ? 3
                                                            : 0;
    if (more == 0 || bytes.size() - i < more) return false;
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (bytes[i] < low || bytes[i] > high) return false;
    for (std::size_t k = 1; k < more; ++k) {
      if ((bytes[i + k] & 0xc0) != 0x80) return false;
    }
    i += more;
  }
  return true;
}

}  // namespace tattle
