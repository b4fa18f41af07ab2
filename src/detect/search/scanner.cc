#include "detect/search/scanner.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "detect/inferred.h"

namespace tattle {
namespace {

// Characters in a row that make bytes UTF-16 rather than small numbers.
constexpr std::size_t kLeastWideRun = 4;

// How much of it is gathered before it is searched.
constexpr std::size_t kMostNarrowBytes = 1 << 20;

bool is_wide_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte < 0x7f) || byte >= 0xa0;
}

bool overlap(const Candidate& a, const Candidate& b) { return a.begin < b.end && b.begin < a.end; }

// Of matches of one entry that overlap, the longest stays, then the first spelling listed; in the order of places.
void keep_one_for_each_place(std::vector<Candidate>& found) {
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.target, b.end - b.begin) < std::tuple(b.target, a.end - a.begin);
  });
  std::vector<Candidate> kept;
  for (std::size_t i = 0; i < found.size();) {
    const std::uint32_t target = found[i].target;
    // Longest first: what overlaps a kept one is a part of it. Places of kept ones are few, or far apart.
    std::vector<std::pair<std::size_t, std::size_t>> taken;
    for (; i < found.size() && found[i].target == target; ++i) {
      const auto at = std::lower_bound(taken.begin(), taken.end(), std::pair(found[i].begin, found[i].end));
      const bool after = at != taken.end() && at->first < found[i].end;
      const bool before = at != taken.begin() && std::prev(at)->second > found[i].begin;
      if (after || before) continue;
      taken.insert(at, {found[i].begin, found[i].end});
      kept.push_back(std::move(found[i]));
    }
  }
  found = std::move(kept);
}

// A part of an entry that lies inside another part of the same entry, as a name in an address, is not met by itself.
void drop_contained_parts(std::vector<Candidate>& found, const Database& database) {
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.begin, b.end, a.target) < std::tuple(b.begin, a.end, b.target);
  });
  std::vector<Candidate> kept;
  for (Candidate& candidate : found) {
    bool contained = false;
    for (std::size_t back = kept.size(); back > 0 && kept.size() - back < 16 && !contained; --back) {
      const Candidate& other = kept[back - 1];
      const Target &a = database.targets[candidate.target], &b = database.targets[other.target];
      contained =
          a.subject == b.subject && a.entry == b.entry && other.end >= candidate.end && other.begin <= candidate.begin;
    }
    if (!contained) kept.push_back(std::move(candidate));
  }
  found = std::move(kept);
}

}  // namespace

Scanner::Scanner(std::shared_ptr<const Database> database, std::uint64_t most_candidates)
    : database_(std::move(database)), most_(most_candidates) {
  if (database_->literals && hs_alloc_scratch(database_->literals, &scratch_) != HS_SUCCESS) {
    throw std::runtime_error("no memory for searching");
  }
}

Scanner::~Scanner() { hs_free_scratch(scratch_); }

int Scanner::on_literal(unsigned id, unsigned long long, unsigned long long to, unsigned, void* self) {
  auto& scanner = *static_cast<Scanner*>(self);
  for (const Pattern& pattern : scanner.database_->patterns[id]) scanner.meet(pattern, static_cast<std::size_t>(to));
  return scanner.full() ? 1 : 0;
}

void Scanner::meet(const Pattern& pattern, std::size_t end) {
  const std::size_t begin = end - pattern.length;
  switch (pattern.kind) {
    case Pattern::Kind::value: {
      if (database_->targets[pattern.target].subject != subject_) return;
      if (!edges_hold(text_, begin, end, pattern.edge)) return;
      found_.push_back({begin,
                        end,
                        begin,
                        end,
                        pattern.target,
                        {},
                        pattern.host_name ? "host-name" : "plain",
                        pattern.spelling,
                        pattern.log2_probability,
                        {},
                        false});
      return;
    }
    case Pattern::Kind::subaddress: {
      const SubaddressTarget& known = database_->subaddresses[pattern.target];
      if (database_->targets[known.target].subject != subject_) return;
      const std::size_t whole = subaddress_end(text_, end, known.address);
      if (whole == end || !edges_hold(text_, begin, whole, pattern.edge)) return;
      found_.push_back({begin,
                        whole,
                        begin,
                        whole,
                        known.target,
                        {},
                        "plain",
                        pattern.spelling,
                        pattern.log2_probability,
                        {},
                        false});
      return;
    }
    case Pattern::Kind::latitude:
    case Pattern::Kind::longitude:
      if (database_->targets[database_->places[pattern.target].target].subject != subject_) return;
      if (const auto degrees = parse_degrees(text_, begin)) {
        degrees_.push_back({pattern.target, pattern.kind == Pattern::Kind::latitude, *degrees});
      }
      return;
  }
}

