#include "assess/table/fingerprint_table.h"

#include <fmt/format.h>

#include <algorithm>

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
  if (!message.user_agent.empty()) add_agent(open, message.user_agent);
  for (const std::uint64_t number : aggregates) {
    if (number == 0 || number == open.aggregate) continue;
    if (open.aggregate == 0) {
      open.aggregate = number;
      continue;
    }
    if (!open.more_aggregates) open.more_aggregates = std::make_unique<std::set<std::uint64_t>>();
    open.more_aggregates->insert(number);
  }
}

void FingerprintTable::add_agent(Open& open, const std::string& agent) {
  for (std::uint32_t& number : open.agents) {
    if (number == 0) number = agents_.keep(agent);
    if (agents_[number] == agent) return;
  }
}

FingerprintTable::Users* FingerprintTable::users_of(const std::string& ja4) {
  auto found = by_ja4_.find(ja4);
  if (found == by_ja4_.end()) {
    if (by_ja4_.size() >= limit_) {
      anomalies_->note("assess.fingerprints-full", {});
      return nullptr;
    }
    found = by_ja4_.emplace(ja4, Users{}).first;
  }
  return &found->second;
}

void FingerprintTable::on_flow(const FlowSummary& summary, std::vector<Aggregate>& aggregates) {
  Open open;
  if (auto found = open_.find(summary.flow.id); found != open_.end()) {
    open = std::move(found->second);
    open_.erase(found);
  }
  std::set<std::string> agents;
  for (const std::uint32_t number : open.agents) {
    if (number == 0) continue;
    agents.insert(agents_[number]);
    agents_.release(number);
  }
  std::set<std::uint64_t> met = open.more_aggregates ? std::move(*open.more_aggregates) : std::set<std::uint64_t>();
  met.insert(open.aggregate);
  for (const std::uint64_t number : met) {
    if (number == 0 || number > aggregates.size()) continue;
    // None is kept too: of two flows of which one has a fingerprint, the other may be of anybody.
    std::set<std::string>& ja4 = aggregates[number - 1].ja4;
    if (ja4.size() < kEnough) ja4.insert(summary.tls.ja4);
    keep(aggregates[number - 1].http2, summary.http2_fingerprint, kEnough);
  }
  if (summary.tls.ja4.empty() || summary.flow.device != DeviceSide::client) return;
  Sender app = sender_of(summary.flow);
  const bool recorded = app.kind != "unknown";
  if (!recorded && agents.empty()) return;
  Users* users = users_of(summary.tls.ja4);
  if (users == nullptr) return;
  if (recorded) {
    if (users->apps.size() < kEnough) users->apps.try_emplace({app.kind, app.name}, app);
    if (apps_.size() < kEnough) apps_.emplace(app.kind, app.name);
    keep(users->http2, summary.http2_fingerprint, kEnough);
  }
  for (const std::string& agent : agents) keep(users->agents, agent, kEnough);
}

std::optional<Sender> FingerprintTable::of_app(const Aggregate& aggregate, const Users& users) const {
  const Sender& app = users.apps.begin()->second;
  // Another HTTP/2 client under the same TLS library is another program.
  if (!aggregate.http2.empty() && aggregate.http2 != users.http2) return std::nullopt;
  Sender sender;
  const std::string ground = fmt::format("same TLS fingerprint as flows of {}, the only app with it in this capture",
                                         to_utf8(as_bytes(app.name)));
  if (apps_.size() < kEnough) {
    sender.ground = fmt::format("{}; of no other app is a fingerprint known, so it tells nobody apart", ground);
    return sender;
  }
  sender = app;
  sender.ground = fmt::format("{} (JA4 {}); other apps may use the same TLS software", ground, *aggregate.ja4.begin());
  sender.inferred = true;
  return sender;
}

std::optional<Sender> FingerprintTable::sender(const Aggregate& aggregate) const {
  if (aggregate.ja4.size() != 1 || aggregate.http2.size() > 1) return std::nullopt;
  const auto found = by_ja4_.find(*aggregate.ja4.begin());
  if (found == by_ja4_.end()) return std::nullopt;
  const Users& users = found->second;
  if (users.apps.size() == 1) return of_app(aggregate, users);
  if (!users.apps.empty() || users.agents.size() != 1) return std::nullopt;
  Sender sender;
  sender.ground =
      fmt::format("same TLS fingerprint as what calls itself \"{}\" elsewhere in the capture", *users.agents.begin());
  return sender;
}

}  // namespace tattle
