// Finds what is encoded inside longer text. A run of base64 characters shorter than 16 cannot prove anything; where
// longer ones stand is told of sixteen bytes at once.
#include <algorithm>
#include <array>
#include <cstring>

#include "decode/coding/base64.h"
#include "decode/coding/hex.h"
#include "decode/decoders.h"
#include "decode/token/content.h"
#include "decode/token/opaque.h"
#include "decode/token/text.h"
#include "decode/token/token_shape.h"

namespace tattle {
namespace {

constexpr std::size_t kShortestRun = kShortestTokenRun;
constexpr std::size_t kShortestWhole = 8;      // of a string that is nothing else
constexpr std::size_t kMostStarts = 6;         // tried of one run, each up to the run's end
constexpr std::size_t kLongestWord = 8 << 10;  // with percent escapes, each way from the escape

enum : std::uint8_t { kOther, kUpper, kLower, kDigit, kSign };

constexpr auto kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) {
    table[c] = kLower;
    table[c - 32] = kUpper;
  }
  for (int c = '0'; c <= '9'; ++c) table[c] = kDigit;
  for (char c : {'+', '/', '-', '_'}) table[static_cast<unsigned char>(c)] = kSign;
  return table;
}();

bool in_run(std::uint8_t byte) { return kClass[byte] != kOther; }

// What bytes a run holds: each byte's bits, joined.
enum : std::uint8_t {
  kHasUpper = 1,
  kHasLower = 2,
  kHasDigit = 4,
  kHasStandardSign = 8,
  kHasUrlSign = 16,
  kHasNoHex = 32,
  kEnds = 64,  // a byte that no run has
};

constexpr auto kBits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kEnds | kHasNoHex);
  for (int c = 'a'; c <= 'z'; ++c) {
    table[c] = kHasLower | (c > 'f' ? kHasNoHex : 0);
    table[c - 32] = kHasUpper | (c > 'f' ? kHasNoHex : 0);
  }
  for (int c = '0'; c <= '9'; ++c) table[c] = kHasDigit;
  table['+'] = table['/'] = kHasStandardSign | kHasNoHex;
  table['-'] = table['_'] = kHasUrlSign | kHasNoHex;
  return table;
}();

struct Shape {
  std::uint8_t bits = 0;

  bool upper() const { return bits & kHasUpper; }
  bool lower() const { return bits & kHasLower; }
  bool digit() const { return bits & kHasDigit; }
  bool signs() const { return bits & (kHasStandardSign | kHasUrlSign); }
  /// Digits and letters a to f only, the letters of one case.
  bool hex() const { return !(bits & kHasNoHex) && !(upper() && lower()); }
};

Shape shape_of(const TokenShape& marks) {
  Shape shape;
  if (marks.upper) shape.bits |= kHasUpper;
  if (marks.lower) shape.bits |= kHasLower;
  if (marks.digit) shape.bits |= kHasDigit;
  if (marks.standard_sign) shape.bits |= kHasStandardSign | kHasNoHex;
  if (marks.url_sign) shape.bits |= kHasUrlSign | kHasNoHex;
  if ((marks.upper | marks.lower) & ~marks.hex_letter) shape.bits |= kHasNoHex;
  return shape;
}

Shape shape_of(Bytes run) {
  Shape shape;
  for (std::uint8_t byte : run) shape.bits |= kBits[byte];
  return shape;
}

// Whether a run changes `wanted` times or more between upper case, lower case and digits, from one such byte to the
// next.
bool changes_class(Bytes run, std::size_t wanted) {
  if (run.size() <= 64) return token_shape(run.data(), run.size()).changes() >= wanted;
  constexpr std::size_t kBlock = 16;  // within which no branch asks: half of a token's bytes would surprise it
  std::size_t changes = 0;
  std::uint8_t previous = kClass[run[0]];
  for (std::size_t at = 0; at < run.size() && changes < wanted; at += kBlock) {
    for (std::uint8_t byte : run.subspan(at, std::min(kBlock, run.size() - at))) {
      const std::uint8_t now = kClass[byte];
      const bool counts = now < kSign;
      changes += counts & (now != previous);
      previous = counts ? now : previous;
    }
  }
  return changes >= wanted;
}

