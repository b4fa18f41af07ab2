#pragma once

#include <string>
#include <string_view>

#include "detect/subject/datum.h"

namespace tattle {

/// Why meeting this value would prove little: too short for its expected number of accidents, or common. Empty when it
/// is good. One clause with what to do.
std::string doubt_of(Shape shape, std::string_view text);

}  // namespace tattle
