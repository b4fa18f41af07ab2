#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace tattle {

/// The shortest row of base64 characters that is looked at inside longer text.
constexpr std::size_t kShortestTokenRun = 16;

/// What 64 bytes of text hold, one bit for each byte.
struct ByteMarks {
  std::uint64_t token = 0;  // letters, digits and + / - _: what base64 of either alphabet and hex are made of
  std::uint64_t sign = 0;   // % & \: what escapes and forms begin with
};

/// Marks of up to 64 bytes from `at` on; bits beyond `size` are zero. Sixteen bytes are told at once: this is the one
/// time that most bytes of a text are looked at.
ByteMarks mark_bytes(const std::uint8_t* at, std::size_t size);

/// The marks of a whole text, for those who come back to it.
class MarkedText {
 public:
  void build(Bytes text);
  /// Whether one of % & \ stands in [begin, end).
  bool has_sign(std::size_t begin, std::size_t end) const;
  /// The first place from `from` on with one of % & \ or 16 token bytes in a row; a place behind the text: none.
  std::size_t next_mark(std::size_t from) const;
  /// How many token bytes stand in a row at `begin`, up to 63.
  std::size_t token_bytes_at(std::size_t begin) const;
  std::size_t memory() const {
    return (token_.capacity() + sign_.capacity() + wanted_.capacity()) * sizeof(std::uint64_t);
  }

 private:
  // For each 64 bytes; the first two have one more, empty.
  std::vector<std::uint64_t> token_, sign_;  // see ByteMarks
  std::vector<std::uint64_t> wanted_;        // a sign, or 16 token bytes in a row begin
};

/// Where 16 token bytes in a row begin: bit n stays when it and the next 15 are set. Rows may end in `next`, the marks
/// of the 64 bytes behind.
inline std::uint64_t token_runs(std::uint64_t marks, std::uint64_t next) {
  for (int step : {1, 2, 4, 8}) {
    marks &= marks >> step | next << (64 - step);
    next &= next >> step;
  }
  return marks;
}

/// Finds rows of at least 16 token bytes.
/// @tparam Word  Called with a number below `words`: the marks of 64 bytes. Rising numbers, each at most twice.
/// @return       The first place from `from` on at which 16 in a row begin; `words * 64` or more: none.
template <class Word>
std::size_t find_token_run(Word&& word, std::size_t words, std::size_t from) {
  std::size_t number = from / 64;
  if (number >= words) return words * 64;
  std::uint64_t low = word(number) & ~std::uint64_t{0} << (from % 64);
  while (true) {
    const std::uint64_t high = number + 1 < words ? word(number + 1) : 0;
    const std::uint64_t runs = low != 0 ? token_runs(low, high) : 0;
    if (runs != 0) return number * 64 + static_cast<std::size_t>(std::countr_zero(runs));
    if (++number >= words) return words * 64;
    low = high;
  }
}

/// Which of the 16 bytes from `at` on are digits.
std::uint32_t mark_digits(const std::uint8_t* at);
/// Whether one of three bytes is among the 32 from `at` on.
bool holds_any_of(const std::uint8_t* at, std::uint8_t a, std::uint8_t b, std::uint8_t c);
/// Whether none of the 64 bytes from `at` on is over 127 or under 9.
bool is_mostly_text(const std::uint8_t* at);

// ---- inline, since it is called for each 64 bytes of all text ----

namespace marking {

#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
constexpr std::size_t kLanes = 16;
using Lanes = std::uint8_t __attribute__((vector_size(kLanes)));

inline Lanes load_lanes(const std::uint8_t* at) {
  Lanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  return lanes;
}

// One bit for each lane that is not zero; lanes are 0 or 255.
inline std::uint64_t bits_of(Lanes lanes) {
#if defined(__SSE2__)
  return static_cast<std::uint16_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(lanes)));
#else
  const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t weighted = vandq_u8(reinterpret_cast<uint8x16_t>(lanes), weights);
  return std::uint64_t{vaddv_u8(vget_low_u8(weighted))} | std::uint64_t{vaddv_u8(vget_high_u8(weighted))} << 8;
#endif
}

inline ByteMarks mark_lanes(const std::uint8_t* at) {
  const Lanes bytes = marking::load_lanes(at);
  const Lanes lower = bytes | 0x20;
  const auto letters = reinterpret_cast<Lanes>(lower - 'a' <= 25);
  const auto digits = reinterpret_cast<Lanes>(bytes - '/' <= '9' - '/');  // and the slash before them
  const auto others = reinterpret_cast<Lanes>((bytes == '+') | (bytes == '-') | (bytes == '_'));
  const auto signs = reinterpret_cast<Lanes>((bytes == '%') | (bytes == '&') | (bytes == '\\'));
  return {bits_of(letters | digits | others), bits_of(signs)};
}
#endif

