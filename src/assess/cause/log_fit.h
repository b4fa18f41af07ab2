#pragma once

#include <string>
#include <vector>

#include "assess/document.h"
#include "attribute/actions/action_log.h"

namespace tattle {

/// The time of which the log says everything, so that what lies beside none of its actions was not asked for: between
/// the times that the tester states, else from the first line to the last one, as far as their uncertainty lets them be
/// sure. A last line that says that nothing is done from then on covers what follows.
/// @param log  With an action or more.
LogCover cover_of(const ActionLog& log);

/// Says of how many occurrences that were sent the log says nothing, and what to do about it.
void warn_of_cover(const ActionLog& log, const AuditDocument& document, std::vector<std::string>& warnings);

/// Whether the tester's log is of the time that was captured. One that is of another time, mostly by a wrong time zone,
/// would show everything as unasked: it is of no use. Adds a sentence when all or some of its lines lie outside.
bool fits_captures(const ActionLog& log, const std::vector<CaptureReport>& captures,
                   std::vector<std::string>& warnings);

}  // namespace tattle
