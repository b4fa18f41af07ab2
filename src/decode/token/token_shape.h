#pragma once

#include <bit>

#include "decode/token/token_bytes.h"

namespace tattle {

/// Of which characters up to 64 token bytes consist, one bit for each byte.
struct TokenShape {
  std::uint64_t upper = 0, lower = 0, digit = 0;
  std::uint64_t standard_sign = 0, url_sign = 0;  // + and /, - and _
  std::uint64_t hex_letter = 0;                   // of either case
  unsigned size = 0;                              // up to the first byte that is none of these

  /// How often the kind of character changes between upper case, lower case and digits, from one such byte to the next.
  unsigned changes() const;
};

/// @param at  Up to 64 bytes.
TokenShape token_shape(const std::uint8_t* at, std::size_t size);

/// Which of up to 64 bytes are + / - or _, one bit for each byte.
std::uint64_t mark_token_signs(const std::uint8_t* at, std::size_t size);

inline unsigned TokenShape::changes() const {
  std::uint64_t u = upper, l = lower, d = digit, signs = standard_sign | url_sign;
  unsigned left = size, count = signs & 1;  // after a sign in front the first character is a change
  for (; signs != 0; --left) {              // squeezes the signs out
    const std::uint64_t before = (signs & (~signs + 1)) - 1;
    u = (u & before) | (u >> 1 & ~before);
    l = (l & before) | (l >> 1 & ~before);
    d = (d & before) | (d >> 1 & ~before);
    signs = (signs & (signs - 1)) >> 1;
  }
  if (left == 0) return 0;
  const std::uint64_t same = (u & u >> 1) | (l & l >> 1) | (d & d >> 1);
  return count + left - 1 - static_cast<unsigned>(std::popcount(same));
}

namespace marking {

inline void add_shape(TokenShape& shape, std::uint8_t byte, std::size_t at) {
  const std::uint64_t bit = std::uint64_t{1} << at;
  if (byte >= 'A' && byte <= 'Z') shape.upper |= bit;
  if (byte >= 'a' && byte <= 'z') shape.lower |= bit;
  if (byte >= '0' && byte <= '9') shape.digit |= bit;
  if (byte == '+' || byte == '/') shape.standard_sign |= bit;
  if (byte == '-' || byte == '_') shape.url_sign |= bit;
  if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f') shape.hex_letter |= bit;
}

#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
inline void add_shapes(TokenShape& shape, const std::uint8_t* from, std::size_t at) {
  const Lanes bytes = load_lanes(from + at);
  const Lanes folded = (bytes | 0x20) - 'a';
  const auto letters = reinterpret_cast<Lanes>(folded <= 25);
  const auto capital = reinterpret_cast<Lanes>((bytes & 0x20) == 0);
  shape.upper |= bits_of(letters & capital) << at;
  shape.lower |= bits_of(letters & ~capital) << at;
  shape.digit |= bits_of(reinterpret_cast<Lanes>(bytes - '0' <= 9)) << at;
  shape.standard_sign |= bits_of(reinterpret_cast<Lanes>((bytes == '+') | (bytes == '/'))) << at;
  shape.url_sign |= bits_of(reinterpret_cast<Lanes>((bytes == '-') | (bytes == '_'))) << at;
  shape.hex_letter |= bits_of(reinterpret_cast<Lanes>(folded <= 5)) << at;
}
#endif

inline std::uint64_t is_token_sign(std::uint8_t byte) {
  return byte == '+' || byte == '/' || byte == '-' || byte == '_' ? 1 : 0;
}

}  // namespace marking

inline std::uint64_t mark_token_signs(const std::uint8_t* at, std::size_t size) {
  using namespace marking;
  std::uint64_t signs = 0;
  std::size_t done = 0;
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  const auto mark = [&](std::size_t from) {
    const Lanes bytes = load_lanes(at + from);
    signs |= bits_of(reinterpret_cast<Lanes>((bytes == '+') | (bytes == '/') | (bytes == '-') | (bytes == '_')))
             << from;
  };
  for (; done + kLanes <= size; done += kLanes) mark(done);
  if (done < size && done > 0) {  // the last bytes once more, with those before them
    mark(size - kLanes);
    done = size;
  }
#endif
  for (; done < size; ++done) signs |= is_token_sign(at[done]) << done;
  return signs;
}

inline TokenShape token_shape(const std::uint8_t* at, std::size_t size) {
  using namespace marking;
  TokenShape shape;
  std::size_t done = 0;
#if defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__))
  for (; done + kLanes <= size; done += kLanes) add_shapes(shape, at, done);
  if (done < size && done > 0) {  // the last bytes once more, with those before them
    add_shapes(shape, at, size - kLanes);
    done = size;
  }
#endif
  for (; done < size; ++done) add_shape(shape, at[done], done);
  const std::uint64_t all = shape.upper | shape.lower | shape.digit | shape.standard_sign | shape.url_sign;
  shape.size = static_cast<unsigned>(std::countr_one(all));
  const std::uint64_t kept = shape.size < 64 ? (std::uint64_t{1} << shape.size) - 1 : ~std::uint64_t{0};
  for (std::uint64_t* each :
       {&shape.upper, &shape.lower, &shape.digit, &shape.standard_sign, &shape.url_sign, &shape.hex_letter}) {
    *each &= kept;
  }
  return shape;
}

}  // namespace tattle
