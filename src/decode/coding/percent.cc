#include <cstring>

#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {

// RFC 3986 section 2.1; plus signs as in application/x-www-form-urlencoded (WHATWG URL section 5.1).
bool open_percent(Walker& walker, const Value& value, Bytes range, bool plus) {
  Arena::Scope scope(walker.arena());
  std::uint8_t* out = walker.take_output(range.size());
  if (!out) return false;
  std::size_t size = 0;
  bool changed = false;
  for (std::size_t i = 0; i < range.size(); ++i) {
    std::uint8_t c = range[i];
    if (c == '%' && i + 2 < range.size()) {
      const int high = hex_value(range[i + 1]), low = hex_value(range[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<std::uint8_t>(high << 4 | low);
        i += 2;
        changed = true;
      }
    } else if (c == '+' && plus) {
      c = ' ';
      changed = true;
    }
    out[size++] = c;
  }
  if (!changed) return false;
  walker.made(value, "percent", nullptr, range, {out, size}, [&](const Value& made) { walker.open_leaf(made); });
  return true;
}

}  // namespace tattle
