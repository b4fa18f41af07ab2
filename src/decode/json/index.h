#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "decode/token/token_bytes.h"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace tattle {

/// Where the tokens of a JSON text begin: brackets, colons, commas, and the first byte of each string, number and
/// word. Positions are in the text itself, whether or not it is well formed. Made by simdjson's first stage.
class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();

  /// False when simdjson cannot: empty, or over 4 GB. A string that does not end, ends with the text.
  bool build(Bytes text);
  /// Until the next `build`.
  std::span<const std::uint32_t> tokens() const;
  /// Which of the text's bytes may be part of something encoded. Until the next `build`.
  const MarkedText& marks() const { return marks_; }
  /// Bytes that it holds on to.
  std::size_t memory() const;

 private:
  bool build_mended(Bytes text);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
  ByteVector mended_;
  MarkedText marks_;
};

}  // namespace tattle
