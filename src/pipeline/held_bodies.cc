#include "pipeline/held_bodies.h"

#include <algorithm>
#include <stdexcept>

namespace tattle {

void HeldBodies::add(std::vector<BodyLedger::Held> changes) {
  ++told_;
  waiting_.push_back(std::move(changes));
}

void HeldBodies::take(const BodyLedger::Held& change, std::uint64_t batch) {
  if (const auto relieved = relieved_.find(change.flow); relieved != relieved_.end()) {
    if (batch < relieved->second) return;
  }
  const auto [known, fresh] = held_.try_emplace(change.flow, 0);
  sum_ += change.bytes;
  sum_ -= known->second;
  known->second = change.bytes;
  if (change.bytes == 0) held_.erase(known);
}

std::vector<FlowId> HeldBodies::choose() {
  const std::uint64_t batch = dealt_++;
  // Whoever deals waits for batches that lie so far back; else what comes out would depend on who was quick.
  if (told_ + lag_ <= batch) throw std::logic_error("a batch is dealt before the one that it depends on told");
  for (std::uint64_t first = told_ - waiting_.size(); !waiting_.empty() && first + lag_ <= batch; ++first) {
    for (const BodyLedger::Held& change : waiting_.front()) take(change, first);
    waiting_.pop_front();
  }
  std::erase_if(relieved_, [&](const auto& each) { return each.second + lag_ <= batch; });
  std::vector<FlowId> chosen;
  if (sum_ <= limit_) return chosen;
  std::vector<BodyLedger::Held> largest;
  for (const auto& [flow, bytes] : held_) largest.push_back({flow, bytes});
  std::sort(largest.begin(), largest.end(), [](const BodyLedger::Held& a, const BodyLedger::Held& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.flow < b.flow;
  });
  // Some more than must be, so that not every batch brings one flow over the limit again.
  for (auto each = largest.begin(); each != largest.end() && sum_ > limit_ - limit_ / 8; ++each) {
    chosen.push_back(each->flow);
    relieved_[each->flow] = batch;
    held_.erase(each->flow);
    sum_ -= each->bytes;
  }
  return chosen;
}

}  // namespace tattle
