#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "decode/testing.h"

namespace tattle {
namespace {

std::string encode(const std::string& bytes, std::string_view signs, bool pad) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + std::string(signs);
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (have += 8; have >= 6; have -= 6) out += digits[bits >> (have - 6) & 63];
  }
  if (have > 0) out += digits[bits << (6 - have) & 63];
  while (pad && out.size() % 4 != 0) out += '=';
  return out;
}

struct DigestCase {
  const char* name;
  std::size_t size;
  std::string_view signs;
  bool pad;
  std::string_view before, after;
  double least;  // share that must be opened
};

class Digests : public testing::TestWithParam<DigestCase> {};

// A digest in base64 has nothing but its looks to be known by; one that is missed is a disclosure that is missed.
TEST_P(Digests, AreOpenedWhereverTheyStand) {
  const DigestCase& given = GetParam();
  std::mt19937 random(1);
  constexpr int kTries = 5000;
  int opened = 0;
  for (int i = 0; i < kTries; ++i) {
    std::string digest;
    for (std::size_t k = 0; k < given.size; ++k) digest += static_cast<char>(random());
    const std::string text =
        std::string(given.before) + encode(digest, given.signs, given.pad) + std::string(given.after);
    SeenTree seen;
    Anomalies anomalies;
    walk_bytes(as_bytes(text), {}, Limits{}, anomalies, {}, seen);
    for (const SeenNode& node : seen.nodes) {
      if (node.bytes == digest) {
        ++opened;
        break;
      }
    }
  }
  EXPECT_GE(opened, kTries * given.least);
}

INSTANTIATE_TEST_SUITE_P(All, Digests,
                         testing::Values(DigestCase{"Sha512Counted", 64, "+/", true, "\x12X", "\x1a", 1},
                                         DigestCase{"Sha512UrlCounted", 64, "-_", false, "\x12V", "\x1a", 1},
                                         DigestCase{"Sha256UrlCounted", 32, "-_", false, "\x12+", "\x1a", 1},
                                         DigestCase{"Md5Json", 16, "+/", true, "{\"id\":\"", "\"}", 0.999},
                                         DigestCase{"Md5Unpadded", 16, "-_", false, "{\"id\":\"", "\"}", 0.998},
                                         DigestCase{"Sha1Text", 20, "+/", true, "id: ", "\n", 0.999},
                                         DigestCase{"Sha256Unpadded", 32, "-_", false, "t=", ";", 0.999},
                                         DigestCase{"Sha256Path", 32, "-_", false, "/v1/users/", " ", 0.90},
                                         DigestCase{"Sha512Form", 64, "-_", false, "a=b&h=", "&c=d", 0.999}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
