#pragma once

#include <string>
#include <vector>

#include "assess/document.h"
#include "attribute/actions/action_log.h"

namespace tattle {

/// Whether the tester's log is of the time that was captured. One that is of another time, mostly by a wrong time zone,
/// would show everything as unasked: it is of no use. Adds a sentence when all or some of its lines lie outside.
bool fits_captures(const ActionLog& log, const std::vector<CaptureReport>& captures,
                   std::vector<std::string>& warnings);

}  // namespace tattle
