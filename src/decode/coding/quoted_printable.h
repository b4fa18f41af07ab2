#pragma once

#include "decode/walker.h"

namespace tattle {

/// Decodes all of a value that is declared to be quoted-printable. RFC 2045 section 6.7.
bool open_quoted_printable(Walker& walker, const Value& value, const Declared& inside);

}  // namespace tattle
