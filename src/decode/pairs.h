#pragma once

#include "decode/walker.h"

namespace tattle {

/// Makes a node for each `name=value` of a range, separated by `&`: step `form` or `query`, detail the name.
void open_pairs(Walker& walker, const Value& value, std::string_view step, Bytes range);

/// Opens a value of which plus signs and percent signs may be escapes.
void open_escaped(Walker& walker, const Value& value);

/// Makes nodes for the parts of a request target or URL: step `path` for each segment, `query` for each parameter.
/// @param all_segments  False: only those that may hold something to open.
void open_url_parts(Walker& walker, const Value& value, Bytes range, bool all_segments);

/// Makes a node for each cookie. @param only_first  Set-Cookie: what follows the first are attributes.
void open_cookies(Walker& walker, const Value& value, bool only_first);

}  // namespace tattle
