#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "decode/token/token_bytes.h"
#include "detect/search/key_filter.h"

struct evp_md_st;  // EVP_MD

namespace tattle {

/// The digests that identifiers travel as: MD5, SHA-1, SHA-256, SHA-512. Looks the algorithms up once, which costs more
/// than a short text's digest. May be used by several threads.
class Digester {
 public:
  static constexpr std::array<std::string_view, 4> kForms{"md5", "sha1", "sha256", "sha512"};
  static constexpr std::size_t kMostBytes = 64;
  using Digest = std::array<std::uint8_t, kMostBytes>;

  Digester();
  ~Digester();
  Digester(const Digester&) = delete;
  Digester& operator=(const Digester&) = delete;
  /// @param algorithm  Index of `kForms`.
  /// @return           Its size in bytes; 0 when the system's OpenSSL refuses this algorithm.
  std::size_t digest(std::size_t algorithm, std::string_view text, Digest& out) const;

 private:
  std::array<evp_md_st*, 4> algorithms_{};
};

/// Digests and binary tokens of known values, looked up by their first 8 bytes. A bitmap that fits a cache refuses
/// nearly all places, so that cost does not grow with the number of values.
class TokenTable {
 public:
  struct Text {
    std::string text;                 // what is hashed, or the token itself
    std::uint32_t target = 0;         // the caller's
    std::string_view spelling;        // a string literal
    double log2_probability = 0;      // of the text
    std::string_view form = "plain";  // of a token
  };
  struct Match {
    const Text* text;
    std::string_view form;  // `md5`, `sha1`, `sha256`, `sha512`, or `plain`
    std::size_t size;
    double log2_probability;
  };

  /// Looks for the text's MD5, SHA-1, SHA-256 and SHA-512.
  void add_digests(Text text);
  /// Looks for the text itself, of 8 bytes or more.
  void add_token(Text text);
  /// To be called once, after the last addition.
  void build();

  /// Calls found(offset, match) for every match. Blocks of plain ASCII are skipped, but not in small values.
  template <class Found>
  void scan(Bytes bytes, Found&& found) const;

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t text = 0;
    std::uint32_t algorithm = 0;
  };
  static constexpr std::size_t kBlock = 64;
  static constexpr std::uint32_t kToken = 4, kEmpty = 5;

  static std::uint64_t load(const std::uint8_t* at) {
    std::uint64_t key;
    std::memcpy(&key, at, sizeof key);
    return key;
  }
  static std::uint64_t mix(std::uint64_t key) { return key * 0x9e3779b97f4a7c15ULL; }
  // What `is_mostly_text` says of a whole block.
  static bool is_short_text(Bytes part) {
    return std::all_of(part.begin(), part.end(), [](std::uint8_t byte) { return byte >= 9 && byte <= 127; });
  }
  /// The first place of [at, end) at which the filter allows a token to begin, else `end`. Eight bytes can be read from
  /// each.
  std::size_t next_possible(const std::uint8_t* bytes, std::size_t at, std::size_t end) const;
  /// All slots with this key whose whole token is at the front of `rest`.
  void lookup(std::uint64_t key, Bytes rest, std::vector<Match>& out) const;
  void add_slot(std::uint64_t key, std::uint32_t text, std::uint32_t algorithm);

  Digester digester_;
  std::vector<Text> texts_;
  std::vector<Slot> waiting_, slots_;
  KeyFilter filter_;
  int slot_shift_ = 63;
};

template <class Found>
void TokenTable::scan(Bytes bytes, Found&& found) const {
  if (slots_.empty() || bytes.size() < 8) return;
  std::vector<Match> matches;
  const auto sweep = [&](std::size_t begin, std::size_t end) {
    const std::uint8_t* const data = bytes.data();
    for (std::size_t at = next_possible(data, begin, end); at < end; at = next_possible(data, at + 1, end)) {
      matches.clear();
      lookup(load(data + at), bytes.subspan(at), matches);
      for (const Match& match : matches) found(at, match);
    }
  };
  const std::size_t last = bytes.size() - 7;  // places where 8 bytes begin
  if (bytes.size() <= kBlock) return sweep(0, last);
  std::size_t swept = 0;
  for (std::size_t block = 0; block < bytes.size(); block += kBlock) {
    const std::size_t end = std::min(bytes.size(), block + kBlock);
    const Bytes part = bytes.subspan(block, end - block);
    if (part.size() == kBlock ? is_mostly_text(part.data()) : is_short_text(part)) continue;
    const std::size_t from = std::max(swept, block < 7 ? 0 : block - 7);
    if (from < std::min(end, last)) sweep(from, std::min(end, last));
    swept = end;
  }
}

}  // namespace tattle
