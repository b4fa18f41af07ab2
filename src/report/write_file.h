#pragma once

#include <string>

#include "base/bytes.h"

namespace tattle {

/// Writes a file, for its owner alone unless told otherwise, whole or not at all: into `.NAME.part` beside it, then
/// renamed.
/// @throws UserError  It cannot be written: which file, why.
void write_whole_file(const std::string& path, Bytes bytes, unsigned mode = 0600);

}  // namespace tattle
