#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// One typed netstring: `SIZE:DATA` and a type. Borrows the bytes that it was read from; lists and dictionaries are
/// read as they are walked.
/// Source: tnetstrings.org, and mitmproxy's variant of it (`;` is text, `^` a float).
class Tnet {
 public:
  enum class Type : char {
    bytes = ',',
    text = ';',
    integer = '#',
    real = '^',
    boolean = '!',
    null = '~',
    list = ']',
    dictionary = '}',
  };

  Tnet() = default;  // null

  /// Takes one off the front; nothing when it does not hold together.
  static std::optional<Tnet> take(Bytes& bytes);

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::null; }
  /// Of bytes and text; else empty.
  std::string_view text() const {
    return type_ == Type::bytes || type_ == Type::text ? as_text(data_) : std::string_view();
  }
  Bytes data() const { return data_; }
  /// Of integers, reals and booleans; NaN for anything else.
  double number() const;
  bool truth() const { return type_ == Type::boolean && as_text(data_) == "true"; }

  /// The member of a dictionary, or null.
  Tnet operator[](std::string_view name) const;
  /// Whether a dictionary has it, though it be null.
  bool has(std::string_view name) const;
  /// Calls `each(const Tnet&)` for the elements of a list; false when it is none, or is damaged within.
  template <class Each>
  bool elements(Each&& each) const {
    if (type_ != Type::list) return false;
    for (Bytes left = data_; !left.empty();) {
      const auto element = take(left);
      if (!element) return false;
      each(*element);
    }
    return true;
  }
  /// Element number `index` of a list, or null.
  Tnet at(std::size_t index) const;

 private:
  std::optional<Tnet> find(std::string_view name) const;

  Type type_ = Type::null;
  Bytes data_;
};

/// What the front of a file says of its first netstring.
struct TnetSize {
  enum class State : std::uint8_t { none, incomplete, known } state = State::none;
  std::uint64_t whole = 0;  // bytes of it all, with size and type
  std::size_t head = 0;     // bytes of the size and its colon
};
TnetSize tnet_size(Bytes front);

}  // namespace tattle
