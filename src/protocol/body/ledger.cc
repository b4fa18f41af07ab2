#include "protocol/body/ledger.h"

#include <algorithm>

namespace tattle {

std::vector<BodyLedger::Held> BodyLedger::changes() {
  std::vector<Held> changed;
  if (holders_.empty() && told_.empty()) return changed;
  std::map<FlowId, std::uint64_t> now;
  for (auto at = holders_.begin(); at != holders_.end();) {
    BodyHolder& holder = **at++;
    const std::uint64_t bytes = holder.held_bytes();
    if (bytes >= least_) {
      now[holder.flow_] += bytes;
    } else {
      holders_.erase(holder.place_);
      holder.listed_ = false;
    }
  }
  for (const auto& [flow, bytes] : told_) {
    if (!now.contains(flow)) changed.push_back({flow, 0});
  }
  for (const auto& [flow, bytes] : now) {
    const auto before = told_.find(flow);
    if (before == told_.end() || before->second != bytes) changed.push_back({flow, bytes});
  }
  told_ = std::move(now);
  return changed;
}

bool BodyLedger::holds(FlowId flow) const {
  return std::any_of(holders_.begin(), holders_.end(), [&](const BodyHolder* each) { return each->flow_ == flow; });
}

void BodyLedger::relieve(FlowId flow) {
  std::vector<BodyHolder*> of_flow;
  for (BodyHolder* each : holders_) {
    if (each->flow_ == flow && each->held_bytes() >= least_) of_flow.push_back(each);
  }
  for (BodyHolder* each : of_flow) each->relieve();
  // Whoever asked awaits what is left now, even when it is what was there before.
  told_[flow] = kUntold;
}

}  // namespace tattle
