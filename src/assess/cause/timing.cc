#include "assess/cause/timing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "assess/cause/median.h"

namespace tattle {
namespace {

constexpr std::size_t kListed = 20;  // kinds of actions that a disclosure names
constexpr std::size_t kTimesForApp = 3;
constexpr double kChanceForApp = 0.01;

double seconds_between(Time from, Time to) { return static_cast<double>(to.ns - from.ns) / 1e9; }

/// Seconds that the windows of an app's actions take, of the time that the log spans.
std::pair<double, double> share_of_log(const ActionLog& log, const std::string& app) {
  double covered = 0;
  double end = -1;  // of the windows so far
  const Time start = log.actions.front().time;
  const double span = seconds_between(start, log.actions.back().time) + log.window_s;
  for (const Action& action : log.actions) {
    if (action.app != app || !action.by_tester()) continue;
    const double at = seconds_between(start, action.time);
    const double from = std::max(at - action.uncertainty_s, end), to = at + log.window_s + action.uncertainty_s;
    covered += std::max(0.0, to - from);
    end = std::max(end, to);
  }
  return {covered, span};
}

}  // namespace

Doings::Doings(const ActionLog* log) : log_(log) {
  for (std::size_t i = 0; log != nullptr && i < log->actions.size(); ++i) {
    if (!log->actions[i].by_tester()) continue;
    done_.push_back(i);
    most_ = std::max(most_, log->actions[i].uncertainty_s);
  }
}

std::size_t Doings::beside(Time time) const {
  const auto after = std::upper_bound(done_.begin(), done_.end(), time,
                                      [&](Time moment, std::size_t each) { return moment < log_->actions[each].time; });
  for (auto each = after; each != done_.begin();) {
    const Action& action = log_->actions[*--each];
    const double since = seconds_between(action.time, time);
    if (since > log_->window_s + most_) break;
    if (since <= log_->window_s + action.uncertainty_s) return *each;
  }
  for (auto each = after; each != done_.end(); ++each) {
    const double until = seconds_between(time, log_->actions[*each].time);
    if (until > most_) break;
    if (until <= log_->actions[*each].uncertainty_s) return *each;
  }
  return kNoAction;
}

bool Doings::during(Time from, Time until) const {
  if (until <= from) return false;
  return std::any_of(done_.begin(), done_.end(), [&](std::size_t each) {
    const Action& action = log_->actions[each];
    return seconds_between(from, action.time) >= -action.uncertainty_s &&
           seconds_between(action.time, until) >= -action.uncertainty_s;
  });
}

std::size_t Doings::left_alone(Time time) const {
  if (log_ == nullptr) return kNoAction;
  const auto& all = log_->actions;
  const auto at = [&](const Action& action, double sign) {
    return action.time.ns + static_cast<std::int64_t>(sign * std::min(action.uncertainty_s, 1e6) * 1e9);
  };
  auto each = std::upper_bound(all.begin(), all.end(), time,
                               [](Time moment, const Action& action) { return moment < action.time; });
  for (auto next = each; next != all.end(); ++next) {
    if (!next->by_tester()) continue;
    if (time.ns >= at(*next, -1)) return kNoAction;
    break;
  }
  while (each != all.begin()) {
    --each;
    if (each->by_tester()) return kNoAction;
    if (each->is_rest() && time.ns > at(*each, 1)) return static_cast<std::size_t>(each - all.begin());
  }
  return kNoAction;
}

std::vector<std::size_t> actions_beside(const std::vector<OccurrenceTimes::Row>& rows, const ActionLog& log) {
  const Doings doings(&log);
  std::vector<std::size_t> result;
  result.reserve(rows.size());
  for (const OccurrenceTimes::Row& row : rows) result.push_back(doings.beside(row.time));
  return result;
}

TimingReport timing_of(const std::vector<OccurrenceTimes::Row>& rows, const std::vector<std::size_t>& beside,
                       const ActionLog& log, const LogCover& cover) {
  struct Kind {
    std::size_t first = kNoAction;
    std::uint64_t count = 0;
    std::vector<double> delays;
  };
  TimingReport report;
  report.window_s = log.window_s;
  const auto words = [](const Action& action) {
    return std::tie(action.action, action.app, action.setting, action.trigger, action.granted, action.refused);
  };
  const auto less = [&](std::size_t a, std::size_t b) { return words(log.actions[a]) < words(log.actions[b]); };
  std::map<std::size_t, Kind, decltype(less)> kinds(less);
  const Doings doings(&log);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (beside[i] == kNoAction && doings.during(rows[i].time, rows[i].last)) {
      report.others += rows[i].count;
      continue;
    }
    if (beside[i] == kNoAction) {
      (cover.holds(rows[i].time) ? report.idle : report.not_covered) += rows[i].count;
      continue;
    }
    Kind& kind = kinds[beside[i]];
    kind.first = std::min(kind.first, beside[i]);
    kind.count += rows[i].count;
    kind.delays.push_back(std::max(0.0, seconds_between(log.actions[beside[i]].time, rows[i].time)));
  }
  for (const auto& [key, kind] : kinds) {
    const double longest = *std::max_element(kind.delays.begin(), kind.delays.end());
    report.beside.push_back({kind.first, kind.count, median_of(kind.delays), longest});
  }
  std::sort(report.beside.begin(), report.beside.end(), [](const auto& a, const auto& b) {
    return std::tuple(~a.count, a.action) < std::tuple(~b.count, b.action);
  });
  for (std::size_t i = kListed; i < report.beside.size(); ++i) report.others += report.beside[i].count;
  if (report.beside.size() > kListed) report.beside.resize(kListed);
  return report;
}

std::string app_by_timing(const std::vector<OccurrenceTimes::Row>& rows, const std::vector<std::size_t>& beside,
                          const ActionLog& log) {
  if (rows.size() < kTimesForApp || beside.front() == kNoAction) return {};
  const std::string& app = log.actions[beside.front()].app;
  if (app.empty()) return {};
  std::set<std::size_t> met;
  for (const std::size_t each : beside) {
    if (each == kNoAction || log.actions[each].app != app) return {};
    met.insert(each);
  }
  const auto of_app = static_cast<std::size_t>(std::count_if(
      log.actions.begin(), log.actions.end(), [&](const Action& each) { return each.by_tester() && each.app == app; }));
  if (met.size() < kTimesForApp || met.size() != of_app) return {};
  const auto [covered, span] = share_of_log(log, app);
  if (!(span > 0) || std::pow(covered / span, static_cast<double>(met.size())) > kChanceForApp) return {};
  return app;
}

}  // namespace tattle
