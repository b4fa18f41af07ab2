#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "assess/cause/prompting_judge.h"
#include "assess/document.h"
#include "assess/table/disclosure_table.h"

namespace tattle {

/// Says of each disclosure that the phone sent at whose prompting it was sent, in words that claim no more than the
/// times show. Those read from imports say nothing: imports do not hold when servers spoke.
/// @param aggregates  By number, from 1.
/// @param unclear     ServerMessages::unclear() of a subject.
void report_prompting(AuditDocument& document, const std::vector<Aggregate>& aggregates,
                      const std::vector<ServerTalk>& talks, const TriggerLog& log,
                      const std::function<std::uint64_t(std::uint32_t)>& unclear);

}  // namespace tattle
