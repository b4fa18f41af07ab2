#pragma once

#include <string>

#include "evidence/seal/selftest.h"

namespace tattle {

/// Audits the sample of known truth in this process and compares.
/// @param folder  That holds lumia-evening.pcapng with its subject, places and truth.
/// @throws UserError  One of them is missing or wrong.
SelftestResult run_selftest(const std::string& folder, unsigned jobs);

}  // namespace tattle
