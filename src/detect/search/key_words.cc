#include "detect/search/key_words.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>

#include "decode/token/token_bytes.h"
#include "detect/inferred.h"

namespace tattle {
namespace {

constexpr std::size_t kWidth = 16;        // of the names that are remembered, which are shorter
constexpr std::size_t kShortestWord = 3;  // of those that values are inferred from
constexpr std::size_t kLongestWord = 16;

// How long what is remembered of a name and what precedes it must be to be read at once.
constexpr std::size_t kReadBefore = kWidth + kMostBeforeColon;

bool separates(std::uint8_t byte) { return byte == ':' || byte == '=' || byte == '>'; }

// Both cases of a letter become one; of the other characters of a name none becomes another's.
std::uint8_t fold(char c) { return static_cast<std::uint8_t>(c) | 0x20; }

// Words by their last three characters.
class WordTable {
 public:
  WordTable() {
    const auto keys = inferred_keys();
    for (std::uint32_t key = 0; key < keys.size(); ++key) buckets_[bucket(keys[key].literal)].push_back(key);
  }
  /// @param name  Of at least three characters.
  const std::vector<std::uint32_t>& ending(std::string_view name) const { return buckets_[bucket(name)]; }

 private:
  static std::size_t bucket(std::string_view name) {
    const char* const last = name.data() + name.size() - 3;
    return (std::size_t{fold(last[0])} * 7 + std::size_t{fold(last[1])} * 61 + fold(last[2])) % 256;
  }
  std::array<std::vector<std::uint32_t>, 256> buckets_;
};

bool ends_with_word(std::string_view name, std::string_view word) {
  if (name.size() < word.size()) return false;
  name.remove_prefix(name.size() - word.size());
  return std::equal(name.begin(), name.end(), word.begin(), [](char a, char b) { return fold(a) == fold(b); });
}

// Where the separators of up to 64 bytes stand, one bit for each byte.
std::uint64_t mark_separators(const std::uint8_t* at, std::size_t size) {
  std::uint64_t marks = 0;
  std::size_t done = 0;
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  using namespace marking;
  const auto mark = [&](std::size_t from) {
    const Lanes bytes = load_lanes(at + from);
    marks |= bits_of(reinterpret_cast<Lanes>((bytes == ':') | (bytes == '=') | (bytes == '>'))) << from;
  };
  for (; done + kLanes <= size; done += kLanes) mark(done);
  if (done < size && done > 0) {  // the last bytes once more, with those before them
    mark(size - kLanes);
    done = size;
  }
#endif
  for (; done < size; ++done) marks |= std::uint64_t{separates(at[done])} << done;
  return marks;
}

// Appends where bits are set. Four places are written in any case, since how many there are would surprise a branch.
inline std::size_t list_bits(std::uint64_t marks, std::uint32_t base, std::uint32_t* out) {
  std::size_t count = 0;
  while (marks != 0) {
    out[count++] = base + static_cast<std::uint32_t>(std::countr_zero(marks));
    marks &= marks - 1;
  }
  return count;
}

std::size_t list_blocks(const std::uint8_t* text, std::size_t blocks, std::uint32_t* out) {
  std::size_t count = 0;
  for (std::size_t number = 0; number < blocks; ++number) {
    const auto base = static_cast<std::uint32_t>(number * 64);
    count += list_bits(mark_separators(text + number * 64, 64), base, out + count);
  }
  return count;
}

#if defined(__x86_64__)
// The same 32 bytes at a time, where the processor can; this function is compiled for it alone.
[[gnu::target("avx2,bmi,popcnt")]] std::size_t list_blocks_avx2(const std::uint8_t* text, std::size_t blocks,
                                                                std::uint32_t* out) {
  std::size_t count = 0;
  for (std::size_t number = 0; number < blocks; ++number) {
    std::uint64_t marks = 0;
    for (std::size_t half = 0; half < 64; half += 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + number * 64 + half));
      __m256i found = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(':'));
      for (char c : {'=', '>'}) found = _mm256_or_si256(found, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)));
      marks |= std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(found))} << half;
    }
    const auto found = static_cast<std::size_t>(_mm_popcnt_u64(marks));
    const auto base = static_cast<std::uint32_t>(number * 64);
    // Four are written in any case, since how many there are would surprise a branch for each.
    std::uint32_t* const at = out + count;
    count += found;
    for (std::size_t i = 0; i < 4; ++i) {
      at[i] = base + static_cast<std::uint32_t>(_tzcnt_u64(marks));
      marks = _blsr_u64(marks);
    }
    for (std::size_t i = 4; i < found; ++i) {
      at[i] = base + static_cast<std::uint32_t>(_tzcnt_u64(marks));
      marks = _blsr_u64(marks);
    }
  }
  return count;
}
#endif

