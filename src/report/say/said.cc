// Sentences of the stages in the language of the page. They come in English, as the document has them, and are found
// again by their pattern: so no stage needs to know of languages, and what is not found is still shown.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "report/say/messages.h"

namespace tattle {
namespace {

constexpr std::string_view kKey = "said.";
constexpr int kDepth = 3;                  // a sentence within a sentence
constexpr std::size_t kLongest = 1 << 14;  // of a sentence that is looked up at all

/// What stands for each placeholder: each ends where the next literal first stands, the last literal ends the text.
std::optional<std::vector<std::string_view>> values_of(const std::vector<std::string>& literals,
                                                       std::string_view text) {
  if (!text.starts_with(literals.front())) return std::nullopt;
  text.remove_prefix(literals.front().size());
  std::vector<std::string_view> values;
  for (std::size_t i = 1; i < literals.size(); ++i) {
    const std::string& next = literals[i];
    const bool last = i + 1 == literals.size();
    if (last && !text.ends_with(next)) return std::nullopt;
    const std::size_t at = last ? text.size() - next.size() : text.find(next);
    if (at == text.npos || at == 0) return std::nullopt;
    values.push_back(text.substr(0, at));
    text.remove_prefix(at + next.size());
  }
  if (!text.empty()) return std::nullopt;
  return values;
}

}  // namespace

void Messages::learn_sentences(const Messages& english) {
  for (auto each = english.texts_.lower_bound(kKey); each != english.texts_.end() && each->first.starts_with(kKey);
       ++each) {
    Sentence sentence{each->first, {}, {}, false};
    std::string_view rest = each->second;
    for (;;) {
      const auto open = rest.find('{'), close = rest.find('}', open);
      sentence.literals.emplace_back(rest.substr(0, open));
      if (open == rest.npos || close == rest.npos) break;
      sentence.names.emplace_back(rest.substr(open + 1, close - open - 1));
      rest.remove_prefix(close + 1);
    }
    for (const std::string& one : sentence.literals) {
      sentence.says_something |= std::any_of(one.begin(), one.end(), [](unsigned char c) { return std::isalpha(c); });
    }
    sentences_.push_back(std::move(sentence));
  }
  const auto literal = [](const Sentence& sentence) {
    std::size_t size = 0;
    for (const std::string& each : sentence.literals) size += each.size();
    return size;
  };
  std::stable_sort(sentences_.begin(), sentences_.end(),
                   [&](const Sentence& a, const Sentence& b) { return literal(a) > literal(b); });
}

std::optional<std::string> Messages::translate(std::string_view english, int depth) const {
  for (const Sentence& sentence : sentences_) {
    const auto values = values_of(sentence.literals, english);
    if (!values) continue;
    std::string text = texts_.find(sentence.key)->second, out;
    bool known = sentence.says_something;  // else only what it joins can be known
    for (std::size_t at = 0; at < text.size();) {
      const auto open = text.find('{', at), close = text.find('}', std::min(open, text.size()));
      out.append(text, at, std::min(open, text.size()) - at);
      if (open == text.npos || close == text.npos) break;
      const auto name =
          std::find(sentence.names.begin(), sentence.names.end(), text.substr(open + 1, close - open - 1));
      if (name != sentence.names.end()) {
        const std::string_view value = (*values)[static_cast<std::size_t>(name - sentence.names.begin())];
        auto inner = depth > 0 ? translate(value, depth - 1) : std::nullopt;
        if (!inner && depth > 0) inner = translate_parts(value, "; ", depth - 1);
        out += inner ? *inner : std::string(value);
        known |= inner.has_value();
      }
      at = close + 1;
    }
    if (known) return out;
  }
  return std::nullopt;
}

std::optional<std::string> Messages::translate_parts(std::string_view english, std::string_view between,
                                                     int depth) const {
  std::string joined;
  bool several = false;
  for (std::string_view rest = english; !rest.empty();) {
    const std::size_t end = std::min(rest.find(between), rest.size());
    several |= end < rest.size();
    const std::string_view part = rest.substr(0, end);
    auto found = translate(part, depth);
    if (!found && between == ". ") found = translate_parts(part, "; ", depth);
    if (!found) return std::nullopt;
    if (!joined.empty()) joined += between;
    joined += *found;
    rest.remove_prefix(std::min(end + between.size(), rest.size()));
  }
  return several ? std::optional(joined) : std::nullopt;
}

Messages::Said Messages::said(std::string_view english) const {
  if (sentences_.empty()) return {std::string(english), false};
  if (english.size() > kLongest) return {std::string(english), true};
  // Whole, without its full stop, or its sentences and clauses one by one.
  if (auto whole = translate(english, kDepth)) return {std::move(*whole), false};
  const bool stop = english.ends_with('.');
  const std::string_view text = english.substr(0, english.size() - (stop ? 1 : 0));
  auto found = stop ? translate(text, kDepth) : std::nullopt;
  for (const char* between : {". ", "; "}) {
    if (!found) found = translate_parts(text, between, kDepth);
  }
  if (!found) return {std::string(english), true};
  return {*found + (stop ? "." : ""), false};
}

std::string Messages::sentences() const {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (sentences_.empty()) return json.dump();
  for (const auto& [key, text] : english().texts_) {
    if (key.starts_with(kKey)) json[key] = text;
  }
  return json.dump();
}

}  // namespace tattle
