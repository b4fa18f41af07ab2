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

}  // namespace tattle
