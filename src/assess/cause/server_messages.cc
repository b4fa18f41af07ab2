#include "assess/cause/server_messages.h"

#include <algorithm>

#include "assess/table/contact_table.h"

namespace tattle {
namespace {

// From the first packet of what was said to the packet in which a message of it was whole enough to be told.
constexpr std::int64_t kDelay = 1'000'000'000;

/// Whether it answers nothing. A request that comes from the phone's server is HTTP's promise of an answer that nobody
/// asked for (RFC 9113 section 8.4).
bool asks_nothing(const MessageRecord& message) {
  return message.kind == MessageKind::frame || message.kind == MessageKind::publish ||
         (message.kind == MessageKind::request && message.flow.device == DeviceSide::client);
}

}  // namespace

void ServerMessages::on_message(const MessageRecord& message) {
  if (message.flow.imported || sent_by_phone(message) || message.body_offset > 0) return;
  const bool answer = message.kind == MessageKind::response;
  if (!answer && !asks_nothing(message)) return;
  auto found = open_.find(message.flow.id);
  // No answer of so young a flow can have been held back for long.
  if (found == open_.end() && answer && message.first.ns - message.flow.start.ns < kHeldBack * 1'000'000'000ll) return;
  if (found == open_.end()) found = open_.emplace(message.flow.id, Heard{}).first;
  Heard& heard = found->second;
  const bool after_silence = heard.rows.empty() || message.first.ns - heard.last.ns >= kSilence.ns;
  heard.last = message.first;
  if (after_silence && heard.rows.size() < limits_.server_messages) heard.rows.push_back({message.first, answer});
}

bool ServerMessages::spoke(const FlowSummary& summary, const ServerSpoke& moment, const Heard* heard,
                           bool& read) const {
  if (summary.opaque_bytes > 0 || summary.raw_bytes > 0) return true;
  if (heard == nullptr) return false;
  for (const Heard::Row& row : heard->rows) {
    if (row.time < moment.time || row.time.ns - moment.time.ns > kDelay) continue;
    if (row.answer && moment.silence < kHeldBack) continue;
    read = true;
    return true;
  }
  return false;
}

void ServerMessages::on_flow(const FlowSummary& summary, const Party& party) {
  Heard heard;
  const auto found = open_.find(summary.flow.id);
  if (found != open_.end()) {
    heard = std::move(found->second);
    open_.erase(found);
  }
  // What is said inside a tunnel is not the tunnel's server's.
  if (summary.server_spoke.empty() || summary.opaque_reason == "encrypted-tunnel") return;
  bool read = false;
  std::vector<Time> moments;
  for (const ServerSpoke& moment : summary.server_spoke) {
    if (spoke(summary, moment, &heard, read)) moments.push_back(moment.time);
  }
  if (moments.empty()) return;
  if (kept_ + moments.size() > limits_.all_server_messages) {
    anomalies_.note("assess.server-messages-full", summary.server_spoke.front().packet);
    return;
  }
  kept_ += moments.size();
  const auto subject = summary.flow.subject;
  auto [place, fresh] = by_key_.try_emplace(std::to_string(subject) + '\x1f' + contact_key(party), talks_.size());
  if (fresh) talks_.push_back({subject, party, {}, {}, false});
  ServerTalk& talk = talks_[place->second];
  talk.read |= read;
  talk.messages.insert(talk.messages.end(), moments.begin(), moments.end());
  const bool cut = summary.server_spoke.size() >= limits_.server_messages;
  const Time last = cut ? summary.server_spoke.back().time : summary.last;
  talk.observed.push_back({{summary.flow.start.ns + kSilence.ns}, {last.ns + kFollowWindow.ns}});
}

std::vector<ServerTalk> ServerMessages::take() {
  for (ServerTalk& talk : talks_) {
    std::sort(talk.messages.begin(), talk.messages.end());
    talk.observed = merge_intervals(std::move(talk.observed));
  }
  return std::move(talks_);
}

}  // namespace tattle
