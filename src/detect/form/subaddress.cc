#include <algorithm>
#include <cctype>

#include "detect/form/spelling.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestLocalPart = 64;  // RFC 5321 section 4.5.3.1.1

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// What an atom may hold (RFC 5322 section 3.2.3) and the dot between atoms, without what parts the fields of a URL's
// query or path: the address behind them is another one.
bool is_local(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$'*+-^_`{|}~.").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<Subaddress> subaddress_of(Shape shape, std::string_view text) {
  const auto at = text.rfind('@');
  if (shape != Shape::email && shape != Shape::correspondent) return std::nullopt;
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  if (text.find('+') != std::string_view::npos || !std::all_of(text.begin(), text.begin() + at, is_local)) {
    return std::nullopt;
  }
  return Subaddress{std::string(text.substr(0, at)) + "+", std::string(text.substr(at))};
}

std::size_t subaddress_end(std::string_view in, std::size_t from, const Subaddress& address) {
  std::size_t at = from;
  while (at < in.size() && at - from < kLongestLocalPart && is_local(in[at])) ++at;
  if (at == from || in.size() - at < address.tail.size()) return from;
  const std::string_view tail = in.substr(at, address.tail.size());
  const bool same = std::equal(tail.begin(), tail.end(), address.tail.begin(), address.tail.end(),
                               [](char a, char b) { return lower(a) == lower(b); });
  return same ? at + tail.size() : from;
}

}  // namespace tattle
