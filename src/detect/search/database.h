#pragma once

#include <hs/hs.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "detect/form/place.h"
#include "detect/form/spelling.h"
#include "detect/search/long_literals.h"
#include "detect/search/matcher.h"
#include "detect/search/token_table.h"

namespace tattle {

/// One part of one entry of one subject.
struct Target {
  std::int32_t subject = 0;
  std::int32_t entry = 0;
  const Entry* planted = nullptr;
  std::string_view part;
};

/// What a literal of the Vectorscan database means where it is met; one literal may mean several things.
struct Pattern {
  enum class Kind : std::uint8_t { value, subaddress, latitude, longitude };
  Kind kind = Kind::value;
  Edge edge = Edge::none;
  bool host_name = false;
  std::uint32_t length = 0;
  std::uint32_t target = 0;   // of a value; index of a subaddress, a place
  std::string_view spelling;  // a string literal
  double log2_probability = 0;
};

struct PlaceTarget {
  std::uint32_t target = 0;
  Entry::Place place;
};

struct SubaddressTarget {
  std::uint32_t target = 0;
  Subaddress address;
};

struct PhotoTarget {
  std::uint32_t target = 0;
  const Entry::Part* part = nullptr;
};

/// All known values, ready to be looked for.
struct Database final : MatcherDatabase {
  explicit Database(const std::vector<Subject>& wanted);
  ~Database() override;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::vector<Subject> subjects;  // what the targets point into
  std::vector<Target> targets;
  std::vector<PlaceTarget> places;
  std::vector<SubaddressTarget> subaddresses;
  std::unordered_multimap<std::uint64_t, PhotoTarget> photos;  // by size in bytes
  std::size_t smallest_photo = ~std::size_t{0};                // its size
  std::vector<std::unordered_set<std::string>> known;          // by subject: values, lower case, letters and digits
  TokenTable tokens;
  std::vector<std::vector<Pattern>> patterns;  // by the literal's number
  /// Whether a literal may begin in a text, told from each two of its bytes. For short texts this costs less than
  /// calling Vectorscan.
  bool may_hold_literal(Bytes text) const;
  hs_database_t* literals = nullptr;  // null: there are none
  LongLiterals long_literals;         // those that Vectorscan is spared, where there are many

 private:
  void add_part(std::uint32_t target, Shape shape, const std::string& text);
  void add_place(std::uint32_t target, const Entry::Place& place);
  void add_literal(std::string_view text, Pattern pattern);
  void add_start(char first, char second);
  void compile_literals();

  std::array<std::uint64_t, 1024> literal_starts_{};  // a bit for their first two bytes, with letters in lower case
  std::unordered_map<std::string, std::size_t> literal_numbers_;  // text in lower case -> id
};

/// Letters and digits alone, in lower case: equal for two spellings of one value.
std::string normalized_value(std::string_view text);

}  // namespace tattle
