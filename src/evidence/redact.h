#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tattle {

/// What may stay readable in a text that is otherwise masked.
struct KeptText {
  std::vector<std::string> values;  // as met; wherever they stand
  std::vector<std::string> names;   // of fields, when they stand as such: before `=`, or as a member of JSON
  bool names_of_values = false;     // the names under which the values stand too, if they are words: `lon=24.9354`
};

/// Masks a text: letters become x and digits 1, so that its shape and length stay; beside that nothing but `kept` does.
std::string redact_text(std::string_view text, const KeptText& kept);

/// The same for JSON, which stays JSON: numbers become 1, literals null. A text that is none becomes as redact_text
/// says.
std::string redact_json(std::string_view text, const KeptText& kept);

/// Whether any of the values stands in the text as it is.
bool holds_any(std::string_view text, const KeptText& kept);

}  // namespace tattle
