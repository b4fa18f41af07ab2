#include "attribute/facts/fact_file.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <iterator>

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
  ASSERT_EQ(built_facts().size(), 4u);
  for (const char* name : {"organisations.yaml", "trackers.yaml", "jurisdictions.yaml", "dpv.yaml"}) {
    const std::string yaml = read_file(folder / name);
    const BuiltFacts* built = find_built_facts(yaml);
    ASSERT_NE(built, nullptr) << name;
    expect_same(YAML::Load(yaml), built->root(), name);
    EXPECT_EQ(find_built_facts(yaml + "\n"), nullptr);
  }
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
