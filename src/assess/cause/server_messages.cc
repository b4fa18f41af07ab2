#include "assess/cause/server_messages.h"

#include <algorithm>

#include "assess/table/contact_table.h"

namespace tattle {
namespace {

// From the first packet of what was said to the packet in which a message of it was whole enough to be told.
constexpr std::int64_t kDelay = 1'000'000'000;
constexpr std::size_t kMostExchanges = 256;  // under way in one flow; what is more has the flow's silence only
constexpr std::size_t kFewExchanges = 16;    // under which none is looked for that ended
constexpr int kRequestTimeout = 408;         // a server's good-bye to who asks nothing (RFC 9110 section 15.5.9)

/// Whether it answers nothing. A request that comes from the phone's server is HTTP's promise of an answer that nobody
/// asked for (RFC 9113 section 8.4).
bool asks_nothing(const MessageRecord& message) {
  return message.kind == MessageKind::frame || message.kind == MessageKind::publish ||
         (message.kind == MessageKind::request && message.flow.device == DeviceSide::client);
}

bool held_back(Time asked, Time answered) {
  return answered.ns - asked.ns >= std::int64_t{ServerMessages::kHeldBack} * 1'000'000'000;
}

bool interim(const MessageRecord& message) {
  return message.kind == MessageKind::response && message.status && *message.status < 200 && *message.status != 101;
}

std::uint64_t exchange_of(const MessageRecord& message) {
  if (message.kind == MessageKind::request) return message.number;
  return message.request_number ? *message.request_number : 0;
}

}  // namespace

void ServerMessages::on_message(const MessageRecord& message) {
  if (message.flow.imported || interim(message)) return;
  const bool sent = sent_by_phone(message);
  const bool answer = message.kind == MessageKind::response, asks = message.kind == MessageKind::request && sent;
  if (!asks && !answer && !asks_nothing(message)) return;
  if (answer && sent) return;  // a phone that serves
  Heard& heard = open_[message.flow.id];
  if (const std::uint64_t number = exchange_of(message); number != 0) {
    const auto found = std::find_if(heard.exchanges.rbegin(), heard.exchanges.rend(),
                                    [&](const Exchange& each) { return each.request == number; });
    if (found != heard.exchanges.rend()) return in_exchange(message, *found, heard);
    if (asks) {
      if (heard.exchanges.size() >= kFewExchanges) {
        std::erase_if(heard.exchanges, [](const Exchange& each) { return each.answered && !each.goes_on; });
      }
      if (heard.exchanges.size() < kMostExchanges) heard.exchanges.push_back({number, message.last, false, false});
      return;
    }
  }
  if (!sent && message.body_offset == 0) without_exchange(message, heard);
}

void ServerMessages::in_exchange(const MessageRecord& message, Exchange& exchange, Heard& heard) const {
  const Time before = exchange.last;
  exchange.last = std::max(exchange.last, message.last);
  if (sent_by_phone(message)) return;
  const bool first = !exchange.answered, frame = message.kind == MessageKind::frame;
  exchange.answered = true;
  exchange.goes_on |= frame || (message.status && *message.status == 101);
  if (message.body_offset > 0) return;
  const bool held = first && held_back(before, message.first) && message.status != kRequestTimeout;
  if (!held && (first || !frame || message.first.ns - before.ns < kSilence.ns)) return;
  if (heard.moments.size() >= limits_.server_messages) return;
  heard.moments.push_back(message.first);
  (held ? heard.held : heard.read) = true;
}

void ServerMessages::without_exchange(const MessageRecord& message, Heard& heard) const {
  const bool answer = message.kind == MessageKind::response;
  // No answer of so young a flow can have been held back for long.
  if (answer && heard.rows.empty() && !held_back(message.flow.start, message.first)) return;
  const bool after_silence = heard.rows.empty() || message.first.ns - heard.last.ns >= kSilence.ns;
  heard.last = message.first;
  if (!after_silence || heard.rows.size() >= limits_.server_messages) return;
  const bool says_nothing = answer && (message.status == kRequestTimeout || message.body_bytes == 0);
  heard.rows.push_back({message.first, answer, says_nothing});
}

// When the server spoke in this flow, in order.
std::vector<Time> ServerMessages::moments_of(const FlowSummary& summary, Heard& heard) {
  std::vector<Time> moments = std::move(heard.moments);
  const bool closed = summary.opaque_bytes > 0 || summary.raw_bytes > 0;
  for (const ServerSpoke& moment : summary.server_spoke) {
    const auto row = std::find_if(heard.rows.begin(), heard.rows.end(), [&](const Heard::Row& each) {
      const std::int64_t later = each.time.ns - moment.time.ns;
      return later >= 0 && later <= kDelay && (!each.answer || moment.silence >= kHeldBack);
    });
    const bool read = row != heard.rows.end() && !(moment.farewell && row->says_nothing);
    const bool known = std::any_of(moments.begin(), moments.end(), [&](Time each) {
      return each >= moment.time && each.ns - moment.time.ns <= kDelay;
    });
    if (known) continue;
    if (read) {
      (row->answer ? heard.held : heard.read) = true;
      moments.push_back(moment.time);
    } else if (closed && !moment.farewell) {
      moments.push_back(moment.time);
    } else if (closed) {
      ++unclear_[summary.flow.subject];
    }
  }
  std::sort(moments.begin(), moments.end());
  return moments;
}

std::uint64_t ServerMessages::unclear(std::uint32_t subject) const {
  const auto found = unclear_.find(subject);
  return found == unclear_.end() ? 0 : found->second;
}

void ServerMessages::on_flow(const FlowSummary& summary, const Party& party) {
  Heard heard;
  const auto found = open_.find(summary.flow.id);
  if (found != open_.end()) {
    heard = std::move(found->second);
    open_.erase(found);
  }
  // What is said inside a tunnel is not the tunnel's server's.
  if (summary.opaque_reason == "encrypted-tunnel") return;
  const std::vector<Time> moments = moments_of(summary, heard);
  if (moments.empty()) return;
  if (kept_ + moments.size() > limits_.all_server_messages) {
    const PacketId where = summary.server_spoke.empty() ? PacketId{} : summary.server_spoke.front().packet;
    anomalies_.note("assess.server-messages-full", where);
    return;
  }
  kept_ += moments.size();
  const auto subject = summary.flow.subject;
  auto [place, fresh] = by_key_.try_emplace(std::to_string(subject) + '\x1f' + contact_key(party), talks_.size());
  if (fresh) talks_.push_back({subject, party, {}, {}, false, false});
  ServerTalk& talk = talks_[place->second];
  talk.read |= heard.read;
  talk.held |= heard.held;
  talk.messages.insert(talk.messages.end(), moments.begin(), moments.end());
  // From the last that is listed on, nothing is known.
  Time last = summary.last;
  if (moments.size() >= limits_.server_messages) last = moments.back();
  if (summary.server_spoke.size() >= limits_.server_messages) last = summary.server_spoke.back().time;
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
