#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "detect/subject/subject.h"

namespace tattle {

struct WrittenLetters;  // of a text

/// Hides planted values inside longer texts: host names, JSON keys, request targets, what a User-Agent says.
///
/// Letters and digits alone are compared, without regard to ASCII case, behind the escapes of URLs, JSON and HTML, so
/// that a phone number is found with any separators, and so are other spellings of a value, and its hex, base64 and
/// base32; forwards and backwards. Hides too much
/// rather than too little. Values of fewer than four letters and digits are left: they prove nothing and would hide
/// half of every text.
class Masker {
 public:
  enum class Scope : std::uint8_t {
    everything,
    hosts,  // without the entries `browsing` and `search`: which sites were reached is what a recipient is
  };
  Masker(const std::vector<Subject>& subjects, Scope scope);

  /// @param also  More values to hide, as met in the same message.
  std::string mask(std::string_view text, const std::vector<std::string_view>& also = {}) const;

  /// Hides a text that is a private value as a whole.
  std::string mask_whole(std::string_view value) const;

 private:
  bool holds_value(std::string_view text) const;
  /// Whether a needle of `shortest` letters or more stands in them.
  bool holds_needle(std::string_view letters, std::size_t shortest) const;
  void hide_backwards(const WrittenLetters& letters, std::vector<bool>& hidden) const;
  /// Hides tokens that are hex or base64 of a value.
  void hide_encoded(std::string_view text, std::string_view alphabet, const std::vector<std::string>& more,
                    std::vector<bool>& hidden) const;
  void add(std::string_view value);
  std::vector<std::string> needles_;                                        // letters and digits alone, lower case
  std::unordered_set<std::string> known_;                                   // the same
  std::vector<std::pair<std::string, std::string>> mailboxes_;              // likewise: local part, domain
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_start_;  // by their first four letters
  /// The needles that may begin at a place of such letters.
  std::span<const std::uint32_t> starting_at(std::string_view letters, std::size_t at) const;
};

}  // namespace tattle
