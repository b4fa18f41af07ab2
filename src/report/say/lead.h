#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "assess/document.h"
#include "report/say/messages.h"

namespace tattle {

/// The sentence a newspaper would lead with: which one datum went to which one recipient, how often, in what time, and
/// what makes it grave. Made of verified values sent, never of inferred ones. Empty when there is none.
struct Lead {
  std::string sentence;
  std::string note;  // what a word of it means; may be empty
};

/// @param json  The same document as JSON: `timing` and `permission` of its disclosures are used where present.
Lead lead_of(const AuditDocument& document, const nlohmann::ordered_json& json, bool reveal, const Messages& messages);

}  // namespace tattle
