#pragma once

#include <string>
#include <string_view>

namespace tattle {

/// Text for HTML content and quoted attributes. Hostile bytes become harmless: markup is escaped, what is not UTF-8
/// becomes U+FFFD, control characters and direction overrides (Trojan Source) become visible symbols.
std::string escape_html(std::string_view text);

/// Escaped names of hosts that break after their dots, not within a word.
std::string breakable(const std::string& html);

/// Escaped text whose --options do not break at their hyphens.
std::string unbroken_options(const std::string& html);

/// `<tag class="name">text</tag>` with the text escaped; no attribute when the class is empty.
std::string element(std::string_view tag, std::string_view css_class, std::string_view text);

}  // namespace tattle
