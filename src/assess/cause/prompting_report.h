#pragma once

#include <vector>

#include "assess/cause/prompting_judge.h"
#include "assess/document.h"
#include "assess/table/disclosure_table.h"

namespace tattle {

/// Says of each disclosure that the phone sent at whose prompting it was sent, in words that claim no more than the
/// times show. Those read from imports say nothing: imports do not hold when servers spoke.
/// @param aggregates  By number, from 1.
void report_prompting(AuditDocument& document, const std::vector<Aggregate>& aggregates,
                      const std::vector<ServerTalk>& talks, const TriggerLog& log);

}  // namespace tattle
