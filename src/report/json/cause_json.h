#pragma once

#include <nlohmann/json.hpp>

#include "assess/document.h"

namespace tattle {

/// Adds `prompting` and `linked` to a disclosure.
void put_cause(nlohmann::ordered_json& json, const DisclosureReport& disclosure, bool reveal);

/// Adds `links` and `changes` to the document, where there are any.
void put_links(nlohmann::ordered_json& json, const AuditDocument& document, bool reveal);

}  // namespace tattle
