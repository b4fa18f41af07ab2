#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/seal/manifest.h"

namespace tattle {

/// How an audit document compares with the laboratory's truth, and what was not right, a line each.
struct SelftestResult {
  SelftestScore score;
  std::vector<std::string> faults;
};

/// Compares verified disclosures by datum, entry, form, direction, transport, host (else first address) and role, with
/// their counts. Entries of the truth that are `optional` may be absent. tests/score.py does the same.
/// @error selftest.document, selftest.truth  Not JSON, or lacks what is compared.
Result<SelftestResult> compare_with_truth(std::string_view document, std::string_view truth);

/// `51 right, 0 missed, 0 extra`, and those with another count when there are any.
std::string to_string(const SelftestScore& score);

/// The sample of known truth: samples/ of the source tree, or where it was installed.
/// @throws UserError  It is not there.
std::string find_samples();

}  // namespace tattle
