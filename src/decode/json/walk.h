#pragma once

#include "decode/json/index.h"
#include "decode/walker.h"

namespace tattle {

/// Follows the token positions through a JSON text and makes a node of each string and number, opening strings and long
/// keys. It stops at the first thing that no JSON text has there: a path behind it would be a guess.
/// @param text    Part of the value's bytes.
/// @param index   Of that text.
/// @return        False when no node was made before the text turned out to be something else.
/// @anomaly decode.cut-json        Containers are open at the end.
/// @anomaly decode.malformed-json  What comes behind is looked through for tokens alone.
bool walk_json(Walker& walker, const Value& value, Bytes text, const JsonIndex& index);

}  // namespace tattle
