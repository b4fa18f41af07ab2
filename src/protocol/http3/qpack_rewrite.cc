#include "protocol/http3/qpack_rewrite.h"

namespace tattle {
namespace {

constexpr std::uint64_t kMostValue = (std::uint64_t{1} << 62) - 1;

// Section 4.1.2: H flag and length, then so many bytes. `bits` counts the length's prefix.
bool skip_string(Bytes& in, int bits) {
  const std::optional<std::uint64_t> length = take_prefixed(in, bits);
  if (!length || *length > in.size()) return false;
  in = in.subspan(*length);
  return true;
}

void append(ByteVector& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// Section 4.5.6: a literal with a literal name of one byte, not Huffman coded. Its value follows.
void append_unknown_name(ByteVector& out) {
  out.push_back(0x21);
  out.push_back(static_cast<std::uint8_t>(kQpackUnknownName));
}

// One field line. `in` is left behind it.
bool rewrite_line(Bytes& in, ByteVector& out) {
  const Bytes whole = in;
  const std::uint8_t first = in[0];
  const auto copy = [&] { append(out, whole.first(whole.size() - in.size())); };
  if ((first & 0x80) != 0 || (first & 0xf0) == 0x10) {  // 4.5.2: indexed; 4.5.3: with a post-base index
    if (!take_prefixed(in, (first & 0x80) != 0 ? 6 : 4)) return false;
    if ((first & 0xc0) == 0xc0) {
      copy();
    } else {
      append_unknown_name(out);
      out.push_back(0);
    }
    return true;
  }
  if ((first & 0x20) != 0 && (first & 0x40) == 0) {  // 4.5.6: literal name
    if (!skip_string(in, 3) || in.empty() || !skip_string(in, 7)) return false;
    copy();
    return true;
  }
  // 4.5.4: name by reference; 4.5.5: with a post-base index
  const bool named = (first & 0x40) != 0;
  if (!take_prefixed(in, named ? 4 : 3)) return false;
  const Bytes value = in;
  if (in.empty() || !skip_string(in, 7)) return false;
  if (named && (first & 0x10) != 0) {
    copy();
  } else {
    append_unknown_name(out);
    append(out, value.first(value.size() - in.size()));
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> take_prefixed(Bytes& in, int prefix_bits) {
  if (in.empty()) return std::nullopt;
  const std::uint64_t most = (std::uint64_t{1} << prefix_bits) - 1;
  std::uint64_t value = in[0] & most;
  in = in.subspan(1);
  if (value < most) return value;
  for (int shift = 0; shift <= 56; shift += 7) {
    if (in.empty()) return std::nullopt;
    const std::uint8_t byte = in[0];
    in = in.subspan(1);
    value += std::uint64_t{byte & 0x7fu} << shift;
    if (value > kMostValue) return std::nullopt;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<ByteVector> rewrite_without_table(Bytes section, bool cut) {
  Bytes in = section;
  // Section 4.5.1: Required Insert Count, sign and Delta Base.
  if (!take_prefixed(in, 8) || !take_prefixed(in, 7)) return cut ? std::optional(ByteVector{0, 0}) : std::nullopt;
  ByteVector out{0, 0};
  out.reserve(section.size() + 8);
  while (!in.empty()) {
    if (rewrite_line(in, out)) continue;
    if (!cut) return std::nullopt;
    break;  // a line whose end is lost
  }
  return out;
}

}  // namespace tattle