// Returns false once there are as many as are kept.
bool Scanner::meet_word(const KeyWords::Word& word) {
  const auto [begin, end, number] = word;
  const InferredKey& key = inferred_keys()[number];
  if (key.kind == InferredKey::Kind::latitude || key.kind == InferredKey::Kind::longitude) {
    if (const auto degrees = keyed_degrees(text_, begin, end)) {
      auto& list = keyed_[key.kind == InferredKey::Kind::latitude ? 0 : 1];
      // `lat` and `latitude` meet the same number.
      if (list.empty() || list.back().begin != degrees->begin) list.push_back(*degrees);
    }
    return keyed_[0].size() + keyed_[1].size() < most_;
  }
  if (auto value = examine_key(text_, begin, end, key)) {
    inferred_.push_back({value->begin, value->end, value->begin, value->end, Candidate::kInferred, value->datum,
                         "plain", "", value->log2_probability, std::move(value->context), false});
  }
  return true;
}

void Scanner::scan_literals(std::string_view text) {
  constexpr std::size_t kShort = 64;
  text_ = text;
  if (text.size() <= kShort && !database_->may_hold_literal(as_bytes(text))) return;
  // Vectorscan takes no more than 4 GiB at once; no value comes near.
  const auto size = static_cast<unsigned>(std::min<std::size_t>(text.size(), 0xffffffffu));
  if (database_->literals) hs_scan(database_->literals, text.data(), size, 0, scratch_, on_literal, this);
  database_->long_literals.scan(
      text, [this](std::uint32_t number, std::size_t end) { return on_literal(number, 0, end, 0, this) == 0; });
}

void Scanner::scan_wide(std::string_view text) {
  const auto next_nul = [&](std::size_t from) {
    const void* at = from < text.size() ? std::memchr(text.data() + from, 0, text.size() - from) : nullptr;
    return at ? static_cast<std::size_t>(static_cast<const char*>(at) - text.data()) : text.size();
  };
  narrow_.clear();
  narrow_at_.clear();
  const auto put = [&](char c, std::size_t at) {
    narrow_ += c;
    narrow_at_.push_back(at);
  };
  std::size_t done = 0;
  for (std::size_t nul = next_nul(0); nul < text.size(); nul = next_nul(std::max(nul + 1, done))) {
    // Either byte order is a row of characters with a NUL between each two.
    const std::size_t begin = nul > done && is_wide_character(text[nul - 1]) ? nul - 1 : nul + 1;
    std::size_t end = begin;
    while (end < text.size() && is_wide_character(text[end]) && (end + 1 >= text.size() || text[end + 1] == 0))
      end += 2;
    // In big-endian order the last character has another's first byte, or nothing, behind it.
    if (end < text.size() && end > begin && is_wide_character(text[end])) end += 2;
    if ((end - begin) / 2 < kLeastWideRun) continue;
    for (std::size_t at = begin; at < end && at < text.size(); at += 2) {
      const auto byte = static_cast<unsigned char>(text[at]);
      if (byte >= 0x80) put(static_cast<char>(0xc0 | byte >> 6), at);
      put(byte >= 0x80 ? static_cast<char>(0x80 | (byte & 0x3f)) : text[at], at);
      if (narrow_.size() >= kMostNarrowBytes) scan_narrow(false);
    }
    put('\n', std::min(end, text.size() - 1));
    done = end - 1;
  }
  if (!narrow_.empty()) scan_narrow(true);
}

// Searches what was gathered; unless it is the last, its end stays, to be searched with what follows.
void Scanner::scan_narrow(bool last) {
  constexpr std::size_t kKept = 4096, kEdge = 8;
  const std::size_t before = found_.size();
  std::vector<Degreed> degrees = std::exchange(degrees_, {});
  scan_literals(narrow_);
  degrees_ = std::move(degrees);
  // What follows the cut may make a match a part of something longer.
  const std::size_t whole = last ? narrow_.size() : narrow_.size() - kEdge;
  const auto cut = [&](const Candidate& candidate) { return candidate.end > whole; };
  const auto fresh = found_.begin() + static_cast<std::ptrdiff_t>(before);
  found_.erase(std::remove_if(fresh, found_.end(), cut), found_.end());
  for (std::size_t i = before; i < found_.size(); ++i) {
    Candidate& candidate = found_[i];
    candidate.begin = candidate.anchor_begin = narrow_at_[candidate.begin];
    candidate.end = candidate.anchor_end = narrow_at_[candidate.end - 1] + 1;
    candidate.spelling = "UTF-16";
  }
  const std::size_t kept = last ? 0 : std::min(kKept, narrow_.size());
  narrow_.erase(0, narrow_.size() - kept);
  narrow_at_.erase(narrow_at_.begin(), narrow_at_.end() - static_cast<std::ptrdiff_t>(kept));
}

