#pragma once

#include <optional>
#include <vector>

#include "assess/cause/occurrence_times.h"
#include "assess/document.h"

namespace tattle {

/// Says whether messages came at regular times.
///
/// Messages that follow each other closely are one event (an upload in several requests): first each counts by itself,
/// then those within 1 s, then within 10 s of the one before, until the events are regular; their distance must be five
/// times as long. Regular means: at least four intervals, of which five in six lie within a fifth of their median, and
/// whose median absolute deviation is at most a tenth of it. Of intervals by mere chance (exponential) fewer than 1 in
/// 300 rows of four look like that, of longer rows fewer. Times are those of messages' first packets.
/// @param rows  By time.
std::optional<PeriodReport> period_of(const std::vector<OccurrenceTimes::Row>& rows);

}  // namespace tattle
