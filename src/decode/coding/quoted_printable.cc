#include "decode/coding/quoted_printable.h"

#include "decode/token/text.h"

namespace tattle {

bool open_quoted_printable(Walker& walker, const Value& value, const Declared& inside) {
  const Bytes in = value.bytes;
  Arena::Scope scope(walker.arena());
  std::uint8_t* out = walker.take_output(in.size());
  if (!out) return false;
  std::size_t size = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '=') {
      out[size++] = in[i];
      continue;
    }
    // A soft line break, an escape, or an equals sign that should have been escaped.
    if (i + 1 < in.size() && in[i + 1] == '\n') {
      i += 1;
    } else if (i + 2 < in.size() && in[i + 1] == '\r' && in[i + 2] == '\n') {
      i += 2;
    } else if (i + 2 < in.size() && hex_value(in[i + 1]) >= 0 && hex_value(in[i + 2]) >= 0) {
      out[size++] = static_cast<std::uint8_t>(hex_value(in[i + 1]) << 4 | hex_value(in[i + 2]));
      i += 2;
    } else {
      out[size++] = '=';
    }
  }
  if (size == 0) return false;
  walker.made(value, "quoted-printable", nullptr, in, {out, size},
              [&](const Value& made) { walker.open(made, inside); });
  return true;
}

}  // namespace tattle
