#include "decode/token/opaque.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "decode/testing.h"

namespace tattle {
namespace {

// Visitors that count nodes, with opaque tokens and without: what is called opaque has nothing beneath it.
class Nodes : public ValueVisitor {
 public:
  void enter(const Value&) override { ++count; }
  void leave(const Value&) override {}
  std::uint64_t count = 0;
};

TEST(Opaque, HoldsNothingThatTheWalkOpens) {
  const std::vector<std::string> pieces{"%41",
                                        "{\"a\":1}",
                                        "[1]",
                                        "a=1&b=2",
                                        "http://h.example/",
                                        "42[\"a\"]",
                                        std::string("a\0b\0c\0d\0", 8),
                                        "\x1F\x8B\x08",
                                        "\x28\xB5\x2F\xFD",
                                        "\x78\x9C",
                                        "\xFF\xD8\xFF",
                                        "\xEF\xBB\xBF",
                                        "\xFE\xFF",
                                        "0123456789abcdef",
                                        "YWJjZGVmZ2hpamts",
                                        "%",
                                        "+",
                                        "--x",
                                        std::string(2, '\0')};
  std::mt19937 random(11);
  const Limits limits;
  int opaque = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text;
    const std::size_t size = random() % 70;
    while (text.size() < size) {
      text += random() % 8 ? std::string(1, static_cast<char>(random())) : pieces[random() % pieces.size()];
    }
    if (!is_opaque(as_bytes(text))) continue;
    ++opaque;
    Nodes nodes;
    Anomalies anomalies;
    walk_bytes(as_bytes(text), {}, limits, anomalies, {}, nodes);
    ASSERT_EQ(nodes.count, 1u) << testing::PrintToString(text);
  }
  EXPECT_GT(opaque, 5000);
}

TEST(Opaque, IsMostOfRandomBytes) {
  std::mt19937 random(3);
  int opaque = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string text(33, '\0');
    for (char& c : text) c = static_cast<char>(random());
    opaque += is_opaque(as_bytes(text));
  }
  EXPECT_GT(opaque, 900);
  EXPECT_FALSE(is_opaque(as_bytes(std::string_view("\x80\x81\x82", 3))));
  EXPECT_FALSE(is_opaque(as_bytes(std::string(65, '\x80'))));
}

}  // namespace
}  // namespace tattle
