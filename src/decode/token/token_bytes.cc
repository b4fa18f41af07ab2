#include "decode/token/token_bytes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>

namespace tattle {

namespace {

void mark_words(const std::uint8_t* text, std::size_t words, std::uint64_t* token, std::uint64_t* sign) {
  for (std::size_t number = 0; number < words; ++number) {
    const ByteMarks marks = mark_bytes(text + number * 64, 64);
    token[number] = marks.token;
    sign[number] = marks.sign;
  }
}

// What `next_mark` looks for, of all words in one go: asking for each leaf anew would cost several times as much.
void join_words(const std::uint64_t* token, const std::uint64_t* sign, std::size_t words, std::uint64_t* wanted) {
  for (std::size_t number = 0; number < words; ++number) {
    wanted[number] = token_runs(token[number], token[number + 1]) | sign[number];
  }
}

#if defined(__x86_64__)
// The same 32 bytes at a time, where the processor can; these functions are compiled for it alone.
[[gnu::target("avx2")]] inline void mark_half(const std::uint8_t* at, std::uint64_t& token, std::uint64_t& sign) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i lower = _mm256_sub_epi8(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
  const __m256i digit = _mm256_sub_epi8(bytes, _mm256_set1_epi8('/'));  // and the slash before them
  __m256i marks = _mm256_cmpeq_epi8(_mm256_min_epu8(lower, _mm256_set1_epi8('z' - 'a')), lower);
  marks = _mm256_or_si256(marks, _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8('9' - '/')), digit));
  for (char c : {'+', '-', '_'}) marks = _mm256_or_si256(marks, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)));
  token = static_cast<std::uint32_t>(_mm256_movemask_epi8(marks));
  marks = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('%'));
  for (char c : {'&', '\\'}) marks = _mm256_or_si256(marks, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)));
  sign = static_cast<std::uint32_t>(_mm256_movemask_epi8(marks));
}

[[gnu::target("avx2")]] void mark_words_avx2(const std::uint8_t* text, std::size_t words, std::uint64_t* token,
                                             std::uint64_t* sign) {
  for (std::size_t number = 0; number < words; ++number) {
    ByteMarks low, high;
    mark_half(text + number * 64, low.token, low.sign);
    mark_half(text + number * 64 + 32, high.token, high.sign);
    token[number] = low.token | high.token << 32;
    sign[number] = low.sign | high.sign << 32;
  }
}

[[gnu::target("avx2")]] void join_words_avx2(const std::uint64_t* token, const std::uint64_t* sign, std::size_t words,
                                             std::uint64_t* wanted) {
  for (std::size_t number = 0; number < words; ++number) {
    wanted[number] = token_runs(token[number], token[number + 1]) | sign[number];
  }
}
#endif

}  // namespace

void MarkedText::build(Bytes text) {
  const std::size_t whole = text.size() / 64, words = (text.size() + 63) / 64;
  token_.resize(words + 1);
  sign_.resize(words + 1);
  wanted_.resize(words);
  auto mark = mark_words;
  auto join = join_words;
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2");
  if (wide) mark = mark_words_avx2;
  if (wide) join = join_words_avx2;
#endif
  mark(text.data(), whole, token_.data(), sign_.data());
  if (whole < words) {
    const ByteMarks rest = mark_bytes(text.data() + whole * 64, text.size() - whole * 64);
    token_[whole] = rest.token;
    sign_[whole] = rest.sign;
  }
  token_[words] = sign_[words] = 0;
  join(token_.data(), sign_.data(), words, wanted_.data());
}

}  // namespace tattle
