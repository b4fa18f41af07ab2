#include "assess/cause/permission.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace tattle {
namespace {

using Row = OccurrenceTimes::Row;

double seconds_between(Time from, Time to) { return static_cast<double>(to.ns - from.ns) / 1e9; }
Time moved(Time time, double seconds) { return {time.ns + std::llround(seconds * 1e9)}; }

bool holds(const std::vector<std::string>& data, std::string_view datum) {
  return std::find(data.begin(), data.end(), datum) != data.end();
}

struct Answer {
  std::size_t action = 0;
  Time time, earliest, latest;  // as written; by its uncertainty
  bool granted = false;
};

std::vector<Answer> answers_of(const ActionLog& log, std::string_view datum) {
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < log.actions.size(); ++i) {
    const Action& action = log.actions[i];
    const bool granted = holds(action.granted, datum);
    if (!granted && !holds(action.refused, datum)) continue;
    answers.push_back(
        {i, action.time, moved(action.time, -action.uncertainty_s), moved(action.time, action.uncertainty_s), granted});
  }
  return answers;
}

struct Found {
  PermissionState state = PermissionState::unknown;
  const Answer* answer = nullptr;
};

/// One message among the answers, which are by time. Theirs may overlap by their uncertainty.
Found state_of(const Row& row, const std::vector<Answer>& answers) {
  const Answer *before = nullptr, *close = nullptr, *grant = nullptr, *refusal = nullptr;
  for (const Answer& each : answers) {
    if (each.latest < row.time) {
      before = &each;
    } else if (each.earliest > row.last) {
      const Answer*& next = each.granted ? grant : refusal;
      if (next == nullptr) next = &each;
    } else if (before == nullptr || before->granted != each.granted) {
      if (close == nullptr) close = &each;
    }
  }
  if (close != nullptr) return {PermissionState::too_close, close};
  if (before != nullptr) {
    return {before->granted ? PermissionState::after_granted : PermissionState::after_refused, before};
  }
  if (grant != nullptr) return {PermissionState::before_granted, grant};
  if (refusal != nullptr) return {PermissionState::before_refused, refusal};
  return {};
}

}  // namespace

PermissionReport permission_of(const std::vector<Row>& rows, const ActionLog& log, std::string_view datum) {
  const std::vector<Answer> answers = answers_of(log, datum);
  PermissionReport report;
  if (answers.empty()) {
    for (const Row& row : rows) report.count += row.count;
    return report;
  }
  for (const Row& row : rows) {
    const Found found = state_of(row, answers);
    if (report.count > 0 && found.state > report.state) continue;  // the gravest come first
    if (report.count == 0 || found.state < report.state) {
      // Between the answer and the nearer end of the message: what is surely so.
      const bool later = found.answer->time >= row.last;
      const double gap = later ? seconds_between(row.last, found.answer->time)
                               : std::max(0.0, seconds_between(found.answer->time, row.time));
      report = {found.state, 0, found.answer->action, gap};
    }
    report.count += row.count;
  }
  return report;
}

ToldReport told_of(const std::vector<Row>& rows, const ActionLog& log, std::string_view datum) {
  std::optional<Time> first;  // from when on a screen may have told
  bool elsewhere = false;
  for (const Action& action : log.actions) {
    elsewhere |= holds(action.told_elsewhere, datum);
    if (!holds(action.told, datum) && !holds(action.asked, datum)) continue;
    const Time earliest = moved(action.time, -action.uncertainty_s);
    first = first ? std::min(*first, earliest) : earliest;
  }
  ToldReport report;
  std::uint64_t in_time = 0;
  for (const Row& row : rows) (first && *first <= row.last ? in_time : report.late) += row.count;
  if (in_time > 0) {
    report.told = Told::at_a_screen;
  } else {
    report.late = 0;
    report.told = elsewhere ? Told::elsewhere : Told::not_as_far_as_recorded;
  }
  return report;
}

}  // namespace tattle
