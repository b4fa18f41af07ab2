#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "attribute/actions/action_rows.h"
#include "attribute/actions/time_zone.h"

namespace tattle {
namespace {

/// The elements of a list with commas between.
std::string list_text(const SubjectSource& source, const YAML::Node& list, const std::string& field) {
  std::string text;
  for (const YAML::Node& each : list) {
    if (!each.IsScalar()) source.fail(each, field, "holds something that is no text; write [location, contact]");
    text += (text.empty() ? "" : ", ") + each.Scalar();
  }
  return text;
}

/// `{location-services: off}` as `location-services: off`.
std::string setting_text(const SubjectSource& source, const YAML::Node& map, const std::string& field) {
  std::string text;
  for (const auto& pair : map) {
    if (!pair.first.IsScalar() || !pair.second.IsScalar()) {
      source.fail(pair.first, field, "is not understood; write {Name of the switch: off}");
    }
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", pair.first.Scalar(), pair.second.Scalar());
  }
  return text;
}

ActionRow row_of(const SubjectSource& source, const YAML::Node& node) {
  source.check_fields(node, "actions", action_fields());
  ActionRow row;
  row.line = std::max(1, line_of(node));
  for (const auto& pair : node) {
    const std::string& field = pair.first.Scalar();
    ActionRow::Cell cell{{}, std::max(1, line_of(pair.first))};
    if (pair.second.IsSequence()) {
      cell.text = list_text(source, pair.second, field);
    } else if (pair.second.IsMap() && field == "setting") {
      cell.text = setting_text(source, pair.second, field);
    } else {
      cell.text = source.text(node, field);
    }
    if (!cell.text.empty()) row.cells.emplace(field, std::move(cell));
  }
  return row;
}

}  // namespace

void read_yaml_rows(const SubjectSource& source, std::string_view text, ActionDefaults& defaults, const TakeRow& take) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    static constexpr std::array<std::string_view, 6> kFields{"actions",  "timezone", "uncertainty-s",
                                                             "window-s", "from",     "until"};
    if (!root.IsMap()) source.fail(1, "file", "is not a log of actions; write `actions:` and the actions below it");
    source.check_fields(root, "file", kFields);
    defaults.timezone = source.text(root, "timezone");
    if (!defaults.timezone.empty() && !is_time_zone(defaults.timezone)) {
      source.fail(
          root["timezone"], "timezone",
          fmt::format("'{}' is no time zone; write +02:00 or a name such as Europe/Helsinki", defaults.timezone));
    }
    const auto seconds = [&](const char* field, double& into) {
      if (const std::string found = source.text(root, field); !found.empty()) {
        into = seconds_of(source, line_of(root[field]), field, found);
      }
    };
    seconds("uncertainty-s", defaults.uncertainty_s);
    seconds("window-s", defaults.window_s);
    ActionRow span;
    for (const char* field : {"from", "until"}) {
      if (std::string found = source.text(root, field); !found.empty()) {
        span.cells.emplace(field, ActionRow::Cell{std::move(found), std::max(1, line_of(root[field]))});
      }
    }
    read_span(source, span, defaults);
    const YAML::Node actions = root["actions"];
    if (!actions) source.fail(1, "actions", "is missing; list what was done under it");
    if (!actions.IsSequence())
      source.fail(actions, "actions", "is not a list; write one `- {time: …}` for each action");
    for (const YAML::Node& node : actions) take(row_of(source, node));
  } catch (const YAML::Exception& error) {
    source.fail(error.mark.is_null() ? 1 : error.mark.line + 1, "YAML", error.msg + "; mend the syntax");
  }
}

}  // namespace tattle
