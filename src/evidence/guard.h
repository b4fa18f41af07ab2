#pragma once

#include <string>

#include "evidence/run_record.h"

namespace tattle {

/// Refuses a file to write that evidence rests on: what the audit read, what it wrote, what is sealed.
/// @param path    To be written; need not exist. `-` is never refused.
/// @param folder  Of the audit.
/// @throws UserError  Which of them it is, and what to do.
void check_output(const std::string& path, const std::string& folder, const RunRecord& run);

/// Refuses a folder to audit into that is sealed.
/// @throws UserError
void check_unsealed(const std::string& folder);

}  // namespace tattle
