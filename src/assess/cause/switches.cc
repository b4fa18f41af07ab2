#include "assess/cause/switches.h"

#include <algorithm>

namespace tattle {
namespace {

using Row = OccurrenceTimes::Row;

constexpr std::size_t kMostSettings = 200;  // of a log; each is compared with every disclosure

void put(const DisclosureReport& disclosure, const std::vector<Row>& rows, Time earliest, Time latest,
         SwitchReport& report) {
  SwitchReport::Still found{disclosure.id, 0, 0, {}, {}};
  for (const Row& row : rows) {
    if (row.last < earliest) {
      found.last_before = found.before == 0 ? row.time : std::max(found.last_before, row.time);
      found.before += row.count;
    } else if (row.time > latest) {
      found.first_after = found.after == 0 ? row.time : std::min(found.first_after, row.time);
      found.after += row.count;
    }
  }
  if (found.before > 0 && found.after > 0) {
    report.still.push_back(std::move(found));
  } else if (found.before > 0) {
    report.only_before.push_back(disclosure.id);
  } else if (found.after > 0) {
    report.only_after.push_back(disclosure.id);
  }
}

}  // namespace

std::vector<SwitchReport> switches_of(const ActionLog& log, const AuditDocument& document,
                                      const std::vector<Aggregate>& aggregates) {
  std::vector<SwitchReport> reports;
  for (std::size_t i = 0; i < log.actions.size() && reports.size() < kMostSettings; ++i) {
    if (!log.actions[i].setting.empty()) reports.push_back({i, {}, {}, {}});
  }
  if (reports.empty()) return reports;
  for (const DisclosureReport& each : document.disclosures) {
    if (each.certainty != Certainty::verified || each.direction != Travel::sent) continue;
    OccurrenceTimes times;
    for (const std::uint64_t number : each.numbers) {
      if (number >= 1 && number <= aggregates.size()) times.merge(aggregates[number - 1].times);
    }
    const std::vector<Row> rows = times.rows();
    for (SwitchReport& report : reports) {
      const Action& action = log.actions[report.action];
      const auto give = static_cast<std::int64_t>(std::min(action.uncertainty_s, 1e6) * 1e9);
      put(each, rows, {action.time.ns - give}, {action.time.ns + give}, report);
    }
  }
  return reports;
}

}  // namespace tattle
