#include "report/say/messages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "report/say/catalogues.h"

namespace tattle {

Messages::Messages(std::string_view language, std::string_view catalogue) : language_(language), catalogue_(catalogue) {
  const nlohmann::json texts = nlohmann::json::parse(catalogue);
  for (const auto& [key, value] : texts.items()) texts_[key] = value.get<std::string>();
}

const std::map<std::string, Messages, std::less<>>& Messages::all() {
  static const auto* all = [] {
    auto* made = new std::map<std::string, Messages, std::less<>>();
    for (const Catalogue* each = kCatalogues; !each->language.empty(); ++each) {
      if (each->language != "en") made->emplace(std::string(each->language), Messages(each->language, each->text));
    }
    for (auto& [language, messages] : *made) {
      messages.texts_.insert(english().texts_.begin(), english().texts_.end());
      messages.learn_sentences(english());
    }
    made->emplace("en", english());
    return made;
  }();
  return *all;
}

const Messages& Messages::of(std::string_view language) {
  if (language == "en") return english();  // most runs need no other
  const auto found = all().find(language);
  if (found != all().end()) return found->second;
  throw UserError(fmt::format("--language {}: there are no messages in this language; use {}", language,
                              fmt::join(languages(), " or ")));
}

const Messages& Messages::english() {
  static const Messages english = [] {
    const Catalogue* each = kCatalogues;
    while (each->language != "en") ++each;
    return Messages(each->language, each->text);
  }();
  return english;
}

std::vector<std::string> Messages::languages() {
  std::vector<std::string> names;
  for (const auto& [language, messages] : all()) names.push_back(language);
  return names;
}

// Once over the text: what a value brings along is never taken for a placeholder.
void Messages::replace(std::string& text, Values values, const std::string* count) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto open = text.find('{', at), close = text.find('}', at);
    if (open == text.npos || close == text.npos || close < open) break;
    out.append(text, at, open - at);
    const std::string_view name = std::string_view(text).substr(open + 1, close - open - 1);
    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& each) { return each.first == name; });
    if (found != values.end()) {
      out += found->second;
    } else if (count && name == "count") {
      out += *count;
    } else {
      out.append(text, open, close + 1 - open);
    }
    at = close + 1;
  }
  out.append(text, at);
  text = std::move(out);
}

std::string Messages::text(std::string_view key, Values values) const {
  const auto found = texts_.find(key);
  std::string text = found == texts_.end() ? std::string(key) : found->second;
  replace(text, values, nullptr);
  return text;
}

std::string Messages::counted(std::string_view key, std::uint64_t count, Values values) const {
  const auto found = texts_.find(fmt::format("{}.{}", key, count == 1 ? "one" : "other"));
  std::string text = found == texts_.end() ? std::string(key) : found->second;
  const std::string number = std::to_string(count);
  replace(text, values, &number);
  return text;
}

std::string Messages::word(std::string_view kind, std::string_view word) const {
  const auto found = texts_.find(fmt::format("{}.{}", kind, word));
  if (found != texts_.end()) return found->second;
  std::string label(word);
  std::replace(label.begin(), label.end(), '-', ' ');
  return label;
}

std::string Messages::number(double value, int decimals) const {
  std::string number = fmt::format("{:.{}f}", value, decimals);
  if (const auto point = number.find('.'); point != number.npos) number.replace(point, 1, text("number.decimal"));
  return number;
}

std::string Messages::grouped(double value) const {
  std::string digits = fmt::format("{:.0f}", value);
  const std::string mark = text("number.group");
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, mark);
  return digits;
}

std::string Messages::country(std::string_view code) const {
  if (code.size() != 2) return std::string(code);
  const icu::Locale region("", std::string(code).c_str());
  icu::UnicodeString name;
  region.getDisplayCountry(icu::Locale(language_.c_str()), name);
  std::string text;
  name.toUTF8String(text);
  return text.empty() ? std::string(code) : text;
}

}  // namespace tattle
