#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "detect/search/key_filter.h"

namespace tattle {

/// Looks for many long texts at once, without regard to ASCII case. Of every text of 15 bytes or more, wherever it
/// stands, some eight bytes begin at a multiple of eight: only those places are looked up, so that building and
/// searching cost little however many texts there are. Vectorscan is as fast for a few, but compiles thousands slowly.
class LongLiterals {
 public:
  static constexpr std::size_t kLeastBytes = 15;

  /// @param text  In lower case, of at least `kLeastBytes`; each once.
  void add(std::string text, std::uint32_t id);
  /// To be called once, after the last addition.
  void build();
  bool empty() const { return texts_.empty(); }

  /// Calls found(id, end) for each place of each text, by the place of its first multiple of eight. It stops when
  /// `found` returns false.
  template <class Found>
  void scan(std::string_view in, Found&& found) const;

 private:
  static constexpr std::size_t kStep = 8;
  struct Text {
    std::string text;
    std::uint32_t id = 0;
  };
  // The eight bytes at `offset` of a text.
  struct Window {
    std::uint32_t text = 0, offset = 0;
    std::uint32_t next = 0;  // in the same bucket, plus 1; 0: none
    std::uint32_t key = 0;   // its lower half: nearly all others in the bucket are told by it, without their text
  };

  /// The first multiple of eight from `at` on at which the filter allows a window, else some place with no eight bytes
  /// behind it.
  std::size_t next_possible(std::string_view in, std::size_t at) const;
  // Letters of both cases alike. Some signs become alike too, which `holds` tells apart.
  static std::uint64_t key_at(const char* at) {
    std::uint64_t key;
    std::memcpy(&key, at, sizeof key);
    return (key | 0x2020202020202020) * 0x9e3779b97f4a7c15;
  }
  bool holds(std::string_view in, std::size_t at, const Text& wanted) const;

  std::vector<Text> texts_;
  std::vector<Window> windows_;
  std::vector<std::uint32_t> buckets_;  // of windows, plus 1
  KeyFilter filter_;                    // nearly all places are refused here
  int bucket_shift_ = 63;
};

template <class Found>
void LongLiterals::scan(std::string_view in, Found&& found) const {
  if (texts_.empty()) return;
  for (std::size_t at = next_possible(in, 0); at + kStep <= in.size(); at = next_possible(in, at + kStep)) {
    const std::uint64_t key = key_at(in.data() + at);
    for (std::uint32_t number = buckets_[key >> bucket_shift_]; number != 0;) {
      const Window& window = windows_[number - 1];
      number = window.next;
      if (window.key != static_cast<std::uint32_t>(key)) continue;
      const Text& text = texts_[window.text];
      if (window.offset > at || !holds(in, at - window.offset, text)) continue;
      if (!found(text.id, at - window.offset + text.text.size())) return;
    }
  }
}

}  // namespace tattle
