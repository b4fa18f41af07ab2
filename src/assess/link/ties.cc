#include "assess/link/ties.h"

#include <algorithm>

namespace tattle {

bool identifies(std::string_view datum, std::string_view kind) {
  return kind == "identifier" || kind == "account" || datum == "email" || datum == "phone-number" ||
         datum == "mac-address";
}

void TieTable::tie(const Met& a, const Met& b, bool in_message, PacketId where) {
  // Two forms of one value do not tie anything.
  if (!a.identifies || a.aggregate == b.aggregate || (a.entry == b.entry && a.entry >= 0)) return;
  const Pair pair{a.aggregate, b.aggregate};
  if (const auto known = pairs_.find(pair); known != pairs_.end()) {
    known->second |= in_message;
  } else if (pairs_.size() >= limits_.ties) {
    anomalies_.note("assess.ties-full", where);
  } else {
    pairs_.emplace(pair, in_message);
  }
}

void TieTable::on_message(FlowId flow, std::string_view recipient, const std::vector<Met>& all, PacketId where) {
  std::vector<Met> met;
  for (const Met& each : all) {
    if (each.aggregate == 0 || met.size() >= kMostOfFlow) continue;
    if (std::find(met.begin(), met.end(), each) == met.end()) met.push_back(each);
  }
  if (met != last_) {
    for (const Met& a : met) {
      for (const Met& b : met) tie(a, b, true, where);
    }
    last_ = met;
  }
  std::vector<Carried>& carried = open_[flow];
  auto mine = std::find_if(carried.begin(), carried.end(),
                           [&](const Carried& c) { return recipients_[c.recipient] == recipient; });
  if (mine == carried.end()) {
    if (carried.size() >= kMostRecipients) return;
    mine = carried.insert(carried.end(), {recipients_.keep(std::string(recipient)), {}});
  }
  for (const Met& fresh : met) {
    if (std::find(mine->met.begin(), mine->met.end(), fresh) != mine->met.end()) continue;
    for (const Met& before : mine->met) {
      tie(fresh, before, false, where);
      tie(before, fresh, false, where);
    }
    if (mine->met.size() < kMostOfFlow) mine->met.push_back(fresh);
  }
}

void TieTable::on_flow_end(FlowId flow) {
  const auto found = open_.find(flow);
  if (found == open_.end()) return;
  for (const Carried& each : found->second) recipients_.release(each.recipient);
  open_.erase(found);
}

}  // namespace tattle
