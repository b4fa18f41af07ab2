#pragma once

#include <string>
#include <string_view>

#include "decode/walker.h"

namespace tattle {

/// The line at `at`, without its end; `at` moves behind it. Lines may end in LF alone.
std::string_view next_mime_line(std::string_view text, std::size_t& at);

/// Opens fields, an empty line and content: a mail, or a part of a multipart. Makes a node for the fields, with one for
/// each inside, and one for the content, both called `step`. False when a limit forbids them.
/// Sources: RFC 5322 section 2.2 (fields, folding), RFC 2045 (Content-Transfer-Encoding), RFC 2047 (encoded words).
bool open_mime_entity(Walker& walker, const Value& value, std::string_view entity, std::string_view step);

/// Text of a field with its folds and encoded words undone, in UTF-8; a word in an unknown charset gives its bytes.
/// Sources: RFC 5322 section 2.2.3, RFC 2047 sections 2 and 6.2, RFC 2231 section 5 (language).
std::string decode_field_text(std::string_view text);

}  // namespace tattle
