#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "report/db/audit_db_end.h"
#include "report/db/sql_insert.h"

namespace tattle {
namespace {

using Type = SqlInsert::Type;

void write_actions(soci::session& session, const AuditDocument& document, bool reveal) {
  SqlInsert row(session, "actions",
                {{"action", Type::integer},
                 {"time", Type::text},
                 {"uncertainty_s", Type::real},
                 {"what", Type::text},
                 {"app", Type::text},
                 {"setting", Type::text},
                 {"by_default", Type::text},
                 {"asked", Type::text},
                 {"granted", Type::text},
                 {"refused", Type::text},
                 {"told", Type::text},
                 {"told_elsewhere", Type::text},
                 {"pressed_elsewhere", Type::text},
                 {"screen_sha256", Type::text},
                 {"screen_text", Type::text},
                 {"recipient", Type::text}});
  for (std::size_t i = 0; i < document.actions.size(); ++i) {
    const ActionReport& action = document.actions[i];
    row << i << to_rfc3339(action.time) << action.uncertainty_s;
    row.known(action.action.text(reveal)).known(action.app.text(reveal)).known(action.setting.text(reveal));
    row.known(action.usual);
    for (const auto* data : {&action.asked, &action.granted, &action.refused, &action.told, &action.told_elsewhere}) {
      row.known(fmt::format("{}", fmt::join(*data, ", ")));
    }
    row.known(action.trigger.text(reveal)).known(action.screen_sha256).known(action.screen_text.text(reveal));
    row.known(action.recipient.text(reveal));
    row.run();
  }
}

std::string beside_text(const TimingReport& timing) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const TimingReport::Beside& each : timing.beside) {
    list.push_back(
        {{"action", each.action}, {"count", each.count}, {"median-s", each.median_s}, {"max-s", each.max_s}});
  }
  return list.dump();
}

void write_permission(SqlInsert& row, const std::optional<PermissionReport>& permission) {
  if (!permission) {
    row << SqlInsert::Null() << SqlInsert::Null() << SqlInsert::Null() << SqlInsert::Null();
    return;
  }
  row << to_string(permission->state) << permission->count;
  if (permission->state == PermissionState::unknown) {
    row << SqlInsert::Null() << SqlInsert::Null();
  } else {
    row << permission->action << permission->gap_s;
  }
}

}  // namespace

void write_audit_db_times(soci::session& session, const AuditDocument& document, bool reveal) {
  write_actions(session, document, reveal);
  SqlInsert row(session, "times",
                {{"disclosure", Type::integer},
                 {"timed", Type::integer},
                 {"period_s", Type::real},
                 {"jitter_s", Type::real},
                 {"events", Type::integer},
                 {"idle", Type::integer},
                 {"beside", Type::text},
                 {"permission", Type::text},
                 {"permission_count", Type::integer},
                 {"permission_action", Type::integer},
                 {"gap_s", Type::real},
                 {"told", Type::text},
                 {"told_late", Type::integer},
                 {"not_covered", Type::integer}});
  for (const DisclosureReport& each : document.disclosures) {
    row << each.numbers.front() << each.timed;
    if (each.period) {
      row << each.period->seconds << each.period->jitter_s << each.period->occurrences;
    } else {
      row << SqlInsert::Null() << SqlInsert::Null() << SqlInsert::Null();
    }
    if (each.timing) {
      row << each.timing->idle << beside_text(*each.timing);
    } else {
      row << SqlInsert::Null() << SqlInsert::Null();
    }
    write_permission(row, each.permission);
    if (each.told) {
      row << to_string(each.told->told) << each.told->late;
    } else {
      row << SqlInsert::Null() << SqlInsert::Null();
    }
    if (each.timing) {
      row << each.timing->not_covered;
    } else {
      row << SqlInsert::Null();
    }
    row.run();
  }
}

}  // namespace tattle
