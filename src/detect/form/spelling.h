#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/subject/datum.h"

namespace tattle {

/// What may not stand directly before or after a match, because it would make it a part of something else.
enum class Edge : std::uint8_t {
  none,    // long enough to be told apart anywhere
  digit,   // no digit, and no fraction of a number
  hex,     // no hexadecimal digit
  word,    // no letter or digit
  email,   // no character of a longer address
  host,    // no character of a longer host name
  url,     // no host before, no longer path after
  imei14,  // an IMEI's first 14 digits: then the spare digit 0, or two digits of software version, or nothing
};

/// One way in which a value is written.
struct Spelling {
  std::string text;       // bytes to look for; ASCII letters match in either case
  std::string_view name;  // `as planted`, `digits only`, …; a string literal
  Edge edge = Edge::none;
  bool host_name = false;  // it is the host of a page's address
};

/// The plain spellings, the one as planted first; no two alike but for the case of ASCII letters.
std::vector<Spelling> plain_spellings(Shape shape, std::string_view text);

/// The texts whose digests are looked for; no two alike.
std::vector<Spelling> hashed_spellings(Shape shape, std::string_view text);

/// Byte strings that a value becomes in binary formats: a UUID's 16 bytes in both orders, 8 bytes or more of hex.
std::vector<Spelling> binary_spellings(Shape shape, std::string_view text);

/// A mailbox with a detail of its user's choice: `head`, up to 64 characters with it, then `tail` (RFC 5233 section 1).
struct Subaddress {
  std::string head;  // the local part and `+`
  std::string tail;  // `@` and the domain
};

/// Nothing unless the value is a mail address without a detail.
std::optional<Subaddress> subaddress_of(Shape shape, std::string_view text);

/// Where the address ends whose head ends at `from`; `from` when there is none, or no detail. In either case of ASCII
/// letters, its edges not looked at.
std::size_t subaddress_end(std::string_view in, std::size_t from, const Subaddress& address);

/// Logarithm, base 2, of the chance that a random place of a text rich in such characters matches: 10 digits, 16
/// hexadecimal digits, 16 letters, 32 other characters are taken for equally likely. That is far more than in random
/// bytes, and about what is met in identifiers. A match with edges takes its length and one byte at least, so that
/// fewer places than bytes can match.
double log2_probability(const Spelling& spelling);

/// True when the bytes around [begin, end) satisfy the edge.
bool edges_hold(std::string_view in, std::size_t begin, std::size_t end, Edge edge);

/// `text` in the international form of RFC 3966 (E.164 with +), or empty when it is not a valid number with a country.
std::string e164(std::string_view text);

}  // namespace tattle
