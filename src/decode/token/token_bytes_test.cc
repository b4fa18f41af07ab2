#include "decode/token/token_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>

#include "base/hex.h"
#include "decode/coding/hex.h"
#include "decode/token/token_shape.h"

namespace tattle {
namespace {

// RFC 4648 sections 4 and 5, without padding.
bool is_token(char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::string("+/-_").find(c) < 4; }
bool is_sign(char c) { return c == '%' || c == '&' || c == '\\'; }

// The first place from `from` on at which 16 token bytes in a row begin, or, if wanted, a sign stands; else `size`.
std::size_t plain_search(const std::string& text, std::size_t from, bool signs) {
  for (std::size_t at = from; at < text.size(); ++at) {
    std::size_t end = at;
    while (end < text.size() && end - at < 16 && is_token(text[end])) ++end;
    if (end - at == 16 || (signs && is_sign(text[at]))) return at;
  }
  return text.size();
}

// Rows of token bytes of about 16, in all places of a word.
std::string some_text(std::mt19937& random, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    for (std::size_t row = random() % 24; row > 0; --row) text += "aZ09+/-_gG"[random() % 10];
    text += " \"=.@[`{:*,\x80\xff\0%&\\"[random() % 17];
  }
  text.resize(size);
  return text;
}

TEST(TokenBytes, EveryByte) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  MarkedText marked;
  marked.build(as_bytes(all));
  for (std::size_t at = 0; at < all.size(); ++at) {
    const ByteMarks one = mark_bytes(as_bytes(all).data() + at, 1);
    const ByteMarks word = mark_bytes(as_bytes(all).data() + at / 64 * 64, 64);
    EXPECT_EQ(one.token != 0, is_token(all[at])) << at;
    EXPECT_EQ(word.token >> (at % 64) & 1, is_token(all[at])) << at;
    EXPECT_EQ(word.sign >> (at % 64) & 1, is_sign(all[at])) << at;
    EXPECT_EQ(marked.token_bytes_at(at) > 0, is_token(all[at])) << at;
    EXPECT_EQ(marked.has_sign(at, at + 1), is_sign(all[at])) << at;
    EXPECT_EQ(one.sign != 0, is_sign(all[at])) << at;
  }
}

TEST(TokenBytes, RowsAndSignsAreFoundAsByAPlainSearch) {
  std::mt19937 random(20121105);
  for (int turn = 0; turn < 2000; ++turn) {
    const std::string text = some_text(random, 1 + random() % 300);
    const Bytes bytes = as_bytes(text);
    const std::size_t words = (text.size() + 63) / 64;
    const auto word = [&](std::size_t number) {
      return mark_bytes(bytes.data() + number * 64, std::min<std::size_t>(64, text.size() - number * 64)).token;
    };
    MarkedText marked;
    marked.build(bytes);
    for (std::size_t from = 0; from < text.size(); from += 1 + random() % 40) {
      EXPECT_EQ(std::min(find_token_run(word, words, from), text.size()), plain_search(text, from, false)) << text;
      EXPECT_EQ(std::min(marked.next_mark(from), text.size()), plain_search(text, from, true)) << text;
      const std::size_t end = from + random() % (text.size() - from + 1);
      bool signs = false;
      for (std::size_t at = from; at < end; ++at) signs |= is_sign(text[at]);
      EXPECT_EQ(marked.has_sign(from, end), signs) << text;
    }
  }
}

TEST(TokenBytes, SignsAndHexAreToldAsByteByByte) {
  std::mt19937 random(20121105);
  for (std::size_t size = 0; size <= 64; ++size) {
    const std::string text = some_text(random, size).substr(0, size);
    const std::uint64_t signs = mark_token_signs(as_bytes(text).data(), size);
    for (std::size_t at = 0; at < 64; ++at) {
      const bool sign = at < size && std::string("+/-_").find(text[at]) != std::string::npos;
      EXPECT_EQ(signs >> at & 1, sign) << text << at;
    }
    ByteVector bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    std::string digits = to_hex(bytes);
    if (size % 2 == 1) std::transform(digits.begin(), digits.end(), digits.begin(), ::toupper);
    ByteVector decoded(size);
    decode_hex(as_bytes(digits), decoded.data());
    EXPECT_EQ(decoded, bytes) << digits;
  }
}

TEST(TokenBytes, DigitsAndText) {
  const std::string text = "0123456789:/-.a9";
  EXPECT_EQ(mark_digits(as_bytes(text).data()), 0b1000'0011'1111'1111u);
  std::string block(64, 'x');
  for (std::size_t at = 0; at < block.size(); at += 7) {
    for (const auto& [byte, mostly] : {std::pair{'\x09', true}, {'\x7f', true}, {'\x08', false}, {'\x80', false}}) {
      std::string changed = block;
      changed[at] = byte;
      EXPECT_EQ(is_mostly_text(as_bytes(changed).data()), mostly) << at;
      EXPECT_EQ(holds_any_of(as_bytes(changed).data(), 1, 2, static_cast<std::uint8_t>(byte)), at < 32) << at;
    }
  }
}

}  // namespace
}  // namespace tattle
