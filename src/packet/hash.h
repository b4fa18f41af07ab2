#pragma once

#include <cstdint>
#include <cstring>
#include <random>

#include "base/bytes.h"

namespace tattle {

/// Keyed hashing for tables of untrusted keys. The key is new in every run, so that nobody can write a capture whose
/// keys all collide; no output depends on it.
struct HashKey {
  std::uint64_t first = random(), second = random();

 private:
  static std::uint64_t random() {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
  }
};

/// Both halves of the 128-bit product, folded: each input bit reaches every output bit.
inline std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t load_word(const std::uint8_t* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Hash of any bytes, 16 a step.
inline std::uint64_t keyed_hash(Bytes bytes, std::uint64_t key) {
  std::uint64_t state = key ^ fold_multiply(bytes.size() ^ 0xa0761d6478bd642fULL, 0xe7037ed1a0b428dbULL ^ key);
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 16; left -= 16, at += 16) {
    state = fold_multiply(load_word(at) ^ state, load_word(at + 8) ^ 0x8ebc6af09c88c6e3ULL ^ key) ^ state * 3;
  }
  std::uint8_t tail[16]{};
  if (left > 0) std::memcpy(tail, at, left);
  return fold_multiply(load_word(tail) ^ state, load_word(tail + 8) ^ 0x589965cc75374cc3ULL ^ key) ^ state;
}

}  // namespace tattle
