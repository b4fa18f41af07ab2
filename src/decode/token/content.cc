#include "decode/token/content.h"

#include <array>

#include "decode/coding/base64.h"
#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

// How a byte may stand in plain text. RFC 3629 section 4.
enum class TextByte : std::uint8_t { never, alone, first, further };
constexpr auto kTextBytes = [] {
  std::array<TextByte, 256> table{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) table[c] = TextByte::alone;
  for (char c : {'\t', '\n', '\r'}) table[static_cast<std::uint8_t>(c)] = TextByte::alone;
  for (std::size_t c = 0x80; c < 0xc0; ++c) table[c] = TextByte::further;
  for (std::size_t c = 0xc2; c < 0xf5; ++c) table[c] = TextByte::first;
  return table;
}();

// Whether text or a known format may begin with these three bytes.
bool may_begin_content(const std::array<std::uint8_t, 3>& bytes) {
  const std::uint8_t first = bytes[0];
  if (first == 0x1f || first == 0x28 || first == 0x78 || first == 0xff) return true;
  TextByte before = TextByte::alone;
  for (std::uint8_t byte : bytes) {
    const TextByte now = kTextBytes[byte];
    if (now == TextByte::never) return false;
    if (before == TextByte::alone && now == TextByte::further) return false;
    if (before == TextByte::first && now != TextByte::further) return false;
    before = now;
  }
  return true;
}

}  // namespace

bool has_magic(Bytes bytes) { return sniff_gzip(bytes) || sniff_zstd(bytes) || sniff_zlib(bytes) || sniff_jpeg(bytes); }

bool may_hold_content(Bytes run) {
  constexpr std::size_t kLooked = 24;
  std::array<std::uint8_t, 3> group;
  if (run.size() >= 4 && decode_base64_group(run.data(), group) && !may_begin_content(group)) return false;
  if (run.size() <= kLooked) return true;
  std::array<std::uint8_t, kLooked / 4 * 3 + 3> start;
  const auto size = decode_base64(run.first(kLooked), start.data());
  if (!size || *size < kLooked / 4 * 3) return true;  // line ends or padding in it: needs a closer look
  const Bytes decoded(start.data(), *size);
  return has_magic(decoded) || starts_plain_text(decoded);
}

}  // namespace tattle
