#include "attribute/facts/fact_file.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "attribute/file_digest.h"
#include "attribute/used_facts.h"
#include "base/result.h"

namespace tattle {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void expect_same(const YAML::Node& wanted, FactNode got, const std::string& where) {
  ASSERT_TRUE(got) << where;
  EXPECT_EQ(got.line(), static_cast<std::uint32_t>(wanted.Mark().line + 1)) << where;
  EXPECT_EQ(got.is_text(), wanted.IsScalar()) << where;
  EXPECT_EQ(got.is_list(), wanted.IsSequence()) << where;
  EXPECT_EQ(got.is_map(), wanted.IsMap()) << where;
  EXPECT_EQ(got.is_nothing(), wanted.IsNull()) << where;
  if (wanted.IsScalar()) EXPECT_EQ(got.text(), wanted.Scalar()) << where;
  const std::vector<FactNode> children = got.children();
  ASSERT_EQ(children.size(), wanted.size() * (wanted.IsMap() ? 2 : 1)) << where;
  for (std::size_t i = 0; wanted.IsSequence() && i < children.size(); ++i) {
    expect_same(wanted[i], children[i], where + "[" + std::to_string(i) + "]");
  }
  for (std::size_t i = 0; wanted.IsMap() && i < children.size(); i += 2) {
    const std::string key(children[i].text());
    expect_same(wanted[key], children[i + 1], where + "." + key);
    expect_same(wanted[key], got[key], where + "." + key);
  }
}

// What was compiled is what yaml-cpp reads in the file as it is now: all of it, at the same lines.
TEST(FactFile, BuiltTreesAreTheFiles) {
  const std::filesystem::path folder = TATTLE_SOURCE_DIR "/data";
  ASSERT_EQ(built_facts().size(), 5u);
  for (const char* name : {"organisations.yaml", "trackers.yaml", "jurisdictions.yaml", "dpv.yaml"}) {
    const std::string yaml = read_file(folder / name);
    const BuiltFacts* built = find_built_facts(yaml);
    ASSERT_NE(built, nullptr) << name;
    expect_same(YAML::Load(yaml), built->root(), name);
    EXPECT_EQ(find_built_facts(yaml + "\n"), nullptr);
  }
}

// A program that was copied elsewhere has no data folder beside it.
TEST(FactFile, WhatIsBuiltInNeedsNoFile) {
  const FactFile file("built-in:dpv.yaml");
  EXPECT_EQ(file.text(file.root(), "version"), "2.2");
  EXPECT_EQ(FactText("built-in:country_areas.tsv").text(), read_file(TATTLE_SOURCE_DIR "/data/country_areas.tsv"));
  EXPECT_THROW(FactFile("built-in:nothing.yaml"), UserError);
}

TEST(FactFile, KnowsItsNewestSource) {
  EXPECT_EQ(FactFile(TATTLE_SOURCE_DIR "/data/trackers.yaml").newest(), "2026-11-23");
  EXPECT_EQ(FactFile("built-in:dpv.yaml").newest(), "");  // it has one source, which stands at its root
}

// Expected hashes are sha256sum's.
TEST(UsedFacts, AreNamedByTheirHash) {
  const std::string path = testing::TempDir() + "tattle-used-" + std::to_string(::getpid()) + ".yaml";
  std::ofstream(path, std::ios::binary)
      << "sources:\n  x: {what: w, date: \"2013\"}\n  y: {what: w, date: \"2014-05\"}\n";
  const std::vector<UsedFacts> used = describe_facts({path, "", "built-in:dpv.yaml", "built-in:country_areas.tsv"});
  std::filesystem::remove(path);
  ASSERT_EQ(used.size(), 3u);
  EXPECT_EQ(used[0].path, path);
  EXPECT_EQ(used[0].sha256, "e1a185171aa461d6876dffde5c20b94f2c1dd1c1d903887bb440dfff9ce9f09e");
  EXPECT_EQ(used[0].date, "2014-05");
  EXPECT_EQ(used[1].name, "dpv.yaml");
  EXPECT_EQ(used[1].version, "2.2");
  EXPECT_EQ(used[1].date, "2025-08");
  EXPECT_EQ(used[1].sha256, sha256_hex(as_bytes(read_file(TATTLE_SOURCE_DIR "/data/dpv.yaml"))));
  EXPECT_EQ(used[2].date, "2018-05");
  EXPECT_THROW(describe_facts({"/nowhere/countries.mmdb"}), UserError);
}

class WrittenFacts : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  std::string write(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  std::string complaint(const std::string& text) {
    try {
      const FactFile file(write(text));
    } catch (const UserError& error) {
      return error.what();
    }
    return "none";
  }
  const std::string path_ = testing::TempDir() + "tattle-facts-" + std::to_string(::getpid()) + ".yaml";
};

// A file that the user changed is read anew.
TEST_F(WrittenFacts, AChangedFileIsReadItself) {
  const FactFile file(write(read_file(TATTLE_SOURCE_DIR "/data/dpv.yaml") + "more: [1, 'two', {three: ~}]\n"));
  const auto more = file.root()["more"].children();
  ASSERT_EQ(more.size(), 3u);
  EXPECT_EQ(more[0].text(), "1");
  EXPECT_EQ(more[1].text(), "two");
  EXPECT_TRUE(more[2]["three"].is_nothing());
  EXPECT_FALSE(more[2]["four"]);
  EXPECT_FALSE(more[1]["four"]);
  EXPECT_EQ(file.text(file.root(), "version"), "2.2");
}

TEST_F(WrittenFacts, MistakesAreNamedByTheirLine) {
  EXPECT_EQ(complaint("- a\n"), path_ + ":1: a map is expected");
  EXPECT_EQ(complaint("a: 1\nb: [1\n"), path_ + ":3: end of sequence flow not found");
  EXPECT_EQ(complaint("a: 1\nsources:\n  x: 1\n"), path_ + ":3: sources: what and date are expected");
  EXPECT_EQ(complaint("a: 1\nsources:\n  x: {what: w, date: soon}\n"),
            path_ + ":3: date: YYYY, YYYY-MM or YYYY-MM-DD is expected");
}

// Aliases that would stand for 9^9 values, and one that stands for itself.
TEST_F(WrittenFacts, AliasesCannotGrowWithoutEnd) {
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [";
    for (int k = 0; k < 9; ++k) bomb += before + (k < 8 ? ", " : "]\n");
  }
  EXPECT_NE(complaint(bomb).find("too many values"), std::string::npos);
  EXPECT_NE(complaint("a: &a [*a]\n").find("too many"), std::string::npos);
}

TEST_F(WrittenFacts, AMissingFileIsNamed) { EXPECT_THROW(FactFile("/nowhere/facts.yaml"), UserError); }

}  // namespace
}  // namespace tattle