// Whether unpadded base64 of this length is what an MD5, SHA-1, SHA-256 or SHA-512 has.
bool is_digest_size(std::size_t size) { return size == 22 || size == 27 || size == 43 || size == 86; }

// Random bytes change class at 0.64 of the places, with a sigma of 0.10 for the 22 characters of the shortest digest;
// 2.4 % of those have no digit. Words in camel case change at 0.3 and rarely have digits; words and paths hardly ever.
bool looks_random(const Shape& shape, Bytes run) {
  const std::size_t size = run.size();
  if (size < kShortestRun || !shape.upper() || !shape.lower()) return false;
  return is_digest_size(size) || changes_class(run, (size * (shape.digit() ? 3 : 4) + 9) / 10);
}

bool is_word(Bytes piece) {
  if (piece.size() < 4) return false;
  const std::uint8_t wanted = kClass[piece[1]];
  if (wanted != kLower && wanted != kUpper) return false;
  return std::all_of(piece.begin() + 1, piece.end(), [&](std::uint8_t byte) { return kClass[byte] == wanted; }) &&
         (kClass[piece[0]] == wanted || kClass[piece[0]] == kUpper);
}

// Where the signs stand that divide a run. Most runs are short, and told of all at once.
class Signs {
 public:
  explicit Signs(Bytes run) : run_(run), marks_(run.size() <= 64 ? mark_token_signs(run.data(), run.size()) : 0) {}

  /// The first sign from `at` on, else the run's end.
  std::size_t next(std::size_t at) const { return find(at, marks_, true); }
  /// The first byte from `at` on that is none, else the run's end.
  std::size_t next_other(std::size_t at) const { return find(at, ~marks_, false); }

 private:
  std::size_t find(std::size_t at, std::uint64_t wanted, bool sign) const {
    if (run_.size() > 64) {
      while (at < run_.size() && (kClass[run_[at]] == kSign) != sign) ++at;
      return at;
    }
    const std::uint64_t from = at < 64 ? wanted >> at : 0;
    return from == 0 ? run_.size() : std::min(run_.size(), at + static_cast<std::size_t>(std::countr_zero(from)));
  }

  Bytes run_;
  std::uint64_t marks_;
};

// Where the last word of a run ends that is joined to the rest by signs; 0 when it has none.
std::size_t last_word_end(Bytes run, const Signs& signs) {
  std::size_t found = 0;
  for (std::size_t at = 0; at < run.size();) {
    const std::size_t end = signs.next(at);
    if (is_word(run.subspan(at, end - at))) found = end;
    at = end + 1;
  }
  return found;
}

bool is_uuid(Bytes run) {
  if (run.size() != 36) return false;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? run[i] != '-' : hex_value(run[i]) < 0) return false;
  }
  return true;
}

bool open_hex(Walker& walker, const Value& value, Bytes run) {
  Arena::Scope scope(walker.arena());
  std::uint8_t* out = walker.take_output(run.size() / 2);
  if (!out) return false;
  decode_hex(run, out);
  const Bytes decoded(out, run.size() / 2);
  if (is_opaque(decoded) && walker.pass_opaque(value, decoded)) return true;
  walker.made(value, "hex", nullptr, run, decoded, [&](const Value& made) { walker.open(made); });
  return true;
}

// What must speak for decoded base64.
enum class Proof {
  content,  // it is text, or starts like a known format
  shape,    // or its characters are mixed as those of random bytes are
};

bool open_base64(Walker& walker, const Value& value, Bytes run, Proof proof, bool random) {
  const bool any_content = proof == Proof::shape && random;
  if (!any_content && !may_hold_content(run)) return false;
  Arena::Scope scope(walker.arena());
  std::uint8_t* out = walker.take_output(run.size() / 4 * 3 + 3);
  if (!out) return false;
  const auto size = decode_base64(run, out);
  if (!size || *size < 4) return false;
  const Bytes decoded(out, *size);
  if (!any_content && !has_magic(decoded) && !is_plain_text(decoded)) return false;
  if (is_opaque(decoded) && walker.pass_opaque(value, decoded)) return true;
  walker.made(value, base64_step(run), nullptr, run, decoded, [&](const Value& made) { walker.open(made); });
  return true;
}