inline ByteMarks mark_byte(std::uint8_t byte) {
  const auto lower = static_cast<std::uint8_t>(byte | 0x20);
  const bool token =
      (lower >= 'a' && lower <= 'z') || (byte >= '/' && byte <= '9') || byte == '+' || byte == '-' || byte == '_';
  return {token, byte == '%' || byte == '&' || byte == '\\'};
}

}  // namespace marking

inline ByteMarks mark_bytes(const std::uint8_t* at, std::size_t size) {
  using namespace marking;
  ByteMarks all;
  std::size_t done = 0;
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  for (; done + kLanes <= size && done < 64; done += kLanes) {
    const ByteMarks some = mark_lanes(at + done);
    all.token |= some.token << done;
    all.sign |= some.sign << done;
  }
  if (done < size && done > 0 && done < 64) {  // the last bytes once more, with those before them
    const ByteMarks some = mark_lanes(at + size - kLanes);
    all.token |= some.token << (size - kLanes);
    all.sign |= some.sign << (size - kLanes);
    return all;
  }
#endif
  for (; done < size && done < 64; ++done) {
    const ByteMarks one = mark_byte(at[done]);
    all.token |= one.token << done;
    all.sign |= one.sign << done;
  }
  return all;
}

inline std::uint32_t mark_digits(const std::uint8_t* at) {
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  const marking::Lanes bytes = marking::load_lanes(at);
  return static_cast<std::uint32_t>(marking::bits_of(reinterpret_cast<marking::Lanes>(bytes - '0' <= 9)));
#else
  std::uint32_t digits = 0;
  for (std::uint32_t i = 0; i < 16; ++i) digits |= std::uint32_t{at[i] >= '0' && at[i] <= '9'} << i;
  return digits;
#endif
}

inline bool holds_any_of(const std::uint8_t* at, std::uint8_t a, std::uint8_t b, std::uint8_t c) {
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  using marking::Lanes;
  const Lanes low = marking::load_lanes(at), high = marking::load_lanes(at + marking::kLanes);
  const auto found =
      reinterpret_cast<Lanes>((low == a) | (low == b) | (low == c) | (high == a) | (high == b) | (high == c));
  return marking::bits_of(found) != 0;
#else
  for (int i = 0; i < 32; ++i) {
    if (at[i] == a || at[i] == b || at[i] == c) return true;
  }
  return false;
#endif
}

inline bool is_mostly_text(const std::uint8_t* at) {
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  using marking::Lanes;
  Lanes odd{};
  for (std::size_t done = 0; done < 64; done += marking::kLanes) {
    const Lanes bytes = marking::load_lanes(at + done);
    odd |= reinterpret_cast<Lanes>(bytes - 9 > 127 - 9);
  }
  return marking::bits_of(odd) == 0;
#else
  bool odd = false;
  for (int i = 0; i < 64; ++i) odd |= at[i] < 9 || at[i] > 127;
  return !odd;
#endif
}

inline bool MarkedText::has_sign(std::size_t begin, std::size_t end) const {
  const std::size_t first = begin / 64, last = end / 64;
  const std::uint64_t from = ~std::uint64_t{0} << (begin % 64), to = (std::uint64_t{1} << (end % 64)) - 1;
  if (first == last) return (sign_[first] & from & to) != 0;
  std::uint64_t any = (sign_[first] & from) | (sign_[last] & to);
  for (std::size_t number = first + 1; number < last; ++number) any |= sign_[number];
  return any != 0;
}

inline std::size_t MarkedText::next_mark(std::size_t from) const {
  std::size_t number = from / 64;
  if (number >= wanted_.size()) return ~std::size_t{0};
  std::uint64_t found = wanted_[number] & ~std::uint64_t{0} << (from % 64);
  while (found == 0) {
    if (++number == wanted_.size()) return ~std::size_t{0};
    found = wanted_[number];
  }
  return number * 64 + static_cast<std::size_t>(std::countr_zero(found));
}

inline std::size_t MarkedText::token_bytes_at(std::size_t begin) const {
  const std::size_t number = begin / 64, shift = begin % 64;
  // In two steps, since a shift by 64 is none.
  const std::uint64_t bits = token_[number] >> shift | token_[number + 1] << 1 << (63 - shift);
  return static_cast<std::size_t>(std::countr_one(bits));
}

}  // namespace tattle
