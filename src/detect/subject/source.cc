#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/result.h"
#include "detect/subject/datum.h"
#include "detect/subject/yaml.h"

namespace tattle {

int line_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? 0 : mark.line + 1;
}

void SubjectSource::fail(int line, std::string_view field, std::string_view what) const {
  std::string text = fmt::format("{}:{}: {}: {}", shown, line, field, what);
  // What is quoted from the file may have line ends in it.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  throw UserError(text);
}

void SubjectSource::fail(const YAML::Node& at, std::string_view field, std::string_view what) const {
  fail(std::max(1, line_of(at)), field, what);
}

void SubjectSource::check_fields(const YAML::Node& map, std::string_view field,
                                 std::span<const std::string_view> allowed) const {
  if (!map.IsMap()) fail(map, field, "is not a list of fields; write it as `{field: value, …}`");
  std::set<std::string> seen;
  for (const auto& pair : map) {
    if (!pair.first.IsScalar()) fail(pair.first, field, "has a field whose name is not a word; write `field: value`");
    const std::string& name = pair.first.Scalar();
    if (!seen.insert(name).second) fail(pair.first, name, "stands twice; keep one of them");
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    const std::string_view near = nearest_word(name, allowed);
    fail(pair.first, name,
         near.empty() ? fmt::format("is not known here; use one of {}", fmt::join(allowed, ", "))
                      : fmt::format("is not known here; did you mean '{}'?", near));
  }
}

std::string SubjectSource::text(const YAML::Node& map, std::string_view field) const {
  const YAML::Node node = map[std::string(field)];
  if (!node) return {};
  if (node.IsNull()) {
    // What is not there has no place; its name has.
    for (const auto& pair : map) {
      if (pair.first.IsScalar() && pair.first.Scalar() == field) {
        fail(pair.first, field, "is empty; write a value or leave the field out");
      }
    }
  }
  if (!node.IsScalar()) fail(node, field, "is not a single value; write a text, in quotes when it has : or #");
  const std::string& text = node.Scalar();
  const auto control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  if (std::any_of(text.begin(), text.end(), control)) {
    fail(node, field, "holds a control character; write the text without it");
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    fail(node, field, "is empty; write a value or leave the field out");
  }
  return text;
}

}  // namespace tattle
