#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/json/json_members.h"
#include "report/say/messages.h"

namespace tattle {

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
