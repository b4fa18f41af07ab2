#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "attribute/actions/action_log.h"
#include "detect/subject/yaml.h"

namespace tattle {

/// One line of a log before it is understood: texts by field, each with its line. A list is its elements with commas
/// between; a `setting` of several names is `name: state, name: state`.
struct ActionRow {
  struct Cell {
    std::string text;
    int line = 0;
  };
  std::map<std::string, Cell, std::less<>> cells;  // none empty
  int line = 0;
};

/// What stands at the top of a log and holds for all its lines.
struct ActionDefaults {
  std::string timezone;  // empty: each time has its own
  double uncertainty_s = 1;
  double window_s = 30;
  std::optional<Time> from, until;
  std::set<std::int32_t> offsets_s;  // from UTC, of the times read so far: each is less than a day
};

/// Takes the rows one by one; each lives for the call.
using TakeRow = std::function<void(const ActionRow& row)>;

/// Both throw UserError as load_action_log. `defaults` is complete before the first row is given.
void read_yaml_rows(const SubjectSource& source, std::string_view text, ActionDefaults& defaults, const TakeRow& take);
void read_csv_rows(const SubjectSource& source, std::string_view text, ActionDefaults& defaults, const TakeRow& take);

/// Reads `from` and `until` where the row has them: in CSV they are columns, filled on one line.
void read_span(const SubjectSource& source, const ActionRow& row, ActionDefaults& defaults);

/// All names of an action's fields, in the order in which errors list them.
std::span<const std::string_view> action_fields();

/// Understands a row. Photographs are looked for beside the log, and hashed.
/// The clock that its time was read from joins `offsets_s`.
Action action_of(const SubjectSource& source, const ActionRow& row, ActionDefaults& defaults);

/// A number of seconds, from 0 to a day.
double seconds_of(const SubjectSource& source, int line, std::string_view field, std::string_view text);

}  // namespace tattle
