#include "report/say/messages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "report/say/words.h"

namespace tattle {
namespace {

nlohmann::json catalogue(const std::string& language) {
  std::ifstream file(std::string(TATTLE_SOURCE_DIR) + "/web/messages/" + language + ".json");
  return nlohmann::json::parse(file);
}

std::set<std::string> placeholders(const std::string& text) {
  static const std::regex kPlaceholder("\\{[^{}]*\\}");
  return {std::sregex_token_iterator(text.begin(), text.end(), kPlaceholder), std::sregex_token_iterator()};
}

TEST(Messages, EveryLanguageSaysEverythingWithTheSamePlaceholders) {
  const nlohmann::json english = catalogue("en");
  ASSERT_GE(Messages::languages().size(), 2u);
  for (const std::string& language : Messages::languages()) {
    const nlohmann::json other = catalogue(language);
    for (const auto& [key, text] : english.items()) {
      ASSERT_TRUE(other.contains(key)) << language << " lacks " << key;
      std::set<std::string> wanted = placeholders(text), found = placeholders(other[key]);
      // `once` needs no number.
      if (key.ends_with(".one")) {
        wanted.erase("{count}");
        found.erase("{count}");
      }
      EXPECT_EQ(found, wanted) << language << " " << key;
      EXPECT_FALSE(other[key].get<std::string>().empty()) << language << " " << key;
    }
    // The English of an anomaly stands in data/anomalies.tsv; a language that lacks one shows that.
    for (const auto& [key, text] : other.items()) {
      const bool known =
          key.starts_with("anomaly.") ? anomaly_meaning(key.substr(8)) != key.substr(8) : english.contains(key);
      EXPECT_TRUE(known) << language << " has a key of its own: " << key;
    }
  }
}

TEST(Messages, ValuesAreNotReadAsPlaceholders) {
  const Messages& english = Messages::english();
  EXPECT_EQ(english.text("page.title", {{"subject", "{subject} {x}"}}), "{subject} {x}: what the phone told");
  EXPECT_EQ(english.text("no.such.key"), "no.such.key");
  EXPECT_EQ(english.counted("count.packets", 1), "1 packet");
  EXPECT_EQ(english.counted("count.packets", 0), "0 packets");
  EXPECT_EQ(english.grouped(626015522388), "626,015,522,388");
  EXPECT_EQ(english.grouped(27137), "27,137");
  EXPECT_EQ(english.grouped(999), "999");
  EXPECT_EQ(english.word("datum", "never-heard-of"), "never heard of");
}

// Every key that the sources name stands in the catalogue; a misspelt one would be printed as it is.
TEST(Messages, TheSourcesNameNoKeyThatIsMissing) {
  const nlohmann::json english = catalogue("en");
  std::set<std::string> heads;
  for (const auto& [key, text] : english.items()) heads.insert(key.substr(0, key.find('.')));
  const std::regex key_like("\"([a-z0-9]+\\.[a-z0-9.-]*[a-z0-9])\"");
  std::size_t checked = 0;
  for (const char* folder : {"/src/report", "/web/src"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(TATTLE_SOURCE_DIR) + folder)) {
      const std::string path = entry.path().string();
      if (path.ends_with("_test.cc") || !(path.ends_with(".cc") || path.ends_with(".js"))) continue;
      std::ifstream file(path);
      const std::string source((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      for (std::sregex_iterator at(source.begin(), source.end(), key_like), end; at != end; ++at) {
        const std::string key = (*at)[1];
        if (!heads.contains(key.substr(0, key.find('.'))) || key.ends_with(".json")) continue;
        if (source.substr(std::max<std::ptrdiff_t>(0, at->position() - 16), 16).find("querySelector") != source.npos)
          continue;
        ++checked;
        EXPECT_TRUE(english.contains(key) || english.contains(key + ".one") || english.contains(key + ".other"))
            << path << ": " << key;
      }
    }
  }
  EXPECT_GT(checked, 100u);
}

}  // namespace
}  // namespace tattle
