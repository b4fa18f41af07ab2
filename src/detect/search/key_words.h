#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tattle {

/// Finds the words that values are inferred from (`detect/inferred.h`) where a value can follow: in the name before a
/// `:`, `=` or `>`. One for each thread: it remembers names without such a word, since the same ones come again and
/// again; what it finds does not depend on that.
class KeyWords {
 public:
  struct Word {
    std::size_t begin, end;
    std::uint32_t key;  // index in `inferred_keys()`
  };

  /// Calls met(word) for each, in the order of their ends, until it returns false.
  template <class Met>
  void scan(std::string_view text, Met&& met) {
    for (std::size_t from = 0; from < text.size(); from += kChunk) {
      for (const std::uint32_t offset : doubtful(text, from)) {
        for (const Word& word : words_before(text, from + offset)) {
          if (!met(word)) return;
        }
      }
    }
  }

 private:
  static constexpr std::size_t kChunk = 4096;  // of text at a time: what is listed of it fits the first cache
  static constexpr std::size_t kNames = 512;
  struct Name {
    std::uint64_t low = 0, high = 0;  // up to 15 characters in lower case, from the end on; the rest is 0
  };

  /// The separators of one chunk, as offsets from its begin, but for those behind a name without a word.
  std::span<const std::uint32_t> doubtful(std::string_view text, std::size_t from);
  /// The words in the name before the separator at `at`.
  std::span<const Word> words_before(std::string_view text, std::size_t at);

  std::array<std::uint32_t, kChunk + 8> offsets_;
  std::array<Name, kNames> plain_{};
  std::vector<Word> words_;
};

}  // namespace tattle
