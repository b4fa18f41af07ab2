#pragma once

#include "base/bytes.h"
#include "decode/token/token_bytes.h"

namespace tattle {

/// Decodes hexadecimal digits of either case, two for each byte; other characters give anything.
/// @param out  Room for half as many bytes.
inline void decode_hex(Bytes digits, std::uint8_t* out) {
  std::size_t done = 0;
  const std::size_t bytes = digits.size() / 2;
#if defined(__SSE2__)
  // The letters' low four bits are 1 to 6, and only they have bit 6. Of each two digits the first, in the lower half of
  // its 16 bits, is worth more.
  for (; done + 8 <= bytes; done += 8) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(digits.data() + 2 * done));
    const __m128i letter = _mm_and_si128(_mm_srli_epi16(text, 6), _mm_set1_epi8(1));
    const __m128i nine = _mm_add_epi8(letter, _mm_slli_epi16(letter, 3));
    const __m128i values = _mm_add_epi8(_mm_and_si128(text, _mm_set1_epi8(15)), nine);
    const __m128i pairs = _mm_or_si128(_mm_slli_epi16(values, 4), _mm_srli_epi16(values, 8));
    const __m128i packed = _mm_packus_epi16(_mm_and_si128(pairs, _mm_set1_epi16(0xff)), _mm_setzero_si128());
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + done), packed);
  }
#endif
  const auto digit = [](std::uint8_t c) { return static_cast<std::uint8_t>((c & 15) + (c >> 6) * 9); };
  for (; done < bytes; ++done) {
    out[done] = static_cast<std::uint8_t>(digit(digits[2 * done]) << 4 | digit(digits[2 * done + 1]));
  }
}

}  // namespace tattle
