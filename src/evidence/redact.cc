#include "evidence/redact.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::size_t kShortestValue = 4;  // shorter ones stand in any text by accident

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Everything but punctuation and blanks; control characters and bytes that are no ASCII say something too.
char masked(char c) {
  if (is_digit(c)) return '1';
  const auto byte = static_cast<unsigned char>(c);
  return is_letter(c) || byte >= 0x7f || (byte < 0x20 && !is_blank(c)) ? 'x' : c;
}

std::vector<bool> kept_places(std::string_view text, const KeptText& kept) {
  std::vector<bool> stays(text.size());
  for (const std::string& value : kept.values) {
    if (value.size() < kShortestValue) continue;
    for (std::size_t at = text.find(value); at != std::string_view::npos; at = text.find(value, at + 1)) {
      std::fill_n(stays.begin() + static_cast<std::ptrdiff_t>(at), value.size(), true);
    }
  }
  return stays;
}

bool is_name(std::string_view word, const KeptText& kept) {
  return std::find(kept.names.begin(), kept.names.end(), word) != kept.names.end();
}

// A name that is a word cannot itself be somebody's number or address.
bool is_wordy(std::string_view name) {
  constexpr std::size_t kLongest = 24;
  return !name.empty() && name.size() <= kLongest &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || c == '_' || c == '-'; });
}

// Whether what begins at a place is one of the values, whole.
bool value_at(std::string_view text, std::size_t at, const KeptText& kept) {
  return kept.names_of_values && std::any_of(kept.values.begin(), kept.values.end(), [&](const std::string& value) {
           return value.size() >= kShortestValue && at <= text.size() && text.substr(at).starts_with(value);
         });
}

// Names of parameters and of a multipart's parts: `lat=`, `name="owner"` is not one.
void keep_names(std::string_view text, const KeptText& kept, std::vector<bool>& stays) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!is_word(text[begin])) continue;
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view name = text.substr(begin, end - begin);
    if (end < text.size() && text[end] == '=' &&
        (is_name(name, kept) || (is_wordy(name) && value_at(text, end + 1, kept)))) {
      std::fill_n(stays.begin() + static_cast<std::ptrdiff_t>(begin), end - begin, true);
    }
    begin = end;
  }
}

// Masks JSON token by token.
class JsonMask {
 public:
  JsonMask(std::string_view text, const KeptText& kept) : text_(text), kept_(kept), stays_(kept_places(text, kept)) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        string();
      } else if (is_digit(c) || c == '-') {
        token([](char each) { return is_digit(each) || is_letter(each) || each == '.' || each == '+' || each == '-'; },
              "1");
      } else if (is_letter(c)) {
        token(is_letter, "null");
      } else {
        out_ += masked(text_[at_++]);
      }
    }
    return std::move(out_);
  }

 private:
  template <class Belongs>
  void token(Belongs belongs, std::string_view instead) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    // A number stays when all of it is kept: a part of one would be another number.
    const bool all = std::all_of(stays_.begin() + static_cast<std::ptrdiff_t>(begin),
                                 stays_.begin() + static_cast<std::ptrdiff_t>(at_), [](bool each) { return each; });
    out_ += all ? text_.substr(begin, at_ - begin) : instead;
  }

  void string() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    std::size_t next = std::min(at_ + 1, text_.size());
    while (next < text_.size() && is_blank(text_[next])) ++next;
    const bool member = next < text_.size() && text_[next] == ':';
    const std::string_view name = text_.substr(begin, at_ - begin);
    const bool whole = member && (is_name(name, kept_) || (is_wordy(name) && value_at(text_, value_of(next), kept_)));
    out_ += '"';
    for (std::size_t i = begin; i < at_; ++i) {
      const bool stays = whole || stays_[i];
      out_ += stays ? text_[i] : text_[i] == '\\' ? 'x' : masked(text_[i]);
      // What a masked backslash escaped is masked with it.
      if (!stays && text_[i] == '\\' && i + 1 < at_ && !stays_[i + 1]) {
        out_ += 'x';
        ++i;
      }
    }
    if (at_ < text_.size()) out_ += '"';
    at_ = std::min(at_ + 1, text_.size());
  }

  // Where a member's value begins, behind the colon and a string's quotation mark.
  std::size_t value_of(std::size_t colon) const {
    std::size_t at = colon + 1;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at < text_.size() && text_[at] == '"' ? at + 1 : at;
  }

  std::string_view text_;
  const KeptText& kept_;
  std::vector<bool> stays_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string redact_text(std::string_view text, const KeptText& kept) {
  std::vector<bool> stays = kept_places(text, kept);
  keep_names(text, kept, stays);
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!stays[i]) out[i] = masked(out[i]);
  }
  return out;
}

std::string redact_json(std::string_view text, const KeptText& kept) {
  const auto begin = std::find_if_not(text.begin(), text.end(), is_blank);
  if (begin == text.end() || (*begin != '{' && *begin != '[')) return redact_text(text, kept);
  return JsonMask(text, kept).run();
}

bool holds_any(std::string_view text, const KeptText& kept) {
  return std::any_of(kept.values.begin(), kept.values.end(), [&](const std::string& value) {
    return value.size() >= kShortestValue && text.find(value) != std::string_view::npos;
  });
}

}  // namespace tattle
