#include "assess/masker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "decode/coding/base64.h"
#include "detect/form/spelling.h"
#include "detect/mask.h"
#include "detect/subject/datum.h"

namespace tattle {

/// The letters and digits of a text, and where each stood.
struct WrittenLetters {
  std::string text;
  std::vector<std::uint32_t> begins, ends;
};

namespace {

constexpr std::size_t kShortest = 4;
constexpr std::size_t kShortestBackwards = 8;
constexpr std::size_t kLongestLocalPart = 64;  // of a mail address (RFC 5321 section 4.5.3.1.1)

std::uint32_t start_of(std::string_view letters, std::size_t at) {
  std::uint32_t start;
  static_assert(sizeof start == kShortest);
  std::memcpy(&start, letters.data() + at, sizeof start);
  return start;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Lower case of ASCII and, by its second byte, of Latin-1's letters in UTF-8 (U+00C0 to U+00DE).
char fold(char c, char before) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
  const auto byte = static_cast<unsigned char>(c);
  if (static_cast<unsigned char>(before) == 0xc3 && byte >= 0x80 && byte <= 0x9e) return static_cast<char>(byte + 32);
  return c;
}

/// A character as it was meant, and the bytes that it is written with.
struct Written {
  char c = 0;
  std::size_t size = 1;
};

/// `%41`, also encoded again (`%2541`); no more of a character's bytes than one.
Written percent_at(std::string_view text, std::size_t at) {
  std::size_t code = at + 1;
  while (text.substr(code).starts_with("25") && code + 3 < text.size() && hex_digit(text[code + 2]) >= 0 &&
         hex_digit(text[code + 3]) >= 0) {
    code += 2;
  }
  if (code + 1 >= text.size() || hex_digit(text[code]) < 0 || hex_digit(text[code + 1]) < 0) return {'%', 1};
  return {static_cast<char>(hex_digit(text[code]) * 16 + hex_digit(text[code + 1])), code + 2 - at};
}

/// `&#64;`, `&#x40;` and `\u0040` of ASCII: what JSON and HTML may write any character as.
Written reference_at(std::string_view text, std::size_t at) {
  const bool escape = text.substr(at).starts_with("\\u");
  if (!escape && !text.substr(at).starts_with("&#")) return {text[at], 1};
  std::size_t i = at + 2;
  const bool hex = escape || (i < text.size() && (text[i] | 0x20) == 'x');
  if (hex && !escape) ++i;
  const std::size_t digits = i, most = i + (escape ? 4 : 6);
  int code = 0;
  for (; i < text.size() && i < most; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0 || (!hex && digit > 9)) break;
    code = std::min(code * (hex ? 16 : 10) + digit, 0x1000);
  }
  const bool ends = escape ? i == most : i > digits && i < text.size() && text[i] == ';';
  if (!ends || code >= 0x80) return {text[at], 1};
  return {static_cast<char>(code), i + (escape ? 0 : 1) - at};
}

Written written_at(std::string_view text, std::size_t at) {
  if (text[at] == '%') return percent_at(text, at);
  if (text[at] == '&' || text[at] == '\\') return reference_at(text, at);
  return {text[at], 1};
}

/// Calls met(character, begin, end) for each letter and digit.
template <class Met>
void each_letter(std::string_view text, Met&& met) {
  char before = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto [c, size] = written_at(text, i);
    const auto byte = static_cast<unsigned char>(c);
    const char folded = fold(c, before);
    if (byte >= 0x80 || (c >= '0' && c <= '9') || (folded >= 'a' && folded <= 'z')) met(folded, i, i + size);
    before = c;
    i += size;
  }
}

WrittenLetters letters_of(std::string_view text) {
  WrittenLetters letters;
  letters.text.reserve(text.size());
  each_letter(text, [&](char c, std::size_t begin, std::size_t end) {
    letters.text.push_back(c);
    letters.begins.push_back(static_cast<std::uint32_t>(begin));
    letters.ends.push_back(static_cast<std::uint32_t>(end));
  });
  return letters;
}

std::string only_letters(std::string_view text) {
  std::string letters;
  letters.reserve(text.size());
  each_letter(text, [&](char c, std::size_t, std::size_t) { letters.push_back(c); });
  return letters;
}

// Character by character of UTF-8.
std::string reversed(std::string_view text) {
  std::string backwards;
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
    backwards += text.substr(begin, end - begin);
    end = begin;
  }
  return backwards;
}