void Scanner::pair_places() {
  for (std::uint32_t number = 0; number < database_->places.size(); ++number) {
    std::vector<Degrees> latitudes, longitudes;
    for (const Degreed& met : degrees_) {
      if (met.place != number) continue;
      auto& list = met.latitude ? latitudes : longitudes;
      if (list.empty() || list.back().begin != met.degrees.begin) list.push_back(met.degrees);
    }
    if (latitudes.empty() || longitudes.empty()) continue;
    const PlaceTarget& place = database_->places[number];
    for (PlacePair& pair : pair_up(text_, latitudes, longitudes, place.place)) {
      found_.push_back({std::min(pair.latitude.begin, pair.longitude.begin),
                        std::max(pair.latitude.end, pair.longitude.end),
                        pair.latitude.begin,
                        pair.latitude.end,
                        place.target,
                        {},
                        "plain",
                        "decimal degrees",
                        log2_probability(place.place),
                        std::move(pair.context),
                        false});
    }
  }
}

void Scanner::add_inferred() {
  for (Inferred& place : infer_places(keyed_[0], keyed_[1])) {
    inferred_.push_back({place.begin, place.end, place.begin, place.end, Candidate::kInferred, place.datum, "plain",
                         "decimal degrees", place.log2_probability, std::move(place.context), false});
  }
  std::stable_sort(inferred_.begin(), inferred_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.begin < b.begin; });
  const auto& known = database_->known[static_cast<std::size_t>(subject_)];
  const std::size_t planted = found_.size();
  for (Candidate& candidate : inferred_) {
    const std::string_view value = text_.substr(candidate.begin, candidate.end - candidate.begin);
    const auto covers = [&](const Candidate& other) { return overlap(other, candidate); };
    if (std::any_of(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(planted), covers)) continue;
    if (found_.size() > planted && overlap(found_.back(), candidate)) continue;
    if (known.contains(normalized_value(value))) continue;
    found_.push_back(std::move(candidate));
  }
}

bool Scanner::scan(Bytes bytes, std::int32_t subject, bool infer, std::vector<Candidate>& out) {
  const std::string_view text = as_text(bytes);
  subject_ = subject;
  infer_ = infer;
  found_.clear();
  degrees_.clear();
  inferred_.clear();
  keyed_[0].clear();
  keyed_[1].clear();
  scan_wide(text);
  scan_literals(text);
  if (infer_) key_words_.scan(text, [this](const KeyWords::Word& word) { return meet_word(word); });
  if (!degrees_.empty()) pair_places();
  database_->tokens.scan(bytes, [&](std::size_t at, const TokenTable::Match& match) {
    if (full() || database_->targets[match.text->target].subject != subject) return;
    found_.push_back({at,
                      at + match.size,
                      at,
                      at + match.size,
                      match.text->target,
                      {},
                      match.form,
                      match.text->spelling,
                      match.log2_probability,
                      {},
                      false});
  });
  if (found_.empty() && inferred_.empty() && keyed_[0].empty()) return true;
  const bool complete = !full();
  keep_one_for_each_place(found_);
  drop_contained_parts(found_, *database_);
  add_inferred();
  std::stable_sort(found_.begin(), found_.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.anchor_begin, a.begin, a.target) < std::tuple(b.anchor_begin, b.begin, b.target);
  });
  std::move(found_.begin(), found_.end(), std::back_inserter(out));
  return complete;
}

bool Scanner::finds_nothing(Bytes opaque, bool infer) {
  if (database_->may_hold_literal(opaque)) return false;
  bool nothing = true;
  database_->tokens.scan(opaque, [&](std::size_t, const TokenTable::Match&) { nothing = false; });
  if (!nothing || !infer) return nothing;
  key_words_.scan(as_text(opaque), [&](const KeyWords::Word&) { return nothing = false; });
  return nothing;
}

void Scanner::match_photo(Bytes bytes, std::int32_t subject, std::vector<Candidate>& out) const {
  const auto [first, last] = database_->photos.equal_range(bytes.size());
  if (first == last) return;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  for (auto at = first; at != last; ++at) {
    const auto& wanted = at->second.part->sha256;
    if (database_->targets[at->second.target].subject != subject) continue;
    if (wanted.size() != size || !std::equal(wanted.begin(), wanted.end(), digest.begin())) continue;
    out.push_back({0,
                   bytes.size(),
                   0,
                   bytes.size(),
                   at->second.target,
                   {},
                   "plain",
                   "whole file",
                   -8.0 * static_cast<double>(size),
                   {},
                   false});
  }
}

}  // namespace tattle