bool open_piece(Walker& walker, const Value& value, Bytes piece, Proof proof) {
  // Most pieces are no hex, which shows at once, and no content, whatever their shape.
  const bool may_be_hex = !((kBits[piece[0]] | kBits[piece[1]]) & kHasNoHex);
  if (!may_be_hex && proof == Proof::content) return open_base64(walker, value, piece, proof, false);
  const Shape shape = shape_of(piece);
  if (shape.hex() && piece.size() % 2 == 0) return open_hex(walker, value, piece);
  return open_base64(walker, value, piece, proof, proof == Proof::shape && looks_random(shape, piece));
}

// A token may have a word in front of it or behind it, joined by a sign that base64 has too.
bool open_pieces(Walker& walker, const Value& value, Bytes run, const Signs& signs, Proof proof,
                 std::size_t words_end) {
  std::size_t starts = 0;
  bool any = false;
  auto attempt = [&](std::size_t begin, std::size_t end) {
    if (end - begin < kShortestRun) return false;
    return open_piece(walker, value, run.subspan(begin, end - begin), proof);
  };
  for (std::size_t at = 0; at < run.size();) {
    at = signs.next_other(at);
    const std::size_t end = signs.next(at);
    // From here to the run's end, else to the next sign.
    const bool start = at > 0 && end < run.size() && (proof == Proof::content || at > words_end);
    if (start && starts++ < kMostStarts && attempt(at, run.size())) return true;
    if (end > at && attempt(at, end)) any = true;
    at = end;
  }
  return any;
}

void open_run(Walker& walker, const Value& value, Bytes run, std::size_t padding, Shape shape) {
  const Bytes digits = run.first(run.size() - padding);
  if (is_uuid(digits)) return;
  if (shape.hex() && digits.size() % 2 == 0 && digits.size() >= kShortestRun) {
    open_hex(walker, value, digits);
    return;
  }
  const bool random = (padding > 0 && shape.upper() && shape.lower()) || looks_random(shape, digits);
  const bool divisible = shape.signs() && digits.size() > kShortestRun;
  // Content proves more than shape, of the whole as of a piece.
  if (open_base64(walker, value, run, divisible ? Proof::content : Proof::shape, random) || !divisible) return;
  const Signs digit_signs(digits), signs(run);
  const std::size_t words_end = last_word_end(digits, digit_signs);
  if (open_pieces(walker, value, run, signs, Proof::content, words_end)) return;
  // Words among the signs make it a path or a name with a token in it. A token may also hold what looks like a word
  // by accident (1 in 60 of SHA-512), so the whole counts too.
  if (words_end > 0) open_pieces(walker, value, run, signs, Proof::shape, words_end);
  if (!open_base64(walker, value, run, Proof::shape, random) && words_end == 0) {
    open_pieces(walker, value, run, signs, Proof::shape, 0);
  }
}

// Binary formats put a string's length right before it: of SHA-256 and SHA-512 in base64 that is `+`, `V` or `X`.
void open_counted(Walker& walker, const Value& value, Bytes run, std::size_t padding) {
  const std::size_t digits = run.size() - padding - 1, padded = (digits + 3) / 4 * 4;
  if (!is_digest_size(digits) || (run[0] != digits && run[0] != padded)) return;
  open_base64(walker, value, run.subspan(1, digits), Proof::shape, true);
}

bool is_standard_sign(std::uint8_t byte) { return byte == '/' || byte == '+'; }

// No token has signs of both alphabets: where a run has, those of the standard one stand between tokens.
void open_mixed_run(Walker& walker, const Value& value, Bytes run, std::size_t padding) {
  for (std::size_t at = 0; at < run.size();) {
    std::size_t end = at;
    while (end < run.size() && !is_standard_sign(run[end])) ++end;
    const std::size_t own = end == run.size() ? padding : 0;
    if (end - at >= kShortestRun + own) {
      const Bytes part = run.subspan(at, end - at);
      open_run(walker, value, part, own, shape_of(part.first(part.size() - own)));
    }
    at = end + 1;
  }
}

// Padding that completes the last group of four; other equals signs are somebody else's.
std::size_t padding_after(Bytes bytes, std::size_t begin, std::size_t end) {
  const std::size_t wanted = (4 - (end - begin) % 4) % 4;
  if (wanted == 0 || wanted == 3 || end + wanted > bytes.size()) return 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    if (bytes[end + i] != '=') return 0;
  }
  return wanted;
}

