#include "decode/coding/base64.h"

#include <array>
#include <cstring>

namespace tattle {
namespace {

constexpr std::uint8_t kForeign = 0xff, kPlus = 62, kSlash = 63;

// Values of the 64 digits, of either alphabet.
constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kForeign);
  for (int i = 0; i < 26; ++i) {
    table['A' + i] = static_cast<std::uint8_t>(i);
    table['a' + i] = static_cast<std::uint8_t>(26 + i);
  }
  for (int i = 0; i < 10; ++i) table['0' + i] = static_cast<std::uint8_t>(52 + i);
  table['+'] = table['-'] = kPlus;
  table['/'] = table['_'] = kSlash;
  return table;
}();

// The values where each of a group's four digits has them, so that a group is four lookups and a test.
constexpr std::uint32_t kForeignGroup = 1u << 31;
// And of which alphabet they are, where that shows: no text has both.
constexpr std::uint32_t kStandardSign = 1u << 30, kUrlSign = 1u << 29;
using GroupTable = std::array<std::uint32_t, 256>;
constexpr GroupTable shifted(int shift) {
  GroupTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = kValues[i] == kForeign ? kForeignGroup : std::uint32_t{kValues[i]} << shift;
  }
  for (char c : {'+', '/'}) table[static_cast<std::uint8_t>(c)] |= kStandardSign;
  for (char c : {'-', '_'}) table[static_cast<std::uint8_t>(c)] |= kUrlSign;
  return table;
}
constexpr GroupTable kFirst = shifted(18), kSecond = shifted(12), kThird = shifted(6), kFourth = shifted(0);

bool holds(Bytes text, char wanted) { return std::memchr(text.data(), wanted, text.size()) != nullptr; }

}  // namespace

bool is_base64_byte(std::uint8_t byte) { return kValues[byte] != kForeign; }

bool decode_base64_group(const std::uint8_t* text, std::array<std::uint8_t, 3>& out) {
  const std::uint32_t group = kFirst[text[0]] | kSecond[text[1]] | kThird[text[2]] | kFourth[text[3]];
  out = {static_cast<std::uint8_t>(group >> 16), static_cast<std::uint8_t>(group >> 8),
         static_cast<std::uint8_t>(group)};
  return !(group & kForeignGroup);
}

std::string_view base64_step(Bytes text) { return holds(text, '-') || holds(text, '_') ? "base64url" : "base64"; }

std::optional<std::size_t> decode_base64(Bytes text, std::uint8_t* out) {
  if (text.empty()) return std::nullopt;
  std::size_t size = 0, at = 0;
  std::uint32_t bits = 0, signs = 0;
  int digits = 0;
  // Four digits at a time while they last.
  for (; at < text.size(); ++at) {
    while (digits == 0 && at + 4 <= text.size()) {
      const std::uint32_t group =
          kFirst[text[at]] | kSecond[text[at + 1]] | kThird[text[at + 2]] | kFourth[text[at + 3]];
      if (group & kForeignGroup) break;
      signs |= group;
      out[size] = static_cast<std::uint8_t>(group >> 16);
      out[size + 1] = static_cast<std::uint8_t>(group >> 8);
      out[size + 2] = static_cast<std::uint8_t>(group);
      size += 3;
      at += 4;
    }
    if (at >= text.size() || text[at] == '=') break;
    if (text[at] == '\r' || text[at] == '\n') continue;
    const std::uint8_t digit = kValues[text[at]];
    if (digit == kForeign) return std::nullopt;
    signs |= kFourth[text[at]];
    bits = bits << 6 | digit;
    if (++digits == 4) {
      out[size++] = static_cast<std::uint8_t>(bits >> 16);
      out[size++] = static_cast<std::uint8_t>(bits >> 8);
      out[size++] = static_cast<std::uint8_t>(bits);
      bits = 0;
      digits = 0;
    }
  }
  for (; at < text.size(); ++at) {
    if (text[at] != '=' && text[at] != '\r' && text[at] != '\n') return std::nullopt;
  }
  if (digits == 1 || ((signs & kStandardSign) && (signs & kUrlSign))) return std::nullopt;
  if (digits == 2) {
    if (bits & 0x0f) return std::nullopt;
    out[size++] = static_cast<std::uint8_t>(bits >> 4);
  } else if (digits == 3) {
    if (bits & 0x03) return std::nullopt;
    out[size++] = static_cast<std::uint8_t>(bits >> 10);
    out[size++] = static_cast<std::uint8_t>(bits >> 2);
  }
  return size;
}

bool open_declared_base64(Walker& walker, const Value& value, Bytes text, const Declared& inside) {
  if (text.empty()) return false;
  Arena::Scope scope(walker.arena());
  std::uint8_t* out = walker.take_output(text.size() / 4 * 3 + 3);
  if (!out) return false;
  const auto size = decode_base64(text, out);
  if (!size || *size == 0) return false;
  walker.made(value, base64_step(text), nullptr, text, {out, *size},
              [&](const Value& made) { walker.open(made, inside); });
  return true;
}

}  // namespace tattle
