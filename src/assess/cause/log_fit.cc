#include "assess/cause/log_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace tattle {
namespace {

/// A line may well stand a little before the first packet or after the last one: what was done may cause none.
constexpr double kAroundSeconds = 600;

}  // namespace

LogCover cover_of(const ActionLog& log) {
  const auto nanoseconds = [](double seconds) { return std::llround(seconds * 1e9); };
  const Action &first = log.actions.front(), &last = log.actions.back();
  LogCover cover;
  cover.from = log.from ? *log.from : Time{first.time.ns + nanoseconds(first.uncertainty_s)};
  if (log.until || !last.is_rest()) {
    cover.until = log.until ? *log.until : Time{last.time.ns - nanoseconds(last.uncertainty_s)};
    // Lines too near to each other to lie surely between them.
    if (*cover.until < cover.from) (log.from ? *cover.until : cover.from) = log.from ? cover.from : *cover.until;
  }
  return cover;
}

void warn_of_cover(const ActionLog& log, const AuditDocument& document, std::vector<std::string>& warnings) {
  std::uint64_t outside = 0, all = 0;
  for (const DisclosureReport& each : document.disclosures) {
    if (each.direction != Travel::sent || !each.timing) continue;
    outside += each.timing->not_covered;
    all += each.timed;
  }
  if (outside == 0) return;
  const LogCover cover = cover_of(log);
  warnings.push_back(fmt::format(
      "{}: {} of {} occurrences lie outside the time that it covers ({} to {}), so they are neither asked nor unasked; "
      "if all that was done is in it for longer, say so with from and until",
      log.name, outside, all, to_rfc3339(cover.from), cover.until ? to_rfc3339(*cover.until) : "the end"));
}

bool fits_captures(const ActionLog& log, const std::vector<CaptureReport>& captures,
                   std::vector<std::string>& warnings) {
  std::optional<Time> first, last;
  for (const CaptureReport& each : captures) {
    if (each.first.ns == 0 && each.last.ns == 0) continue;
    first = first ? std::min(*first, each.first) : each.first;
    last = last ? std::max(*last, each.last) : each.last;
  }
  if (!first || log.actions.empty()) return !log.actions.empty();
  std::size_t within = 0, near = 0;
  for (const Action& action : log.actions) {
    const auto slack = std::llround((action.uncertainty_s + log.window_s) * 1e9);
    const auto around = slack + std::llround(kAroundSeconds * 1e9);
    within += action.time.ns >= first->ns - slack && action.time.ns <= last->ns + slack;
    near += action.time.ns >= first->ns - around && action.time.ns <= last->ns + around;
  }
  if (within == 0) {
    warnings.push_back(
        fmt::format("{}: none of its {} actions lies within the capture ({} to {}), so nothing is said of them; check "
                    "their time zone",
                    log.name, log.actions.size(), to_rfc3339(*first), to_rfc3339(*last)));
  } else if (near < log.actions.size()) {
    warnings.push_back(fmt::format("{}: {} of its {} actions lie outside the capture ({} to {}); check their times",
                                   log.name, log.actions.size() - near, log.actions.size(), to_rfc3339(*first),
                                   to_rfc3339(*last)));
  }
  return within > 0;
}

}  // namespace tattle
