#include "decode/token/token_bytes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>

namespace tattle {

namespace {

// Sixteen bits in a row hold a whole byte of bits, if not in this word, then at the start of the next.
bool may_begin_run(std::uint64_t low, std::uint64_t high) {
  const std::uint64_t holes = ~low;
  const std::uint64_t full = (holes - 0x0101010101010101) & ~holes & 0x8080808080808080;
  return full != 0 || (high & 0xff) == 0xff;
}

void mark_words(const std::uint8_t* text, std::size_t words, ByteMarks* marks) {
  for (std::size_t number = 0; number < words; ++number) marks[number] = mark_bytes(text + number * 64, 64);
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

[[gnu::target("avx2")]] void mark_words_avx2(const std::uint8_t* text, std::size_t words, ByteMarks* marks) {
  for (std::size_t number = 0; number < words; ++number) {
    ByteMarks low, high;
    mark_half(text + number * 64, low.token, low.sign);
    mark_half(text + number * 64 + 32, high.token, high.sign);
    marks[number] = {low.token | high.token << 32, low.sign | high.sign << 32};
  }
}
#endif

}  // namespace

void MarkedText::build(Bytes text) {
  const std::size_t whole = text.size() / 64, words = (text.size() + 63) / 64;
  marks_.resize(words + 1);
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2");
  wide ? mark_words_avx2(text.data(), whole, marks_.data()) : mark_words(text.data(), whole, marks_.data());
#else
  mark_words(text.data(), whole, marks_.data());
#endif
  if (whole < words) marks_[whole] = mark_bytes(text.data() + whole * 64, text.size() - whole * 64);
  marks_[words] = {};
}

std::size_t MarkedText::next_mark(std::size_t from) const {
  const std::size_t words = marks_.size() - 1;
  std::uint64_t wanted = ~std::uint64_t{0} << (from % 64);
  for (std::size_t number = from / 64; number < words; ++number, wanted = ~std::uint64_t{0}) {
    const std::uint64_t low = marks_[number].token & wanted, high = marks_[number + 1].token;
    const std::uint64_t runs = may_begin_run(low, high) ? token_runs(low, high) : 0;
    const std::uint64_t found = runs | (marks_[number].sign & wanted);
    if (found != 0) return number * 64 + static_cast<std::size_t>(std::countr_zero(found));
  }
  return ~std::size_t{0};
}

}  // namespace tattle
