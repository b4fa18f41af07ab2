#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace tattle {

using Json = nlohmann::ordered_json;

// The document's members that only some audits have: absent or of another type means that nothing is said.

/// The member, or null.
const Json& member(const Json& object, const char* name);
/// Empty when it is no text.
std::string text_in(const Json& object, const char* name);
/// 0 when it is no number.
double number_in(const Json& object, const char* name);
/// A count of things; 0 when it is none or past belief.
std::uint64_t count_in(const Json& object, const char* name);

}  // namespace tattle