// A mail address as people write it who hide it from programs: `name (at) host (dot) example`.
// @param dots  Which dots are words too: of the first so many characters.
std::string in_words(std::string_view address, std::size_t dots) {
  std::string words;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    words += c == '@' ? "(at)" : c == '.' && i < dots ? "(dot)" : std::string(1, c);
  }
  return words;
}

bool digits_only(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Shorter tokens hold no value worth hiding.
constexpr std::size_t kShortestToken = 6;

std::string from_hex(std::string_view token) {
  std::string bytes;
  if (token.size() < kShortestToken || token.size() % 2 != 0) return bytes;
  for (std::size_t i = 0; i < token.size(); i += 2) {
    const int high = hex_digit(token[i]), low = hex_digit(token[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string from_base64(std::string_view token) {
  while (token.ends_with('=')) token.remove_suffix(1);
  if (token.size() < kShortestToken) return {};
  std::string bytes(token.size(), '\0');
  const auto size = decode_base64(as_bytes(token), reinterpret_cast<std::uint8_t*>(bytes.data()));
  bytes.resize(size.value_or(0));
  return bytes;
}

// RFC 4648 section 6, in either case, with or without padding.
std::string from_base32(std::string_view token) {
  while (token.ends_with('=')) token.remove_suffix(1);
  if (token.size() < kShortestToken) return {};
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : token) {
    const char letter = static_cast<char>(c | 0x20);
    const bool is_letter = letter >= 'a' && letter <= 'z';
    if (!is_letter && (c < '2' || c > '7')) return {};
    bits = bits << 5 | static_cast<std::uint32_t>(is_letter ? letter - 'a' : c - '2' + 26);
    have += 5;
    if (have < 8) continue;
    have -= 8;
    bytes.push_back(static_cast<char>(bits >> have & 0xff));
  }
  return bytes;
}

bool holds_any(std::string_view text, const std::vector<std::string>& needles) {
  const std::string letters = only_letters(text);
  return std::any_of(needles.begin(), needles.end(),
                     [&](const std::string& needle) { return letters.find(needle) != std::string::npos; });
}

/// Marks every place of `needle`; a number's further digits belong to it.
void mark(const WrittenLetters& letters, std::size_t at, const std::string& needle, std::vector<bool>& hidden) {
  if (letters.text.compare(at, needle.size(), needle) != 0) return;
  std::size_t end = at + needle.size();
  if (digits_only(needle)) {
    while (end < letters.text.size() && letters.text[end] >= '0' && letters.text[end] <= '9') ++end;
  }
  for (std::size_t i = letters.begins[at]; i < letters.ends[end - 1]; ++i) hidden[i] = true;
}

/// Hides mailboxes that bear a detail (`local+detail@domain`), which are not all letters of the mailbox in a row.
void hide_subaddresses(const WrittenLetters& letters, std::string_view text, const std::string& local,
                       const std::string& domain, std::vector<bool>& hidden) {
  if (local.empty() || domain.empty()) return;
  for (auto at = letters.text.find(local); at != std::string::npos; at = letters.text.find(local, at + 1)) {
    const std::string_view behind = text.substr(letters.ends[at + local.size() - 1]);
    if (!behind.starts_with('+') && !behind.starts_with("%2B") && !behind.starts_with("%2b")) continue;
    const auto end = letters.text.find(domain, at + local.size());
    if (end == std::string::npos || end - at > kLongestLocalPart) continue;
    for (std::size_t i = letters.begins[at]; i < letters.ends[end + domain.size() - 1]; ++i) hidden[i] = true;
  }
}

}  // namespace

Masker::Masker(const std::vector<Subject>& subjects, Scope scope) {
  for (const Subject& subject : subjects) {
    for (const Entry& entry : subject.entries) {
      if (scope == Scope::hosts && (entry.datum == "browsing" || entry.datum == "search")) continue;
      for (const Entry::Part& part : entry.parts) {
        add(part.text);
        if (shape_of(entry.datum, part.role) == Shape::email) {
          const std::string_view address = part.text;
          for (const std::size_t dots : {std::min(address.find('@'), address.size()), address.size()}) {
            add(in_words(address, dots));
          }
        }
        if (const auto mailbox = subaddress_of(shape_of(entry.datum, part.role), part.text)) {
          mailboxes_.emplace_back(only_letters(mailbox->head), only_letters(mailbox->tail));
        }
        for (const Spelling& spelling : plain_spellings(shape_of(entry.datum, part.role), part.text)) {
          if (!spelling.host_name && spelling.name != "its beginning") add(spelling.text);
        }
        // The national part of an international number: country codes have up to three digits (E.164).
        std::string digits = only_letters(part.text);
        if (part.text.starts_with('+') && digits_only(digits) && digits.size() >= 9) add(digits.substr(3));
      }
      if (entry.place) {
        // Three decimals, cut rather than rounded: a prefix of every more precise spelling.
        for (double degrees : {entry.place->latitude, entry.place->longitude}) {
          add(fmt::format("{:.3f}", std::trunc(std::abs(degrees) * 1000) / 1000));
        }
      }
    }
  }
  for (std::uint32_t i = 0; i < needles_.size(); ++i) {
    by_start_[start_of(needles_[i], 0)].push_back(i);
  }
}

void Masker::add(std::string_view value) {
  std::string letters = only_letters(value);
  if (letters.size() < kShortest || !known_.insert(letters).second) return;
  needles_.push_back(std::move(letters));
}

std::span<const std::uint32_t> Masker::starting_at(std::string_view letters, std::size_t at) const {
  if (letters.size() - at < kShortest) return {};
  const auto found = by_start_.find(start_of(letters, at));
  if (found == by_start_.end()) return {};
  return found->second;
}

std::string Masker::mask(std::string_view text, const std::vector<std::string_view>& also) const {
  if (text.empty() || (needles_.empty() && also.empty())) return std::string(text);
  const WrittenLetters letters = letters_of(text);
  std::vector<bool> hidden(text.size(), false);
  std::vector<std::string> more;
  for (std::string_view value : also) {
    std::string needle = only_letters(value);
    if (needle.size() >= kShortest) more.push_back(std::move(needle));
  }
  for (std::size_t at = 0; at < letters.text.size(); ++at) {
    for (std::uint32_t index : starting_at(letters.text, at)) {
      mark(letters, at, needles_[index], hidden);
    }
    for (const std::string& needle : more) mark(letters, at, needle, hidden);
  }
  hide_backwards(letters, hidden);
  for (const auto& [local, domain] : mailboxes_) hide_subaddresses(letters, text, local, domain, hidden);
  for (const std::string_view alphabet : {"+/=", "-_="}) hide_encoded(text, alphabet, more, hidden);
  std::string shown;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && hidden[end] == hidden[i]) ++end;
    const std::string_view run = text.substr(i, end - i);
    shown += hidden[i] ? mask_whole(run) : std::string(run);
    i = end;
  }
  return shown;
}

void Masker::hide_encoded(std::string_view text, std::string_view alphabet, const std::vector<std::string>& more,
                          std::vector<bool>& hidden) const {
  const auto belongs = [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || alphabet.find(c) != std::string_view::npos;
  };
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!belongs(text[begin])) continue;
    std::size_t end = begin;
    while (end < text.size() && belongs(text[end])) ++end;
    const std::string_view token = text.substr(begin, end - begin);
    for (const std::string& inside : {from_hex(token), from_base64(token), from_base32(token)}) {
      if (!inside.empty() && (holds_value(inside) || holds_any(inside, more))) {
        std::fill(hidden.begin() + static_cast<std::ptrdiff_t>(begin),
                  hidden.begin() + static_cast<std::ptrdiff_t>(end), true);
      }
    }
    begin = end;
  }
}

