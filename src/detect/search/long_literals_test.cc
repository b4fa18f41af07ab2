#include "detect/search/long_literals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

namespace tattle {
namespace {

using Places = std::set<std::pair<std::uint32_t, std::size_t>>;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return text;
}

// What a plain search finds: text and end of each place.
Places expected(const std::vector<std::string>& texts, const std::string& in) {
  Places places;
  const std::string folded = lower(in);
  for (std::uint32_t id = 0; id < texts.size(); ++id) {
    for (auto at = folded.find(texts[id]); at != std::string::npos; at = folded.find(texts[id], at + 1)) {
      places.emplace(id, at + texts[id].size());
    }
  }
  return places;
}

Places found_in(const LongLiterals& literals, const std::string& in) {
  Places places;
  literals.scan(in, [&](std::uint32_t id, std::size_t end) {
    EXPECT_TRUE(places.emplace(id, end).second) << "met twice";
    return true;
  });
  return places;
}

TEST(LongLiterals, FindWhatAPlainSearchFinds) {
  std::mt19937 random(20121105);
  const auto letters = [&](std::size_t size, int kinds) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += "aB3@`-\xc3\xa4 z"[random() % static_cast<unsigned>(kinds)];
    return text;
  };
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<std::string> texts;
    LongLiterals literals;
    for (int i = 0; i < 20; ++i) {
      texts.push_back(lower(letters(LongLiterals::kLeastBytes + random() % 20, 3 + static_cast<int>(random() % 7))));
      if (std::count(texts.begin(), texts.end(), texts.back()) > 1) {
        texts.pop_back();
        continue;
      }
      literals.add(texts.back(), static_cast<std::uint32_t>(texts.size() - 1));
    }
    literals.build();
    std::string in;
    while (in.size() < 500) {
      in += letters(random() % 12, 10);
      std::string planted = texts[random() % texts.size()];
      for (char& c : planted) c = random() % 2 && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      in += planted.substr(0, planted.size() - (random() % 4 == 0));
    }
    EXPECT_EQ(found_in(literals, in), expected(texts, in));
    const std::string cut = in.substr(0, random() % 60);
    EXPECT_EQ(found_in(literals, cut), expected(texts, cut));
  }
}

TEST(LongLiterals, StopWhenTold) {
  LongLiterals literals;
  literals.add("0123456789abcdef", 7);
  literals.build();
  int met = 0;
  literals.scan("0123456789ABCDEF 0123456789abcdef", [&](std::uint32_t, std::size_t) { return ++met < 1; });
  EXPECT_EQ(met, 1);
}

}  // namespace
}  // namespace tattle
