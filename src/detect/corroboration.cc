#include "detect/corroboration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tattle {
namespace {

constexpr std::size_t kNameBytes = 48;
// Shorter words are met inside others, so they must stand alone.
constexpr std::size_t kUnmistakableWord = 4;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

bool holds_word(std::string_view text, std::string_view word) {
  const auto letter = [&](std::size_t at) {
    return at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0;
  };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (word.size() >= kUnmistakableWord) return true;
    if ((at == 0 || !letter(at - 1)) && !letter(at + word.size())) return true;
  }
  return false;
}

// The name in front of a value: `"name": "`, `name=`, `Name: `. What is before the last separator is another's.
std::string_view name_before(std::string_view in, std::size_t begin) {
  const std::size_t from = begin > kNameBytes ? begin - kNameBytes : 0;
  const std::string_view before = in.substr(from, begin - from);
  const auto cut = before.find_last_of(",&;?\n{}[]");
  return cut == std::string_view::npos ? before : before.substr(cut + 1);
}

}  // namespace

std::string supporting_context(std::string_view in, std::size_t begin, const std::vector<PathStep>& path,
                               std::span<const std::string_view> words) {
  const std::string before = lower(name_before(in, begin));
  const std::string detail = path.empty() ? std::string() : lower(path.back().detail);
  for (std::string_view word : words) {
    if (holds_word(detail, word) || holds_word(before, word)) return fmt::format("key with '{}'", word);
  }
  return {};
}

void support(Hit& hit, std::string ground) {
  if (hit.corroborated) return;
  hit.corroborated = true;
  hit.context = std::move(ground);
}

}  // namespace tattle