std::string Masker::mask_whole(std::string_view value) const {
  std::string masked = mask_value(value);
  // The ends that stay of a long value must not hold a short one.
  return holds_value(masked) ? std::string("•••") : masked;
}

// Written backwards a value is as easily read.
void Masker::hide_backwards(const WrittenLetters& letters, std::vector<bool>& hidden) const {
  const std::string backwards = reversed(letters.text);
  for (std::size_t at = 0; at < backwards.size(); ++at) {
    for (const std::uint32_t index : starting_at(backwards, at)) {
      const std::string& needle = needles_[index];
      if (needle.size() < kShortestBackwards || backwards.compare(at, needle.size(), needle) != 0) continue;
      const std::size_t end = letters.text.size() - at, begin = end - needle.size();
      for (std::size_t i = letters.begins[begin]; i < letters.ends[end - 1]; ++i) hidden[i] = true;
    }
  }
}

bool Masker::holds_value(std::string_view text) const {
  const std::string letters = only_letters(text);
  return holds_needle(letters, 0) || holds_needle(reversed(letters), kShortestBackwards);
}

bool Masker::holds_needle(std::string_view letters, std::size_t shortest) const {
  for (std::size_t at = 0; at < letters.size(); ++at) {
    for (std::uint32_t index : starting_at(letters, at)) {
      const std::string& needle = needles_[index];
      if (needle.size() >= shortest && letters.compare(at, needle.size(), needle) == 0) return true;
    }
  }
  return false;
}

}  // namespace tattle
