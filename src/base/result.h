#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace tattle {

/// What a parser of untrusted bytes says when it stops: which field, where, why.
/// `field` and `why` are string literals.
struct ParseError {
  std::string_view field;
  std::size_t offset = 0;
  std::string_view why;
};

template <class T>
using Result = tl::expected<T, ParseError>;

/// A mistake of the user's: what, where and what to do, in one line. Ends the program with exit code 2.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace tattle
