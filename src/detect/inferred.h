#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/token/token_bytes.h"
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

/// Whether a value may follow the word that ends at `end`. Most words stand in plain text, with nothing near that a
/// value follows.
inline bool may_have_value(std::string_view in, std::size_t end) {
  return in.size() - end < 32 || holds_any_of(as_bytes(in).data() + end, ':', '=', '>');
}

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
