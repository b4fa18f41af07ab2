#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "assess/document.h"

namespace tattle {

/// The audit document of the contract (data/audit.schema.json). Strings are UTF-8; one that was not has U+FFFD in
/// it and its bytes beside it as `NAME-base64`. Planted values are masked unless `reveal`.
nlohmann::ordered_json to_json(const AuditDocument& document, bool reveal);

}  // namespace tattle
