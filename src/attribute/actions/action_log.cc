#include "attribute/actions/action_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "attribute/actions/action_rows.h"
#include "base/result.h"

namespace tattle {
namespace {

constexpr std::uint64_t kMostBytes = 16 << 20;      // of a log
constexpr std::uint64_t kMostTextBytes = 64 << 20;  // of all its texts: in YAML one text may stand in many places

std::uint64_t text_bytes(const Action& action) {
  std::uint64_t recipients = 0;
  for (const std::string& each : action.recipients) recipients += each.size();
  return recipients + action.action.size() + action.app.size() + action.setting.size() + action.trigger.size() +
         action.screen_text.size() + action.screen.size();
}

/// A line that stands after a later one is mostly a slip of the hour.
void warn_of_order(const std::vector<Action>& actions, const std::string& name, std::vector<std::string>& warnings) {
  for (std::size_t i = 1; i < actions.size(); ++i) {
    if (actions[i].time >= actions[i - 1].time) continue;
    warnings.push_back(
        fmt::format("{}:{}: time: is before that of the action above it; check both", name, actions[i].line));
    return;
  }
}

/// What was done while, as the tester states, not everything was written down: mostly a slip of the day.
void warn_of_span(ActionLog& log) {
  const auto beyond = std::find_if(log.actions.begin(), log.actions.end(), [&](const Action& each) {
    return (log.from && each.time < *log.from) || (log.until && each.time > *log.until);
  });
  if (beyond == log.actions.end()) return;
  log.warnings.push_back(
      fmt::format("{}:{}: time: is outside of the log's from and until; check them", log.name, beyond->line));
}

}  // namespace

bool Action::is_rest() const {
  // A line that says what was pressed or answered is no rest, whatever its words; nor is `sleep-tracker opened`.
  if (!setting.empty() || !app.empty() || !trigger.empty() || !granted.empty() || !refused.empty()) return false;
  constexpr std::array<std::string_view, 6> kWords{"sleep", "asleep", "idle", "left-alone", "left alone", "untouched"};
  constexpr std::array<std::string_view, 12> kHowLong{"on",   "in",   "at",  "by",    "over",  "until",
                                                      "till", "from", "for", "since", "again", "overnight"};
  for (const std::string_view word : kWords) {
    if (!action.starts_with(word)) continue;
    std::string_view rest = std::string_view(action).substr(word.size());
    if (rest.empty() || std::string_view(",;:(.").find(rest.front()) != rest.npos) return true;
    if (rest.front() != ' ') continue;
    rest.remove_prefix(1);
    rest = rest.substr(0, rest.find(' '));
    if (std::find(kHowLong.begin(), kHowLong.end(), rest) != kHowLong.end()) return true;
  }
  return false;
}

bool Action::by_tester() const {
  if (is_rest()) return false;
  const bool screen = !asked.empty() || !told.empty();  // then `app` says whose it is
  return !action.empty() || (!app.empty() && !screen) || !setting.empty() || !trigger.empty() || !granted.empty() ||
         !refused.empty();
}

ActionLog parse_action_log(std::string_view text, ActionFormat format, const std::string& folder,
                           const std::string& shown, const Limits& limits) {
  const SubjectSource source{shown, folder};
  ActionDefaults defaults;
  ActionLog log;
  log.name = std::filesystem::path(shown).filename().string();
  std::uint64_t bytes = 0;
  const auto take = [&](const ActionRow& row) {
    if (log.actions.size() >= limits.actions) {
      source.fail(row.line, "actions",
                  fmt::format("are more than {}; raise it with --limit actions=NUMBER", limits.actions));
    }
    log.actions.push_back(action_of(source, row, defaults));
    bytes += text_bytes(log.actions.back());
    if (bytes > kMostTextBytes) source.fail(row.line, "actions", "hold more text than a log can; shorten their texts");
  };
  if (format == ActionFormat::yaml) {
    read_yaml_rows(source, text, defaults, take);
  } else {
    read_csv_rows(source, text, defaults, take);
  }
  log.window_s = defaults.window_s;
  log.from = defaults.from;
  log.until = defaults.until;
  if (defaults.offsets_s.size() == 1) log.offset_s = *defaults.offsets_s.begin();
  warn_of_span(log);
  if (log.actions.empty()) log.warnings.push_back(fmt::format("{}: lists no action", log.name));
  warn_of_order(log.actions, log.name, log.warnings);
  std::stable_sort(log.actions.begin(), log.actions.end(),
                   [](const Action& a, const Action& b) { return a.time < b.time; });
  return log;
}

ActionLog load_action_log(const std::string& path, const Limits& limits) {
  std::error_code error;
  const std::filesystem::path file(path);
  if (std::filesystem::is_directory(file, error)) {
    throw UserError(fmt::format("{}: is a folder; name the log of actions in it", path));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) throw UserError(fmt::format("{}: cannot be read; check the name given to --actions", path));
  if (const auto size = std::filesystem::file_size(file, error); !error && size > kMostBytes) {
    throw UserError(fmt::format("{}: is larger than any log of actions; name the YAML or CSV file", path));
  }
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return parse_action_log(text, ending == ".csv" ? ActionFormat::csv : ActionFormat::yaml, file.parent_path().string(),
                          path, limits);
}

}  // namespace tattle
