#pragma once

#include <string>
#include <vector>

namespace tattle {

/// Audits again what the folder's audit read, with the same command line, and compares the documents. Changes the
/// current folder to the one of that command line.
/// @returns  What differs, a line each; empty when audit.json came out the same byte for byte.
/// @throws UserError  A file that the audit read is not there any more, or run.json does not say enough.
std::vector<std::string> replay_audit(const std::string& folder);

}  // namespace tattle
