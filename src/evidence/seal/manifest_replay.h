#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tattle {

/// What tells two audit documents apart, a line each: disclosures by their key, other members by name. Empty when their
/// bytes are the same.
std::vector<std::string> audit_differences(std::string_view sealed, std::string_view replayed);

}  // namespace tattle