// MIME wraps base64 at 76 characters, PEM at 64: further lines of a run that is one such line. Returns the new end.
std::size_t join_lines(Bytes bytes, std::size_t begin, std::size_t end) {
  const std::size_t width = end - begin;
  if ((width != 76 && width != 64 && width != 60) || end >= bytes.size()) return end;
  while (true) {
    std::size_t next = end;
    if (next < bytes.size() && bytes[next] == '\r') ++next;
    if (next >= bytes.size() || bytes[next] != '\n') return end;
    std::size_t stop = ++next;
    while (stop < bytes.size() && stop - next < width && in_run(bytes[stop])) ++stop;
    if (stop == next) return end;
    if (stop - next < width) {
      stop += padding_after(bytes, next, stop);
      return (stop - next) % 4 == 0 ? stop : end;
    }
    end = stop;
  }
}

void open_runs(Walker& walker, const Value& value, Bytes bytes) {
  const std::size_t words = (bytes.size() + 63) / 64;
  const auto word = [&](std::size_t number) {
    return mark_bytes(bytes.data() + number * 64, std::min<std::size_t>(64, bytes.size() - number * 64)).token;
  };
  std::size_t at = 0;
  while (at + kShortestRun <= bytes.size()) {
    at = find_token_run(word, words, at);
    if (at >= bytes.size()) return;
    const TokenShape marks = token_shape(bytes.data() + at, std::min<std::size_t>(64, bytes.size() - at));
    std::size_t end = at + marks.size;
    Shape shape = shape_of(marks);
    for (; marks.size == 64 && end < bytes.size(); ++end) {
      const std::uint8_t bits = kBits[bytes[end]];
      if (bits & kEnds) break;
      shape.bits |= bits;
    }
    const std::size_t joined = join_lines(bytes, at, end);
    if (joined > end) {
      // No sign may be missing between lines, so the joined text has the shape of its first line.
      if (open_base64(walker, value, bytes.subspan(at, joined - at), Proof::shape, true)) {
        at = joined;
        continue;
      }
    }
    const std::size_t padding = padding_after(bytes, at, end);
    const Bytes run = bytes.subspan(at, end + padding - at);
    open_counted(walker, value, run, padding);
    const bool mixed = (shape.bits & kHasStandardSign) && (shape.bits & kHasUrlSign);
    mixed ? open_mixed_run(walker, value, run, padding) : open_run(walker, value, run, padding, shape);
    at = end + padding;
  }
}

bool ends_word(std::uint8_t c) { return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == 0x7f; }

void open_percent_words(Walker& walker, const Value& value, Bytes bytes) {
  std::size_t from = 0;
  while (from < bytes.size()) {
    const void* found = std::memchr(bytes.data() + from, '%', bytes.size() - from);
    if (!found) return;
    const auto at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
    if (at + 2 >= bytes.size() || hex_value(bytes[at + 1]) < 0 || hex_value(bytes[at + 2]) < 0) {
      from = at + 1;
      continue;
    }
    std::size_t begin = at, end = at;
    while (begin > from && at - begin < kLongestWord && !ends_word(bytes[begin - 1])) --begin;
    while (end < bytes.size() && end - at < kLongestWord && !ends_word(bytes[end])) ++end;
    open_percent(walker, value, bytes.subspan(begin, end - begin), false);
    from = end;
  }
}

// A short string may be base64 as a whole, but then it must decode to text.
void open_short(Walker& walker, const Value& value, Bytes bytes) {
  std::size_t end = 0;
  while (end < bytes.size() && in_run(bytes[end])) ++end;
  const std::size_t padding = padding_after(bytes, 0, end);
  if (end + padding != bytes.size() || end % 4 == 1) return;
  open_base64(walker, value, bytes, Proof::content, false);
}

}  // namespace

void open_tokens(Walker& walker, const Value& value, Bytes range, bool percent_words) {
  if (percent_words) open_percent_words(walker, value, range);
  if (range.size() >= kShortestRun) {
    open_runs(walker, value, range);
  } else if (range.size() >= kShortestWhole) {
    open_short(walker, value, range);
  }
}

}  // namespace tattle
