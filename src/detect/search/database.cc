#include "detect/search/database.h"

#include <fmt/format.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <stdexcept>

#include "detect/form/text_forms.h"

namespace tattle {
namespace {

// Shorter literals would be met everywhere, and prove nothing.
constexpr std::size_t kLeastLiteralBytes = 3;

// From here on Vectorscan's compiling and searching cost more than a second look at the text.
constexpr std::size_t kManyLiterals = 500;

// Text with characters beyond U+00FF in UTF-16; the scanner itself sees through the rest.
std::string utf16(std::string_view text, bool big_endian) {
  const icu::UnicodeString wide =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  std::string out;
  bool needed = false;
  for (std::int32_t i = 0; i < wide.length(); ++i) {
    const char16_t unit = wide[i];
    needed |= unit > 0xff;
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xff);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  }
  // Vectorscan refuses literals that begin with a NUL.
  return needed ? out.substr(std::min(out.size(), out.find_first_not_of('\0'))) : std::string();
}

}  // namespace

std::string normalized_value(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

Database::Database(const std::vector<Subject>& wanted) : subjects(wanted), known(wanted.size()) {
  for (std::size_t s = 0; s < subjects.size(); ++s) {
    const auto& entries = subjects[s].entries;
    for (std::size_t e = 0; e < entries.size(); ++e) {
      const Entry& entry = entries[e];
      const auto add_target = [&](std::string_view part) {
        targets.push_back({static_cast<std::int32_t>(s), static_cast<std::int32_t>(e), &entry, part});
        return static_cast<std::uint32_t>(targets.size() - 1);
      };
      if (entry.place) add_place(add_target("value"), *entry.place);
      for (const Entry::Part& part : entry.parts) {
        const std::uint32_t target = add_target(part.role);
        if (!part.sha256.empty()) {
          photos.emplace(part.size, PhotoTarget{target, &part});
          smallest_photo = std::min<std::size_t>(smallest_photo, part.size);
          for (const auto& [form, digest] : part.digests) {
            tokens.add_token({std::string(as_text(digest)), target, "whole file", 0, form});
          }
        } else {
          add_part(target, shape_of(entry.datum, part.role), part.text);
        }
      }
    }
  }
  tokens.build();
  compile_literals();
}

Database::~Database() { hs_free_database(literals); }

void Database::add_part(std::uint32_t target, Shape shape, const std::string& text) {
  const auto subject = static_cast<std::size_t>(targets[target].subject);
  for (const Spelling& spelling : plain_spellings(shape, text)) {
    known[subject].insert(normalized_value(spelling.text));
    Pattern pattern{Pattern::Kind::value,      spelling.edge, spelling.host_name, 0, target, spelling.name,
                    log2_probability(spelling)};
    add_literal(spelling.text, pattern);
    if (is_ascii(spelling.text)) continue;
    pattern.edge = Edge::none;
    for (bool big_endian : {false, true}) {
      pattern.spelling = big_endian ? "UTF-16BE" : "UTF-16LE";
      add_literal(utf16(spelling.text, big_endian), pattern);
    }
  }
  if (auto address = subaddress_of(shape, text)) {
    const double probability = log2_probability({address->head + address->tail, "", Edge::email});
    const auto number = static_cast<std::uint32_t>(subaddresses.size());
    add_literal(address->head,
                {Pattern::Kind::subaddress, Edge::email, false, 0, number, "with a detail", probability});
    subaddresses.push_back({target, std::move(*address)});
  }
  for (Spelling& spelling : hashed_spellings(shape, text)) {
    const double probability = log2_probability(spelling);
    tokens.add_digests({std::move(spelling.text), target, spelling.name, probability});
  }
  for (Spelling& spelling : binary_spellings(shape, text)) {
    tokens.add_token({std::move(spelling.text), target, spelling.name, 0});
  }
}

void Database::add_place(std::uint32_t target, const Entry::Place& place) {
  const auto number = static_cast<std::uint32_t>(places.size());
  places.push_back({target, place});
  const auto add = [&](const std::vector<std::string>& prefixes, Pattern::Kind kind) {
    for (std::string prefix : prefixes) {
      add_literal(prefix, {kind, Edge::none, false, 0, number, "", 0});
      // The decimal comma of many languages, where the prefix is long enough to be rare.
      const auto point = prefix.find('.');
      if (point + 2 >= prefix.size() && point < 2) continue;
      prefix[point] = ',';
      add_literal(prefix, {kind, Edge::none, false, 0, number, "", 0});
    }
  };
  add(latitude_prefixes(place), Pattern::Kind::latitude);
  add(longitude_prefixes(place), Pattern::Kind::longitude);
}

void Database::add_literal(std::string_view text, Pattern pattern) {
  if (text.size() < (pattern.kind == Pattern::Kind::value ? kLeastLiteralBytes : 2)) return;
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  const auto [at, added] = literal_numbers_.emplace(std::move(lower), patterns.size());
  if (added) {
    patterns.emplace_back();
    add_start(at->first[0], at->first[1]);
  }
  pattern.length = static_cast<std::uint32_t>(text.size());
  patterns[at->second].push_back(pattern);
}

// Lower case letters and some signs share their start with another byte: that only makes a needless search.
void Database::add_start(char first, char second) {
  const std::size_t start = std::size_t{static_cast<std::uint8_t>(first)} << 8 | static_cast<std::uint8_t>(second);
  literal_starts_[(start | 0x2020) >> 6] |= std::uint64_t{1} << ((start | 0x2020) & 63);
}

bool Database::may_hold_literal(Bytes text) const {
  if (text.empty()) return false;
  // No branch for each byte, since random bytes would surprise it, and nothing carried from one byte to the next.
  std::uint64_t any = 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    const std::size_t start = (std::size_t{text[at - 1]} << 8 | text[at]) | 0x2020;
    any |= literal_starts_[start >> 6] >> (start & 63);
  }
  return any & 1;
}

void Database::compile_literals() {
  const auto is_long = [](const auto& literal) { return literal.first.size() >= LongLiterals::kLeastBytes; };
  const bool many = std::count_if(literal_numbers_.begin(), literal_numbers_.end(), is_long) >=
                    static_cast<std::ptrdiff_t>(kManyLiterals);
  // By number, so that the order of their matches does not depend on a hash table's.
  std::vector<std::string_view> literal_texts(patterns.size());
  for (const auto& [text, number] : literal_numbers_) literal_texts[number] = text;
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> ids;
  for (std::uint32_t number = 0; number < literal_texts.size(); ++number) {
    const std::string_view text = literal_texts[number];
    if (many && text.size() >= LongLiterals::kLeastBytes) {
      long_literals.add(std::string(text), number);
      continue;
    }
    texts.push_back(text.data());
    sizes.push_back(text.size());
    ids.push_back(number);
  }
  long_literals.build();
  if (texts.empty()) return literal_numbers_.clear();
  const std::vector<unsigned> flags(texts.size(), HS_FLAG_CASELESS);
  hs_compile_error_t* error = nullptr;
  const hs_error_t result =
      hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(), static_cast<unsigned>(texts.size()),
                           HS_MODE_BLOCK, nullptr, &literals, &error);
  if (result == HS_SUCCESS) return literal_numbers_.clear();
  const std::string why = error ? error->message : "no reason given";
  hs_free_compile_error(error);
  throw std::runtime_error(fmt::format("the known values cannot be compiled: {}", why));
}

std::shared_ptr<const MatcherDatabase> MatcherDatabase::compile(const std::vector<Subject>& subjects) {
  return std::make_shared<Database>(subjects);
}

}  // namespace tattle
