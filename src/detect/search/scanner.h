#pragma once

#include <hs/hs.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "detect/search/database.h"
#include "detect/search/key_words.h"

namespace tattle {

/// A match in one run of bytes.
struct Candidate {
  static constexpr std::uint32_t kInferred = ~std::uint32_t{0};
  std::size_t begin = 0, end = 0;                // bytes of the run
  std::size_t anchor_begin = 0, anchor_end = 0;  // the part that says which value it is in: of a place, its latitude
  std::uint32_t target = kInferred;
  std::string_view datum;           // of what is inferred; else empty
  std::string_view form, spelling;  // string literals
  double log2_probability = 0;
  std::string context;  // why it is corroborated; empty when it is not
  bool claimed = false;
};

/// Finds known values in runs of bytes. One for each thread.
class Scanner {
 public:
  Scanner(std::shared_ptr<const Database> database, std::uint64_t most_candidates);
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  /// Appends what one run of bytes holds of a subject's values, by place, one for each place of an entry.
  /// @param infer  Whether values are also inferred from keys.
  /// @return       False when there were more than are kept.
  bool scan(Bytes bytes, std::int32_t subject, bool infer, std::vector<Candidate>& out);

  /// Whether `scan` surely finds nothing, for any subject, in short bytes without UTF-16 (`decode/token/opaque.h`).
  bool finds_nothing(Bytes opaque, bool infer);

  /// The value itself is a planted photo.
  void match_photo(Bytes bytes, std::int32_t subject, std::vector<Candidate>& out) const;

  const Database& database() const { return *database_; }

 private:
  struct Degreed {
    std::uint32_t place;
    bool latitude;
    Degrees degrees;
  };
  static int on_literal(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void* self);
  void meet(const Pattern& pattern, std::size_t end);
  bool meet_word(const KeyWords::Word& word);
  void scan_literals(std::string_view text);
  void scan_wide(std::string_view text);
  void scan_narrow(bool last);
  void pair_places();
  void add_inferred();
  bool full() const { return found_.size() + degrees_.size() + keyed_[0].size() + keyed_[1].size() >= most_; }

  std::shared_ptr<const Database> database_;
  std::uint64_t most_;
  hs_scratch_t* scratch_ = nullptr;
  // Of the run being scanned.
  std::string_view text_;
  std::int32_t subject_ = 0;
  bool infer_ = false;
  std::vector<Candidate> found_;
  std::vector<Degreed> degrees_;
  std::vector<Degrees> keyed_[2];  // latitudes, longitudes
  std::vector<Candidate> inferred_;
  KeyWords key_words_;
  std::string narrow_;  // UTF-16 runs as UTF-8, and where each of their bytes stands
  std::vector<std::size_t> narrow_at_;
};

}  // namespace tattle
