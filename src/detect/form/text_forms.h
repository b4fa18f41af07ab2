#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tattle {

/// Unicode normalisation and case of UTF-8 text; text that is not UTF-8 comes back as it is.
std::string to_nfc(std::string_view text);
std::string to_nfd(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool is_ascii(std::string_view text);

/// The character at `at`, which moves behind it; negative, and one byte on, when it is not UTF-8.
std::int32_t next_character(std::string_view text, std::size_t& at);

/// The text's first `count` characters.
std::string_view first_characters(std::string_view text, std::size_t count);
std::size_t character_count(std::string_view text);

}  // namespace tattle
