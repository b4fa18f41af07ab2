#include "base/packet_ref.h"

#include <algorithm>

namespace tattle {
namespace {

// True when `next`, which sorts at or after `run`, overlaps it or follows it without a hole.
bool touches(const PacketRun& run, const PacketRun& next) {
  return run.capture == next.capture && next.first <= run.last + 1;
}

}  // namespace

void add_packets(PacketRuns& runs, PacketRun added) {
  if (runs.empty() || runs.back() < added) {
    if (!runs.empty() && touches(runs.back(), added)) {
      runs.back().last = std::max(runs.back().last, added.last);
    } else {
      runs.push_back(added);
    }
    return;
  }
  auto at = std::lower_bound(runs.begin(), runs.end(), added);
  at = runs.insert(at, added);
  if (at != runs.begin() && touches(*(at - 1), *at)) --at;
  auto next = at + 1;
  while (next != runs.end() && touches(*at, *next)) {
    at->last = std::max(at->last, next->last);
    ++next;
  }
  runs.erase(at + 1, next);
}

}  // namespace tattle
