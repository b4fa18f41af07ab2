#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/time.h"

namespace tattle {

/// One line of the tester's log: what was done to the phone, or what it showed, at that time.
struct Action {
  Time time;
  double uncertainty_s = 1;  // the true time lies no further than this from `time`, before or after
  std::string action;        // what was done, in the tester's words
  std::string app;           // in which app; of a screen, whose it is
  // Hosts or organisations whom the screen named as those who get the data; `everyone` when it spoke of all.
  std::vector<std::string> recipients;
  std::string setting;  // `Feedback: off`
  std::string usual;    // how the system sets it: `on`, `off`, `pre-ticked`
  std::string trigger;  // pressed elsewhere so that the phone would do something
  // Data, by the subject file's words: a prompt asked for them, was answered with yes or no; the screen, or something
  // else, said that they are sent.
  std::vector<std::string> asked, granted, refused, told, told_elsewhere;
  std::string screen, screen_sha256;  // path of a photograph as it can be opened from here; lower-case hex
  std::string screen_text;
  int line = 0;  // in the file

  /// Whether it says that the phone was left alone from then on (`sleep`, `idle`, …).
  bool is_rest() const;
  /// Whether something was done to the phone or for its sake, by which an upload may have been asked for. A prompt
  /// that appears, or a screen that tells, is the phone's own doing.
  bool by_tester() const;
  bool operator==(const Action&) const = default;
};

struct ActionLog {
  std::string name;      // of the file, without its folders
  double window_s = 30;  // what begins within this time after an action counts as beside it
  // Between which, as the tester states, everything that was done is written down; absent: not stated.
  std::optional<Time> from, until;
  std::optional<std::int32_t> offset_s;  // of the tester's clock from UTC, when all lines have the same
  std::vector<Action> actions;           // by time
  std::vector<std::string> warnings;
};

enum class ActionFormat : std::uint8_t { yaml, csv };

/// Reads a log: CSV when its name ends so, else YAML. docs/actions.md says what each field means. Photographs are
/// hashed; their paths are relative to the log.
/// @throws UserError  `FILE:LINE: FIELD: what is wrong; what to do`.
ActionLog load_action_log(const std::string& path, const Limits& limits);

/// The same from text; `folder` is that of the photographs, `shown` the name in errors.
ActionLog parse_action_log(std::string_view text, ActionFormat format, const std::string& folder,
                           const std::string& shown, const Limits& limits);

}  // namespace tattle
