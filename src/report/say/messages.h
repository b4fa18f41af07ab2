#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tattle {

/// The texts of the report in one language (web/messages/LANGUAGE.json): keys with dots, {placeholders} in braces.
/// A key that a catalogue lacks is taken from the English one.
class Messages {
 public:
  using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

  /// @throws UserError  No such catalogue; the message names those there are.
  static const Messages& of(std::string_view language);
  static const Messages& english();
  static std::vector<std::string> languages();

  const std::string& language() const { return language_; }
  /// The catalogue as it lies in the source tree.
  std::string_view catalogue() const { return catalogue_; }

  bool has(std::string_view key) const { return texts_.contains(key); }
  std::string text(std::string_view key, Values values = {}) const;
  /// The text of `key.one` or `key.other`, with {count}.
  std::string counted(std::string_view key, std::uint64_t count, Values values = {}) const;
  /// The text of `kind.word`; without one the word itself, its hyphens as spaces.
  std::string word(std::string_view kind, std::string_view word) const;
  struct Said {
    std::string text;
    bool foreign = false;  // it stayed English in a page of another language
  };
  /// A sentence that a stage wrote in English (a ground, a warning), in this language: by the keys `said.*`, whose
  /// English texts are the stages' sentences. What stands in for their {placeholders} is carried over, and looked up
  /// likewise. Several sentences may be joined by ". " or "; ".
  Said said(std::string_view english) const;
  /// The English sentences as a JSON object, for the script; `{}` in English, which needs none.
  std::string sentences() const;
  /// With so many decimals and the language's comma.
  std::string number(double value, int decimals) const;
  /// A whole number with its thousands set apart.
  std::string grouped(double value) const;
  /// Name of a country (ISO 3166-1 alpha-2) in this language, the code itself when unknown.
  std::string country(std::string_view code) const;

 private:
  Messages(std::string_view language, std::string_view catalogue);
  static const std::map<std::string, Messages, std::less<>>& all();
  static void replace(std::string& text, Values values, const std::string* count);
  void learn_sentences(const Messages& english);
  std::optional<std::string> translate(std::string_view english, int depth) const;
  std::optional<std::string> translate_parts(std::string_view english, std::string_view between, int depth) const;

  std::string language_;
  std::string_view catalogue_;
  std::map<std::string, std::string, std::less<>> texts_;

  struct Sentence {  // an English one, cut at its placeholders: literals[0] {names[0]} literals[1] …
    std::string key;
    std::vector<std::string> literals, names;
    bool says_something = false;  // its literals have words
  };
  std::vector<Sentence> sentences_;  // most literal first; empty in English
};

}  // namespace tattle
