#include <cstring>

#include "decode/decoders.h"
#include "decode/json_index.h"
#include "decode/json_path.h"
#include "decode/text.h"

namespace tattle {
namespace {

bool is_space(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::size_t skip_space(Bytes bytes, std::size_t at) {
  while (at < bytes.size() && is_space(bytes[at])) ++at;
  return at;
}

// Where the JSON text begins: behind a byte order mark, and behind what servers put in front of it so that no page
// can run it as a script.
std::size_t json_start(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (std::string_view guard : {")]}'", "while(1);", "for(;;);"}) {
    if (!text.substr(at).starts_with(guard)) continue;
    at += guard.size();
    if (at < text.size() && text[at] == ',') ++at;
    break;
  }
  return skip_space(bytes, at);
}

// RFC 8259 section 6.
bool is_number(std::string_view text) {
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

// Follows simdjson's token positions through the text and makes a node of each string and number. It stops at the
// first thing that no JSON text has there: a path behind it would be a guess.
class JsonWalk {
 public:
  JsonWalk(Walker& walker, const Value& value, Bytes text, std::span<const std::uint32_t> tokens)
      : walker_(walker), value_(value), text_(text), tokens_(tokens) {
    auto holds = [&](char wanted) { return std::memchr(text.data(), wanted, text.size()) != nullptr; };
    hints_ = {holds('%'), holds('&')};
    escapes_ = holds('\\');
  }

  /// Returns false when no node was made before the text turned out to be something else.
  bool run() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      const Step step = next(text_[tokens_[at_]]);
      if (step == Step::stopped) return true;
      if (step == Step::malformed) return malformed();
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
        return word == "true" || word == "false" || word == "null" ? Step::on : Step::malformed;
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
    if (raw.size() >= kLeastOpenedKey || escapes_) {
      if (!open_key(raw)) return Step::stopped;
    }
    if (!follows(':') || at_ + 2 >= tokens_.size()) return Step::on;
    // The usual way on, without another turn of the loop.
    at_ += 2;
    state_ = State::value;
    return value(text_[tokens_[at_]]);
  }

  bool open_key(Bytes raw) {
    if (escapes_ && std::memchr(raw.data(), '\\', raw.size())) return escaped_string(raw) == Step::on;
    if (raw.size() < kLeastOpenedKey || !may_open_leaf(raw, hints_)) return true;
    return walker_.part(value_, "json", &path_, raw, [this](const Value& leaf) { walker_.open_leaf(leaf, hints_); });
  }

  Step string() {
    const Bytes raw = string_inside();
    after_value();
    if (raw.empty()) return Step::on;
    ++leaves_;
    if (!may_open_leaf(raw, hints_) && !escapes_) return plain(raw);
    if (escapes_ && std::memchr(raw.data(), '\\', raw.size())) return escaped_string(raw);
    return leave_value(
        walker_.part(value_, "json", &path_, raw, [this](const Value& leaf) { walker_.open_leaf(leaf, hints_); }));
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
    if (!is_number(as_text(digits))) {
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
  JsonPath path_;
  State state_ = State::top;
  std::size_t at_ = 0;
  std::uint64_t leaves_ = 0;
  LeafHints hints_;
  bool escapes_ = false;
};

// A nested text's index must not overwrite that of the text it lies in.
class IndexLease {
 public:
  explicit IndexLease(Scratch& scratch) : scratch_(scratch), level_(scratch.json_level++) {
    if (scratch.json.size() <= level_) scratch.json.resize(level_ + 1);
    if (!scratch.json[level_]) scratch.json[level_] = std::make_unique<JsonIndex>();
    index_ = scratch.json[level_].get();
  }
  ~IndexLease() { --scratch_.json_level; }
  IndexLease(const IndexLease&) = delete;
  IndexLease& operator=(const IndexLease&) = delete;
  JsonIndex* operator->() { return index_; }

 private:
  Scratch& scratch_;
  std::size_t level_;
  JsonIndex* index_ = nullptr;
};

}  // namespace

bool declared_json(const MediaType& type) {
  const std::string_view essence = type.essence;
  return essence.ends_with("/json") || essence.ends_with("+json") || essence.ends_with("ndjson") ||
         essence.ends_with("/jsonl");
}

bool sniff_json(Bytes bytes) {
  const std::uint8_t first = bytes[0];
  // The usual string is no JSON: say so before anything else.
  if (first != '{' && first != '[' && first != ')' && first != 'w' && first != 'f' && first != 0xef &&
      !is_space(first)) {
    return false;
  }
  const std::size_t at = json_start(bytes);
  if (at + 1 >= bytes.size() || (bytes[at] != '{' && bytes[at] != '[')) return false;
  const std::size_t inside = skip_space(bytes, at + 1);
  if (inside >= bytes.size()) return false;
  const char next = static_cast<char>(bytes[inside]);
  if (bytes[at] == '{') return next == '"' || next == '}';
  return next == ']' || is_digit(next) || std::string_view("{[\"-tfn").find(next) != std::string_view::npos;
}

bool open_json(Walker& walker, const Value& value, const MediaType&) {
  const Bytes text = value.bytes.subspan(json_start(value.bytes));
  IndexLease index(walker.scratch());
  if (!index->build(text)) return false;
  return JsonWalk(walker, value, text, index->tokens()).run();
}

}  // namespace tattle
