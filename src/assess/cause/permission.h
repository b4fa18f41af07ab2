#pragma once

#include <string_view>
#include <vector>

#include "assess/cause/occurrence_times.h"
#include "assess/document.h"
#include "attribute/actions/action_log.h"

namespace tattle {

/// How messages with a datum lie to the answers that prompts for it were given.
///
/// An answer at time a with the uncertainty u came before a message whose first packet is later than a + u, and after
/// one whose last packet is earlier than a - u; what is neither is too close to it. Of the answers before a message the
/// last one counts; without any, the first grant after it, or else the first refusal. A message that is too close to an
/// answer which would change its state is `too-close`.
PermissionReport permission_of(const std::vector<OccurrenceTimes::Row>& rows, const ActionLog& log,
                               std::string_view datum);

/// Whether the owner was told that the datum is sent. A prompt for it and a screen that says so tell at a screen, those
/// occurrences that were not surely over by then; what is said elsewhere has no time. A screen that came only after the
/// last occurrence told of none of them.
ToldReport told_of(const std::vector<OccurrenceTimes::Row>& rows, const ActionLog& log, std::string_view datum);

}  // namespace tattle
