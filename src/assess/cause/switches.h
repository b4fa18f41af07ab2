#pragma once

#include <vector>

#include "assess/document.h"
#include "assess/table/disclosure_table.h"
#include "attribute/actions/action_log.h"

namespace tattle {

/// For each setting of the log: which verified values sent were seen before it and after it, and which only on one
/// side. An occurrence within the line's uncertainty of it is on neither. One recording says no more than when things
/// were seen: what a setting does takes recordings of the same doings with it and without it.
/// @param aggregates  By number, from 1.
std::vector<SwitchReport> switches_of(const ActionLog& log, const AuditDocument& document,
                                      const std::vector<Aggregate>& aggregates);

}  // namespace tattle
