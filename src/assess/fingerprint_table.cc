#include "assess/fingerprint_table.h"

#include <fmt/format.h>

#include "attribute/recipient.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

void keep(std::set<std::string>& set, const std::string& text, std::size_t most) {
  if (!text.empty() && set.size() < most) set.insert(text);
}

}  // namespace

void FingerprintTable::on_message(const MessageRecord& message, const std::vector<std::uint64_t>& aggregates) {
  if (message.flow.device != DeviceSide::client || message.flow.imported || !sent_by_phone(message)) return;
  if (message.user_agent.empty() && aggregates.empty()) return;
  Open& open = open_[message.flow.id];
  keep(open.agents, message.user_agent, kEnough);
  open.aggregates.insert(aggregates.begin(), aggregates.end());
}

void FingerprintTable::on_flow(const FlowSummary& summary, std::vector<Aggregate>& aggregates) {
  Open open;
  if (auto found = open_.find(summary.flow.id); found != open_.end()) {
    open = std::move(found->second);
    open_.erase(found);
  }
  for (const std::uint64_t number : open.aggregates) {
    if (number == 0 || number > aggregates.size()) continue;
    keep(aggregates[number - 1].ja4, summary.tls.ja4, kEnough);
    keep(aggregates[number - 1].http2, summary.http2_fingerprint, kEnough);
  }
  if (summary.tls.ja4.empty() || summary.flow.device != DeviceSide::client) return;
  const AppInfo* app = summary.flow.app.get();
  if (app == nullptr && open.agents.empty()) return;
  auto found = by_ja4_.find(summary.tls.ja4);
  if (found == by_ja4_.end()) {
    if (by_ja4_.size() >= limit_) return anomalies_->note("assess.fingerprints-full", {});
    found = by_ja4_.emplace(summary.tls.ja4, Users{}).first;
  }
  if (app != nullptr) keep(found->second.apps, app->name.empty() ? app->package : app->name, kEnough);
  for (const std::string& agent : open.agents) keep(found->second.agents, agent, kEnough);
}

std::string FingerprintTable::ground(const Aggregate& aggregate) const {
  if (aggregate.ja4.size() != 1) return {};
  const auto found = by_ja4_.find(*aggregate.ja4.begin());
  if (found == by_ja4_.end()) return {};
  const Users& users = found->second;
  if (users.apps.size() == 1) {
    return fmt::format("the same TLS software as that of the app {} elsewhere in the capture, which other apps may use",
                       to_utf8(as_bytes(*users.apps.begin())));
  }
  if (!users.apps.empty() || users.agents.size() != 1) return {};
  return fmt::format("the same TLS software as what calls itself \"{}\" elsewhere in the capture",
                     *users.agents.begin());
}

}  // namespace tattle
