#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attribute/facts/day.h"
#include "attribute/facts/fact_tree.h"
#include "attribute/facts/source.h"

namespace tattle {

/// What was built in of a file that says exactly this; null: nothing.
const BuiltFacts* find_built_facts(std::string_view text);

/// `built-in:dpv.yaml` stands, wherever a path of facts does, for the file of that name as it was built in.
inline constexpr std::string_view kBuiltIn = "built-in:";

/// The text of a file of facts: as it lies there, or as it was built in.
class FactText {
 public:
  /// @throws UserError  It cannot be read, or nothing of that name was built in.
  explicit FactText(const std::string& path);
  std::string_view text() const { return built_ != nullptr ? built_->text : std::string_view(read_); }
  /// Of a text that was built in, wherever it lay; null: it is another.
  const BuiltFacts* built() const { return built_; }

 private:
  std::string read_;
  const BuiltFacts* built_ = nullptr;
};

/// A YAML file of facts with a table of `sources`. Every mistake is a UserError that names file, line and field.
class FactFile {
 public:
  /// @throws UserError  It cannot be read, is no YAML, or a source lacks what it is or its date.
  explicit FactFile(const std::string& path);
  FactFile(const FactFile&) = delete;
  FactFile& operator=(const FactFile&) = delete;

  FactNode root() const { return root_; }
  /// The day, month or year of the newest source that the file's table names; empty: it has none.
  std::string newest() const;
  /// @throws UserError  Always: `PATH:LINE: WHAT`.
  [[noreturn]] void complain(FactNode where, std::string_view what) const;

  /// A list of maps; an absent one is empty unless `required`.
  std::vector<FactNode> list(FactNode node, const char* field, bool required = false) const;
  /// A text that must be there and not be empty.
  std::string text(FactNode node, const char* field) const;
  /// As `text`, but empty when it is absent.
  std::string text_or_none(FactNode node, const char* field) const;
  /// The texts of a list, or the one text of `field`; empty when neither is there.
  std::vector<std::string> texts(FactNode node, const char* field) const;
  std::optional<Day> day(FactNode node, const char* field) const;
  /// `from` and `until`.
  Period period(FactNode node) const;
  /// ISO 3166-1 alpha-2, upper case.
  std::string country(FactNode node, const char* field) const;
  /// `source`: an id of the file's sources, or text with a `date` beside it. A node without one has that of what it
  /// stands in; without that too it is a mistake.
  Source source(FactNode node, const Source* around = nullptr) const;

 private:
  void read_sources();
  std::string date(FactNode node) const;

  std::string path_;
  FactTree tree_;  // empty when it was built in
  FactNode root_;
  std::unordered_map<std::string, Source> sources_;
};

}  // namespace tattle
