#include "detect/form/text_forms.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "decode/token/text.h"

namespace tattle {
namespace {

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString wide(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string normalized(std::string_view text, const icu::Normalizer2* form, UErrorCode status) {
  if (is_ascii(text) || !is_utf8(as_bytes(text)) || U_FAILURE(status)) return std::string(text);
  const icu::UnicodeString result = form->normalize(wide(text), status);
  return U_FAILURE(status) ? std::string(text) : utf8(result);
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
std::int32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t first = byte(at++);
  if (first < 0x80) return static_cast<std::int32_t>(first);
  const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4 || text.size() - at < more) return -1;
  std::uint32_t character = first & (0x3fu >> more);
  for (std::size_t i = 0; i < more; ++i) {
    if ((byte(at + i) & 0xc0u) != 0x80) return -1;
    character = character << 6 | (byte(at + i) & 0x3fu);
  }
  static constexpr std::uint32_t kLeast[4] = {0, 0x80, 0x800, 0x10000};
  if (character < kLeast[more] || character > 0x10ffff || (character >= 0xd800 && character < 0xe000)) return -1;
  at += more;
  return static_cast<std::int32_t>(character);
}

std::string to_nfc(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFCInstance(status);
  return normalized(text, form, status);
}

std::string to_nfd(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFDInstance(status);
  return normalized(text, form, status);
}

std::string to_lower(std::string_view text) {
  if (is_ascii(text)) return lower_case(text);
  if (!is_utf8(as_bytes(text))) return std::string(text);
  return utf8(wide(text).toLower(icu::Locale::getRoot()));
}

std::string to_upper(std::string_view text) {
  if (is_ascii(text)) {
    std::string upper(text);
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return upper;
  }
  if (!is_utf8(as_bytes(text))) return std::string(text);
  return utf8(wide(text).toUpper(icu::Locale::getRoot()));
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && count > 0; --count) next_character(text, at);
  return text.substr(0, at);
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) next_character(text, at);
  return count;
}

}  // namespace tattle
