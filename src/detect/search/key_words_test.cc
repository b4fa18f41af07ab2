#include "detect/search/key_words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <regex>
#include <string>
#include <tuple>
#include <vector>

#include "detect/inferred.h"

namespace tattle {
namespace {

using Met = std::vector<std::tuple<std::size_t, std::size_t, std::string>>;

Met words_of(KeyWords& finder, const std::string& text) {
  Met met;
  finder.scan(text, [&](const KeyWords::Word& word) {
    met.emplace_back(word.end, word.begin, std::string(inferred_keys()[word.key].literal));
    return true;
  });
  return met;
}

// The same from the words' side, as one expression for each: the word, the rest of its name, and a separator behind.
Met expected_words(const std::string& text) {
  static const auto expressions = [] {
    std::vector<std::pair<std::string, std::regex>> all;
    for (const InferredKey& key : inferred_keys()) {
      const std::string word(key.literal);
      all.emplace_back(word, std::regex("(" + word + R"()[-_A-Za-z0-9]{0,24}[\\"' ]{0,4}[:=>])", std::regex::icase));
    }
    return all;
  }();
  Met met;
  for (const auto& [word, expression] : expressions) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const auto from = text.begin() + static_cast<std::ptrdiff_t>(at);
      if (std::regex_search(from, text.end(), expression, std::regex_constants::match_continuous)) {
        met.emplace_back(at + word.size(), at, word);
      }
    }
  }
  std::sort(met.begin(), met.end());
  return met;
}

TEST(KeyWords, AreThoseThatAnExpressionFinds) {
  const std::vector<std::string> pieces{"imei",      "Lat",
                                        "longitude", "user",
                                        "telephone", "x",
                                        "aa",        "9",
                                        "_",         "-",
                                        "\"",        "'",
                                        " ",         "\\",
                                        "    ",      ":",
                                        "=",         ">",
                                        "\":",       "\": ",
                                        "device_id", ".",
                                        "\n",        "\xC3\xA4",
                                        "\"x\":",    "abcdefghijklmnopq",
                                        "IMEI\":",   std::string(1, '\0'),
                                        "/",         "+"};
  std::mt19937 random(7);
  const auto finder = std::make_unique<KeyWords>();  // one for all: what it remembers may change nothing
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t count = random() % 40; count > 0; --count) text += pieces[random() % pieces.size()];
    const Met wanted = expected_words(text);
    ASSERT_EQ(words_of(*finder, text), wanted) << text;
    ASSERT_EQ(words_of(*finder, text), wanted) << "again: " << text;
  }
}

// Across the borders of the blocks and chunks in which separators are looked for.
TEST(KeyWords, AreFoundWhereverTheyStand) {
  const auto finder = std::make_unique<KeyWords>();
  for (std::size_t at = 4060; at < 4130; ++at) {
    for (char filler : {'.', ':', 'a'}) {
      std::string text(8300, filler);
      text.replace(at, 8, "\"imei\":1");
      const Met met = words_of(*finder, text);
      ASSERT_EQ(met.size(), 1u) << at;
      EXPECT_EQ(std::get<1>(met[0]), at + 1);
    }
  }
}

TEST(KeyWords, StopWhenTold) {
  const auto finder = std::make_unique<KeyWords>();
  int met = 0;
  finder->scan("lat=1&lon=2&imei=3", [&](const KeyWords::Word&) { return ++met < 2; });
  EXPECT_EQ(met, 2);
}

}  // namespace
}  // namespace tattle
