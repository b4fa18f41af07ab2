#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "report/page/html_parts.h"

namespace tattle {

/// One line of the tester's log, as the timeline draws it.
struct ActionMark {
  std::size_t number = 0;  // from 1, as the table beside the picture counts them
  Time time;
  double uncertainty_s = 0;
  std::string label;  // its name, hyphens as spaces
  bool sleep = false;
  Time until;  // of a stretch of sleep
};

/// The actions with a time, in its order.
std::vector<ActionMark> action_marks(const Page& page);

/// What is drawn of the actions above and behind the rows of the timeline.
struct ActionsDrawing {
  std::string behind;  // SVG that lies under the rows
  double height = 0;   // of the labels above the rows
};

/// @param left, right   Where `from` and `to` stand.
/// @param top           Where the labels begin; the rows begin below the height of the drawing.
/// @param rows_height   Of all rows.
ActionsDrawing draw_actions(const std::vector<ActionMark>& marks, Time from, Time to, double left, double right,
                            double top, double rows_height);

/// The log as a table whose lines cards point to (`#A3`); nothing without a log.
std::string actions_table(const Page& page);

}  // namespace tattle
