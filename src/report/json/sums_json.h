#pragma once

#include <nlohmann/json.hpp>

#include "assess/document.h"

namespace tattle {

/// Adds `carried`, of which any sum of distinct messages can be made, and `totals`, the sums that are printed.
void put_sums(nlohmann::ordered_json& json, const AuditDocument& document);

}  // namespace tattle
