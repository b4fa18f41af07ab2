#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/messages.h"

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

/// What the tester did, by the index that `timing` and `permission` use; null when there is none.
const Json& action_at(const Json& audit, const Json& index);
/// What the tester calls it, its hyphens as spaces; `?` when there is none.
std::string action_label(const Json& audit, const Json& index, const Messages& say);
/// Whether it says that the phone was left alone.
bool is_sleep(const Json& action);

/// HTML of a sentence that a stage wrote in English: in the page's language where the catalogue knows it, else marked
/// as English for those who have the page read to them.
std::string said_html(const Messages& messages, std::string_view english);

/// `<dt>term</dt><dd>html</dd>`, or nothing for an empty one.
std::string fact_row(const Messages& messages, const char* term, const std::string& html);

}  // namespace tattle
