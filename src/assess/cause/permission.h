#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assess/cause/occurrence_times.h"
#include "assess/document.h"
#include "attribute/actions/action_log.h"

namespace tattle {

/// Who sent a disclosure and who got it, as far as the traffic says: what a line of the log must name to be about it.
struct Concerned {
  std::string sender;  // its name; empty: not known
  std::string host;
  std::vector<std::string> organisations;  // of the recipient: its own, and who runs its machines

  /// Whether the line's `app` is the sender's name, or its `recipient` an organisation, the host, a domain above it or
  /// `everyone`. Case does not matter.
  bool by(const Action& action) const;
};

/// How messages with a datum lie to the answers that prompts for it were given.
///
/// An answer at time a with the uncertainty u came before a message whose first packet is later than a + u, and after
/// one whose last packet is earlier than a - u; what is neither is too close to it. Of the answers before a message the
/// last one counts; without any, the first grant after it, or else the first refusal. A message that is too close to an
/// answer which would change its state is `too-close`.
///
/// Only answers of lines that name this sender or recipient count. Where the log has none, it has at best a prompt of
/// somebody else for such data: then it is said which occurrences came before the first of these, and no more.
PermissionReport permission_of(const std::vector<OccurrenceTimes::Row>& rows, const ActionLog& log,
                               std::string_view datum, const Concerned& concerned);

/// Whether the owner was told that the datum is sent to this recipient, or by this sender: by a screen of a line that
/// names one of them, those occurrences that were not surely over by then; what is said elsewhere has no time. Else
/// whether a screen mentioned such data or a prompt asked for them. What came only after the last occurrence told of
/// none of them.
ToldReport told_of(const std::vector<OccurrenceTimes::Row>& rows, const ActionLog& log, std::string_view datum,
                   const Concerned& concerned);

}  // namespace tattle
