#pragma once

#include <vector>

#include "decode/value.h"

namespace tattle {

/// Where a JSON walk is: one frame for each open container. As a detail: `$.events[*].loc`.
class JsonPath : public DetailSource {
 public:
  struct Frame {
    bool array = false;
    Bytes key;  // of the member being read, without quotes, escapes still in it
  };
  std::vector<Frame> frames;

  std::string detail() const override;
};

/// Undoes the escapes of a JSON string's inside (RFC 8259 section 7); what is no escape stays as it is, half a
/// surrogate pair becomes U+FFFD. `out` has room for `raw.size()` bytes. Returns the bytes written.
std::size_t unescape_json(Bytes raw, std::uint8_t* out);

}  // namespace tattle
