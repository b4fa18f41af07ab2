#include "decode/json/walk.h"

#include <bit>
#include <cstring>

#include "decode/decoders.h"
#include "decode/json/path.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

bool is_space(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool is_word(std::string_view text) { return text == "true" || text == "false" || text == "null"; }

// RFC 8259 section 6.
bool is_any_number(std::string_view text) {
  std::size_t at = 0;
  auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

// A number without an exponent of up to 16 characters, of which nearly all are, is told at once. 16 bytes can be read.
bool is_usual_number(const std::uint8_t* text, std::size_t size) {
  if (size > 16) return false;
  const unsigned sign = text[0] == '-' ? 1 : 0;
  const std::uint32_t others = ~mark_digits(text) & ((std::uint32_t{1} << size) - 1) & ~sign;
  if (others == 0) return size > sign;
  const auto first = static_cast<std::size_t>(std::countr_zero(others));
  return (others & (others - 1)) == 0 && text[first] == '.' && first > sign && first + 1 < size;
}

class JsonWalk {
 public:
  JsonWalk(Walker& walker, const Value& value, Bytes text, const JsonIndex& index)
      : walker_(walker), value_(value), text_(text), tokens_(index.tokens()), marks_(index.marks()) {}

  /// Returns false when no node was made before the text turned out to be something else.
  bool run() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      const Step step = next(text_[tokens_[at_]]);
      if (step == Step::stopped) return true;
      if (step == Step::malformed) return malformed();
      plain_leaves();
    }
    if (!path_.frames.empty() || state_ == State::colon) walker_.note("decode.cut-json");
    return true;
  }

 private:
  static constexpr std::size_t kLeastOpenedKey = 22;  // an MD5 in base64

  enum class State { top, value_or_end, value, key_or_end, colon, comma_or_end };
  enum class Step { on, malformed, stopped };

  Step next(std::uint8_t c) {
    switch (state_) {
      case State::top:
      case State::value:
        return value(c);
      case State::value_or_end:
        return c == ']' ? close(c) : value(c);
      case State::key_or_end:
        return c == '}' ? close(c) : key(c);
      case State::colon:
        state_ = State::value;
        return c == ':' ? Step::on : Step::malformed;
      case State::comma_or_end:
        if (c != ',') return close(c);
        state_ = path_.frames.back().array ? State::value_or_end : State::key_or_end;
        return Step::on;
    }
    return Step::malformed;
  }

  // Telemetry is mostly leaves in which nothing can be opened and nothing was found. A row of them is taken here,
  // without a turn of the state machine for each token; it stops before the first that is not of the usual kind or
  // looks.
  void plain_leaves() {
    if (state_ != State::key_or_end && state_ != State::value_or_end) return;
    const std::size_t width = state_ == State::key_or_end ? 4 : 2;  // tokens of a leaf, with the comma behind it
    const std::uint8_t* const text = text_.data();
    std::uint64_t room = walker_.plain_room(value_), left = room;
    for (; at_ + width < tokens_.size() && left > 0; at_ += width) {
      const std::uint32_t* token = tokens_.data() + at_ + 1;
      const std::size_t begin = token[0], next = token[width - 1];
      if (next_mark_ < next) {
        next_mark_ = marks_.next_mark(begin);
        if (next_mark_ < next) break;
      }
      if (width == 4) {
        const std::size_t colon = token[1];
        if (text[begin] != '"' || text[colon] != ':' || text[colon - 1] != '"') break;
        if (colon - begin > kLeastOpenedKey) break;
        token += 2;
      }
      const int nodes = plain_leaf(token[0], next);
      if (nodes < 0) break;
      left -= static_cast<unsigned>(nodes);
      if (text[next] == ',') continue;
      at_ += width - 1;
      state_ = State::comma_or_end;
      break;
    }
    walker_.count_plain(room - left);
    leaves_ += room - left;
  }

  // How many nodes, 1 or 0, the unmarked leaf at [begin, next) makes; -1 when it needs a closer look.
  [[gnu::always_inline]] int plain_leaf(std::size_t begin, std::size_t next) const {
    const std::uint8_t* const at = text_.data() + begin;
    std::size_t size = next - begin;
    if (at[0] == '"') {
      if (size < 2 || at[size - 1] != '"') return -1;
      size -= 2;
      if (size == 0) return 0;
      if (size < kShortestLeaf) {
        if (size > 2 && (at[1] == '{' || at[1] == '[')) return -1;
      } else if (leaf_decoders_for(at[1]) || (size < kShortestTokenRun && may_be_short_token(begin + 1, size))) {
        return -1;
      }
    } else if (is_digit(static_cast<char>(at[0])) || at[0] == '-') {
      if (begin + 16 > text_.size() || !is_usual_number(at, size)) return -1;
    } else {
      return is_word(as_text({at, size})) ? 0 : -1;
    }
    return size < walker_.least_part() ? 1 : -1;
  }

  Step value(std::uint8_t c) {
    switch (c) {
      case '"':
        return string();
      case '{':
      case '[':
        return open(c == '[');
      case 't':
      case 'f':
      case 'n': {
        const std::string_view word = as_text(scalar());
        after_value();
        return is_word(word) ? Step::on : Step::malformed;
      }
      default:
        return number();
    }
  }

  Step open(bool array) {
    if (path_.frames.size() >= walker_.limits().json_nesting) {
      walker_.hit_limit("decode.limit-json-nesting");
      return Step::malformed;
    }
    path_.frames.push_back({array, {}});
    state_ = array ? State::value_or_end : State::key_or_end;
    return Step::on;
  }

  Step close(std::uint8_t c) {
    const std::uint8_t wanted = !path_.frames.empty() && path_.frames.back().array ? ']' : '}';
    if (path_.frames.empty() || c != wanted) return Step::malformed;
    path_.frames.pop_back();
    after_value();
    return leave_value(true);
  }

  Step key(std::uint8_t c) {
    if (c != '"') return Step::malformed;
    const Bytes raw = string_inside();
    path_.frames.back().key = raw;
    state_ = State::colon;
    // Tables are kept by identifiers and their digests too. A short key without escapes is read where it stands.
    const bool signs = has_sign(raw);
    if (raw.size() >= kLeastOpenedKey || signs) {
      if (!open_key(raw, signs)) return Step::stopped;
    }
    if (!follows(':') || at_ + 2 >= tokens_.size()) return Step::on;
    // The usual way on, without another turn of the loop.
    at_ += 2;
    state_ = State::value;
    return value(text_[tokens_[at_]]);
  }

  bool open_key(Bytes raw, bool signs) {
    if (signs && has_escape(raw)) return escaped_string(raw) == Step::on;
    if (raw.size() < kLeastOpenedKey) return true;
    return open_plain(raw, signs);
  }

  Step string() {
    const Bytes raw = string_inside();
    after_value();
    if (raw.empty()) return Step::on;
    ++leaves_;
    const bool signs = has_sign(raw);
    if (signs && has_escape(raw)) return escaped_string(raw);
    return leave_value(open_plain(raw, signs));
  }

  // A string without escapes. Most hold nothing that can be opened, which their marks tell.
  bool open_plain(Bytes raw, bool signs) {
    if (!may_hold_more(raw, signs)) return walker_.plain_part(value_, "json", &path_, raw);
    return walker_.part(value_, "json", &path_, raw, [&](const Value& leaf) {
      walker_.open_leaf(leaf, {signs, signs});
    });
  }

  // Whether `open_leaf` may make anything of a string.
  bool may_hold_more(Bytes raw, bool signs) {
    if (signs) return may_open_leaf(raw, {true, true});
    if (raw.size() < kShortestLeaf) return may_open_leaf(raw, {false, false});
    if (leaf_decoders_for(raw[0])) return true;
    if (raw.size() < kShortestTokenRun) return may_be_short_token(offset_of(raw), raw.size());
    return is_marked(raw);
  }

  // Base64 and nothing else, but for two bytes of padding.
  bool may_be_short_token(std::size_t begin, std::size_t size) const {
    return marks_.token_bytes_at(begin) + 2 >= size;
  }

  Step escaped_string(Bytes raw) {
    Arena::Scope scope(walker_.arena());
    std::uint8_t* out = walker_.take_output(raw.size());
    if (!out) return Step::stopped;
    const Bytes plain(out, unescape_json(raw, out));
    const bool made =
        walker_.made(value_, "json", &path_, raw, plain, [this](const Value& leaf) { walker_.open_leaf(leaf); });
    return made ? Step::on : Step::stopped;
  }

  Step number() {
    const Bytes digits = scalar();
    if (!is_number(digits)) {
      // A number may be cut, but not have anything behind it.
      const bool cut = at_ + 1 == tokens_.size() && !path_.frames.empty();
      if (!cut || (digits[0] != '-' && !is_digit(static_cast<char>(digits[0])))) return Step::malformed;
    }
    after_value();
    ++leaves_;
    return plain(digits);
  }

  Step plain(Bytes leaf) { return leave_value(walker_.plain_part(value_, "json", &path_, leaf)); }

  bool follows(std::uint8_t wanted) const { return at_ + 1 < tokens_.size() && text_[tokens_[at_ + 1]] == wanted; }

  void after_value() { state_ = path_.frames.empty() ? State::top : State::comma_or_end; }

  // To be called once all of the value was read: takes the comma behind it, if there is one.
  Step leave_value(bool made) {
    if (!made) return Step::stopped;
    if (state_ == State::comma_or_end && follows(',')) {
      ++at_;
      state_ = path_.frames.back().array ? State::value_or_end : State::key_or_end;
    }
    return Step::on;
  }

  bool is_number(Bytes text) const {
    const bool room = offset_of(text) + 16 <= text_.size();
    return (room && is_usual_number(text.data(), text.size())) || is_any_number(as_text(text));
  }

  std::size_t offset_of(Bytes raw) const { return static_cast<std::size_t>(raw.data() - text_.data()); }
  bool has_sign(Bytes raw) const { return marks_.has_sign(offset_of(raw), offset_of(raw) + raw.size()); }
  // Whether a string has a sign or a row of token bytes. Strings are asked for in the order in which they stand.
  bool is_marked(Bytes raw) {
    const std::size_t begin = offset_of(raw);
    if (next_mark_ < begin) next_mark_ = marks_.next_mark(begin);
    return next_mark_ < begin + raw.size();
  }
  static bool has_escape(Bytes raw) { return std::memchr(raw.data(), '\\', raw.size()) != nullptr; }

  std::size_t next_token() const { return at_ + 1 < tokens_.size() ? tokens_[at_ + 1] : text_.size(); }

  // The number or word that begins here; only white space may follow it before the next token.
  Bytes scalar() const {
    const std::size_t begin = tokens_[at_];
    std::size_t end = next_token();
    while (end > begin + 1 && is_space(text_[end - 1])) --end;
    return text_.subspan(begin, end - begin);
  }

  // What is between this string's quotes. Its end is not among the tokens, but only white space follows it.
  Bytes string_inside() const {
    const std::size_t begin = tokens_[at_] + 1;
    std::size_t end = next_token();
    while (end > begin && text_[end - 1] != '"') --end;
    if (at_ + 1 == tokens_.size() && !closes(begin, end)) return text_.subspan(begin);
    return text_.subspan(begin, end > begin ? end - 1 - begin : 0);
  }

  // Whether the byte before `end` is a quote that ends a string, rather than an escaped one in a cut string.
  bool closes(std::size_t begin, std::size_t end) const {
    if (end <= begin) return false;
    std::size_t backslashes = 0;
    while (end - 1 - backslashes > begin && text_[end - 2 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 0;
  }

  bool malformed() {
    if (leaves_ == 0) return false;
    walker_.note("decode.malformed-json");
    open_tokens(walker_, value_, text_.subspan(tokens_[at_]), true);
    return true;
  }

  Walker& walker_;
  const Value& value_;
  Bytes text_;
  std::span<const std::uint32_t> tokens_;
  const MarkedText& marks_;
  JsonPath path_;
  State state_ = State::top;
  std::size_t at_ = 0;
  std::uint64_t leaves_ = 0;
  std::size_t next_mark_ = 0;  // the first mark from some place on that is not behind the next string
};

}  // namespace

bool walk_json(Walker& walker, const Value& value, Bytes text, const JsonIndex& index) {
  return JsonWalk(walker, value, text, index).run();
}

}  // namespace tattle
