#pragma once

#include <string>

#include "base/bytes.h"

namespace tattle {

/// JSON with its text made Unicode, so that it can be parsed.
struct Repaired {
  std::string json;
  bool marked = false;  // stray bytes were written as marks
};

/// Half surrogates become U+FFFD. Stray bytes, and the half surrogates by which Python writes them (`\udc80` for byte
/// 80; PEP 383), become marks: private code points that `unmark_bytes` turns into the bytes again.
Repaired repair_json_text(Bytes json);

void unmark_bytes(std::string& text);
void unmark_bytes(ByteVector& bytes);

}  // namespace tattle
