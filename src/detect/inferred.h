#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/form/place.h"

namespace tattle {

/// A word in the name of a key whose value may be private.
struct InferredKey {
  enum class Kind : std::uint8_t { email, imei, phone, mac, advertising_id, latitude, longitude };
  std::string_view literal;  // lower case
  Kind kind;
};
std::span<const InferredKey> inferred_keys();

/// A value that its key and its own shape give away.
struct Inferred {
  std::string_view datum;  // a string literal
  std::size_t begin = 0, end = 0;
  double log2_probability = 0;
  std::string context;
};

/// A value follows its key's word behind `:`, `=` or `>`: no more characters of the key's name stand between.
inline constexpr std::size_t kMostBehindWord = 24;
/// Nor more of those that may stand between the name and the separator.
inline constexpr std::size_t kMostBeforeColon = 4;
/// What the name in front of a value consists of, and what may stand between it and the value.
enum : std::uint8_t { kInName = 1, kBeforeColon = 2, kBeforeValue = 4 };
inline constexpr auto kAround = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = kInName;
  for (int c = '0'; c <= '9'; ++c) table[c] = kInName;
  for (unsigned char c : std::string_view("_-")) table[c] = kInName;
  for (unsigned char c : std::string_view("\\\"' ")) table[c] = kBeforeColon | kBeforeValue;
  for (unsigned char c : std::string_view("\t<{")) table[c] = kBeforeValue;
  return table;
}();
inline bool in_key_name(char c) { return kAround[static_cast<std::uint8_t>(c)] & kInName; }
inline bool is_before_colon(char c) { return kAround[static_cast<std::uint8_t>(c)] & kBeforeColon; }

/// Examines what follows a key's word at [begin, end). Of a latitude or longitude see below.
std::optional<Inferred> examine_key(std::string_view in, std::size_t begin, std::size_t end, const InferredKey& key);

/// The kind of private value that all of `value` has the shape of; nothing for places. Cheap for what is no candidate.
std::optional<InferredKey::Kind> whole_shape(std::string_view value);

/// What such a value is when its name, which stands elsewhere, has one of its kind's words.
std::optional<Inferred> examine_whole(std::string_view value, InferredKey::Kind kind, std::string_view name);

/// The number behind a key's word for latitude or longitude.
std::optional<Degrees> keyed_degrees(std::string_view in, std::size_t begin, std::size_t end);

/// Pairs keyed latitudes and longitudes within 200 bytes of each other.
std::vector<Inferred> infer_places(const std::vector<Degrees>& latitudes, const std::vector<Degrees>& longitudes);

}  // namespace tattle
