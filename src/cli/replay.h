#pragma once

#include <string>
#include <vector>

namespace tattle {

/// What came of a replay, a line each.
struct Replay {
  std::vector<std::string> same, not_compared, differences;
};

/// Audits again what the folder's audit read, with the same command line, and compares audit.json, report.html and
/// audit.db. Changes the current folder to the one of that command line.
/// @throws UserError  A file that the audit read is not there any more, or run.json does not say enough.
Replay replay_audit(const std::string& folder);

}  // namespace tattle
