#include "decode/coding/base64.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tattle {
namespace {

// OpenSSL's, of random bytes.
std::string encoded(const std::vector<std::uint8_t>& bytes) {
  std::string text(bytes.size() / 3 * 4 + 5, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), int(bytes.size()));
  return text.substr(0, static_cast<std::size_t>(size));
}

std::vector<std::uint8_t> random_bytes(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

// In a room of exactly three quarters of the text, so that the sanitizer sees whatever is written beyond it.
std::optional<std::vector<std::uint8_t>> decoded(const std::string& text) {
  std::vector<std::uint8_t> out(text.size() * 3 / 4);
  const auto size = decode_base64(as_bytes(text), out.data());
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

TEST(Base64, GivesWhatWasEncodedInEitherAlphabet) {
  for (std::size_t size = 1; size < 200; ++size) {
    const std::vector<std::uint8_t> bytes = random_bytes(size);
    std::string text = encoded(bytes);
    EXPECT_EQ(decoded(text), bytes) << text;
    std::string lines = text;
    for (std::size_t at = lines.size() / 20 * 20; at > 0; at -= 20) lines.insert(at, "\r\n");
    EXPECT_EQ(decoded(lines), bytes) << lines;
    text.erase(text.find_last_not_of('=') + 1);
    EXPECT_EQ(decoded(text), bytes) << text;
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    EXPECT_EQ(decoded(text), bytes) << text;
  }
}

TEST(Base64, HasNoForeignByteAnywhere) {
  const std::string text = encoded(random_bytes(60));
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string other = text;
      other[at] = static_cast<char>(byte);
      // RFC 4648 sections 4 and 5. Padding and line ends have rules of their own.
      const bool sign = byte == '+' || byte == '/' || byte == '-' || byte == '_';
      if (sign || byte == '=' || byte == '\r' || byte == '\n') continue;
      const bool digit = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
      EXPECT_EQ(decoded(other).has_value(), digit) << at << ": " << byte;
    }
  }
}

TEST(Base64, MixesNoAlphabets) {
  const std::string plain(48, 'A');
  for (std::size_t a = 0; a < plain.size(); ++a) {
    for (std::size_t b = 0; b < plain.size(); ++b) {
      if (a == b) continue;
      for (const char* signs : {"+-", "+_", "/-", "/_"}) {
        std::string text = plain;
        text[a] = signs[0];
        EXPECT_TRUE(decoded(text)) << text;
        text[b] = signs[1];
        EXPECT_FALSE(decoded(text)) << text;
      }
    }
  }
}

}  // namespace
}  // namespace tattle
