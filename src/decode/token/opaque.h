#pragma once

#include "base/bytes.h"

namespace tattle {

/// Whether these are 16 to 64 bytes in which `Walker::open` surely opens nothing: a digest, a key, most random bytes.
/// No two NULs stand in them with one byte between, so that none of it is UTF-16.
bool is_opaque(Bytes bytes);

}  // namespace tattle