// Of the name that ends before `end`, up to 16 characters.
struct NameEnd {
  std::uint64_t low = 0, high = 0;
  std::size_t size = 0;

  std::size_t slot(std::size_t slots) const {
    return ((low ^ std::rotl(high, 32)) * 0x9e3779b97f4a7c15ULL >> 40) & (slots - 1);
  }
};

/// 16 bytes can be read before `end`.
inline NameEnd read_name(const char* end) {
  NameEnd name;
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  using namespace marking;
  static constexpr auto kKeep = [] {
    std::array<std::uint8_t, 2 * kWidth> table{};
    std::fill(table.begin() + kWidth, table.end(), std::uint8_t{0xff});
    return table;
  }();
  const Lanes bytes = load_lanes(reinterpret_cast<const std::uint8_t*>(end) - kWidth);
  Lanes folded = bytes | 0x20;
  const auto letters = reinterpret_cast<Lanes>(folded - 'a' <= 25);
  const auto digits = reinterpret_cast<Lanes>(bytes - '0' <= 9);
  const auto others = reinterpret_cast<Lanes>((bytes == '-') | (bytes == '_'));
  name.size = static_cast<std::size_t>(std::countl_one(static_cast<std::uint16_t>(bits_of(letters | digits | others))));
  folded &= load_lanes(kKeep.data() + name.size);
  std::memcpy(&name.low, &folded, 8);
  std::memcpy(&name.high, reinterpret_cast<const char*>(&folded) + 8, 8);
#else
  std::array<std::uint8_t, kWidth> kept{};
  for (; name.size < kWidth && in_key_name(end[-1 - static_cast<std::ptrdiff_t>(name.size)]); ++name.size) {
    kept[kWidth - 1 - name.size] = fold(end[-1 - static_cast<std::ptrdiff_t>(name.size)]);
  }
  std::memcpy(&name.low, kept.data(), 8);
  std::memcpy(&name.high, kept.data() + 8, 8);
#endif
  return name;
}

}  // namespace

std::span<const std::uint32_t> KeyWords::doubtful(std::string_view text, std::size_t from) {
  const std::size_t size = std::min(kChunk, text.size() - from), blocks = size / 64;
  const std::uint8_t* const begin = as_bytes(text).data() + from;
  auto list = list_blocks;
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
  if (wide) list = list_blocks_avx2;
#endif
  std::size_t count = list(begin, blocks, offsets_.data());
  count += list_bits(mark_separators(begin + blocks * 64, size % 64), static_cast<std::uint32_t>(blocks * 64),
                     offsets_.data() + count);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = from + offsets_[i];
    offsets_[kept] = offsets_[i];
    if (at >= kReadBefore) {
      const char* end = text.data() + at;
      for (std::size_t left = kMostBeforeColon; left > 0 && is_before_colon(end[-1]); --left) --end;
      const NameEnd name = read_name(end);
      if (name.size < kShortestWord) continue;
      const Name& plain = plain_[name.slot(kNames)];
      if (plain.low == name.low && plain.high == name.high && name.size < kWidth) continue;
    }
    ++kept;
  }
  return {offsets_.data(), kept};
}

std::span<const KeyWords::Word> KeyWords::words_before(std::string_view text, std::size_t at) {
  static const WordTable table;
  words_.clear();
  std::size_t end = at;
  while (end > 0 && at - end < kMostBeforeColon && is_before_colon(text[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kMostBehindWord + kLongestWord && in_key_name(text[begin - 1])) --begin;
  const std::size_t first =
      begin + std::max(kShortestWord, end - begin > kMostBehindWord ? end - begin - kMostBehindWord : 0);
  for (std::size_t word_end = first; word_end <= end; ++word_end) {
    const std::string_view name = text.substr(begin, word_end - begin);
    for (std::uint32_t key : table.ending(name)) {
      const std::string_view word = inferred_keys()[key].literal;
      if (ends_with_word(name, word)) words_.push_back({word_end - word.size(), word_end, key});
    }
  }
  if (words_.empty() && end - begin < kWidth && at >= kReadBefore) {
    const NameEnd name = read_name(text.data() + end);
    plain_[name.slot(kNames)] = {name.low, name.high};
  }
  return words_;
}

}  // namespace tattle
