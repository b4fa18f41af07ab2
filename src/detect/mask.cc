#include "detect/mask.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "detect/form/text_forms.h"

namespace tattle {
namespace {

constexpr std::string_view kHidden = "•••";
constexpr std::size_t kMostAtEachEnd = 4;

// Where each character begins, then the end; nothing for text that must not reach a terminal.
std::vector<std::size_t> characters(std::string_view text) {
  std::vector<std::size_t> begins;
  std::size_t at = 0;
  while (at < text.size()) {
    begins.push_back(at);
    const std::int32_t character = next_character(text, at);
    if (character < 0x20 || (character >= 0x7f && character < 0xa0)) return {};
  }
  begins.push_back(at);
  return begins;
}

std::string mask_email(std::string_view text, std::size_t at_sign, std::size_t length) {
  const std::size_t dot = text.rfind('.');
  std::string_view first, last;
  std::size_t budget = length / 4;
  if (dot != std::string_view::npos && dot > at_sign && text.size() - dot - 1 <= budget) {
    last = text.substr(dot);
    budget -= text.size() - dot - 1;
  }
  if (budget > 0 && at_sign > 0 && static_cast<unsigned char>(text[0]) < 0x80) first = text.substr(0, 1);
  return fmt::format("{}{}@{}{}", first, kHidden, kHidden, last);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

// `@`, as it is or percent-encoded (also more than once), with a dot somewhere behind it.
bool is_address(std::string_view word) {
  std::size_t at = word.find('@');
  for (std::size_t from = 0; at == word.npos && (from = word.find('%', from)) != word.npos; ++from) {
    std::size_t code = from + 1;
    while (word.substr(code).starts_with("25")) code += 2;
    if (word.substr(code).starts_with("40")) at = from;
  }
  return at != word.npos && at > 0 && word.find('.', at) != word.npos;
}

// Names that programmers choose change between upper case, lower case and digits at up to a third of their places,
// random tokens at two thirds; hexadecimal ones have digits among their letters.
bool is_token(std::string_view word) {
  constexpr std::size_t kShortestToken = 16, kLongestNumber = 6;
  std::size_t digits = 0, in_row = 0, longest = 0, letters = 0, changes = 0;
  bool hex = true;
  int before = 0;
  for (const char c : word) {
    if (c == '_') in_row = 0;
    if (!is_digit(c) && !is_letter(c)) continue;
    const int kind = is_digit(c) ? 1 : c < 'a' ? 2 : 3;
    digits += kind == 1;
    letters += kind != 1;
    in_row = kind == 1 ? in_row + 1 : 0;
    longest = std::max(longest, in_row);
    hex = hex && (kind == 1 || (c | 0x20) <= 'f');
    changes += before != 0 && kind != before;
    before = kind;
  }
  const std::size_t size = digits + letters;
  if (longest > kLongestNumber) return true;
  if (size < kShortestToken || digits == 0) return false;
  return (hex && letters > 0 && digits * 4 >= size) || changes * 20 >= size * 9;
}

// Calls met(begin, end) for each run of characters that belong.
template <class Belongs, class Met>
void each_run(std::string_view text, Belongs belongs, Met met) {
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && belongs(text[end])) ++end;
    met(begin, end);
    begin = std::max(end, begin + 1);
  }
}

}  // namespace

std::string mask_value(std::string_view text) {
  const std::vector<std::size_t> begins = characters(text);
  if (begins.size() < 9) return std::string(kHidden);
  const std::size_t length = begins.size() - 1;
  const std::size_t at_sign = text.find('@');
  if (at_sign != std::string_view::npos && text.find(' ') == std::string_view::npos) {
    return mask_email(text, at_sign, length);
  }
  const std::size_t shown = std::min(length / 8, kMostAtEachEnd);
  return fmt::format("{}{}{}", text.substr(0, begins[shown]), kHidden, text.substr(begins[length - shown]));
}

std::string mask_place(double latitude, double longitude) {
  return fmt::format("{:.0f}.{}, {:.0f}.{}", std::trunc(latitude), kHidden, std::trunc(longitude), kHidden);
}

std::string mask_strangers(std::string_view text) {
  const auto in_word = [](char c) {
    return is_digit(c) || is_letter(c) || std::string_view("_-+").find(c) != std::string_view::npos;
  };
  const auto in_address = [&](char c) { return in_word(c) || c == '.' || c == '@' || c == '%'; };
  std::string shown;
  each_run(text, in_address, [&](std::size_t begin, std::size_t end) {
    const std::string_view run = text.substr(begin, end - begin);
    if (is_address(run)) {
      shown += kHidden;
      return;
    }
    bool hiding = false;  // a token's further parts stand behind dots
    each_run(run, in_word, [&](std::size_t from, std::size_t to) {
      const std::string_view word = run.substr(from, to - from);
      if (hiding) return;
      if (is_token(word)) {
        shown += kHidden;
        hiding = true;
      } else {
        shown += word;
      }
      if (to == from) shown += run[from];
    });
    if (run.empty()) shown += text[begin];
  });
  return shown;
}

}  // namespace tattle
