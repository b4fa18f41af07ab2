#include "run/evidence_tracker.h"

#include <algorithm>

namespace tattle {
namespace {

// Queries whose answers may still come, and answers remembered of all recipients.
constexpr std::size_t kQuestions = 10000;
constexpr std::uint64_t kAnswers = 200000;

}  // namespace

void FlowPackets::add(const Segment& segment) {
  if (!segment.fragments.empty()) {
    for (const PacketRun& run : segment.fragments) stretches_.push_back({run, segment.order, segment.order});
    return;
  }
  const PacketId id = segment.packet;
  if (!stretches_.empty()) {
    Stretch& last = stretches_.back();
    const bool one_each = last.last_order - last.first_order == last.run.last - last.run.first;
    if (one_each && last.run.capture == id.capture && last.run.last + 1 == id.number &&
        last.last_order + 1 == segment.order) {
      last.run.last = id.number;
      last.last_order = segment.order;
      return;
    }
  }
  stretches_.push_back({{id.capture, id.number, id.number}, segment.order, segment.order});
}

PacketRuns FlowPackets::until(std::uint64_t order) const {
  PacketRuns runs;
  for (const Stretch& each : stretches_) {
    if (each.first_order > order) continue;
    PacketRun run = each.run;
    if (each.last_order > order) run.last = run.first + (order - each.first_order);
    add_packets(runs, run);
  }
  return runs;
}

std::uint64_t FlowPackets::after(std::uint64_t order) const {
  std::uint64_t count = 0;
  for (const Stretch& each : stretches_) {
    if (each.last_order <= order) continue;
    count += each.run.last - each.run.first + 1;
    if (each.first_order <= order) count -= order - each.first_order + 1;
  }
  return count;
}

bool FlowPackets::holds(PacketId packet) const {
  return std::any_of(stretches_.begin(), stretches_.end(), [&](const Stretch& each) {
    return each.run.capture == packet.capture && each.run.first <= packet.number && packet.number <= each.run.last;
  });
}

void EvidenceTracker::on_flow(const FlowInfo& flow) {
  if (auto wanted = flows.find(flow.id); wanted != flows.end()) wanted->second.info = flow;
}

void EvidenceTracker::on_segment(const Segment& segment) {
  if (auto wanted = flows.find(segment.flow); wanted != flows.end()) wanted->second.packets.add(segment);
  if (!strays.empty() && holds(strays, segment.packet)) flows_of_strays.insert(segment.flow);
}

void EvidenceTracker::on_secret(std::uint64_t order, FlowId flow, std::string_view label, Bytes client_random,
                                Bytes secret) {
  const auto wanted = flows.find(flow);
  if (wanted == flows.end()) return;
  std::lock_guard lock(mutex_);
  UsedSecret used{std::string(label), {client_random.begin(), client_random.end()}, {secret.begin(), secret.end()}};
  wanted->second.secrets.emplace(std::move(used), order);
}

void EvidenceTracker::on_message(const MessageRecord& record) {
  if (auto wanted = messages.find({record.flow.id, record.number}); wanted != messages.end()) {
    WantedMessage& message = wanted->second;
    message.found = true;
    message.order = std::max(message.order, record.order);
    add_packets(message.packets, record.packets);
    if (!record.host.empty()) message.host = record.host;
    if (!record.sni.empty()) message.sni = record.sni;
  }
  if (record.kind == MessageKind::query) {
    questions_.emplace_back(record.number, record.packets);
    if (questions_.size() > kQuestions) questions_.pop_front();
  }
  if (!record.name_answers.empty()) on_answer(record);
}

void EvidenceTracker::on_answer(const MessageRecord& record) {
  for (const Message::NameAnswer& each : record.name_answers) {
    const auto asked = answers.find(each.address);
    if (asked == answers.end() || answer_count_ >= kAnswers) continue;
    ++answer_count_;
    NameAnswer answer{record.order, record.flow.id, false, record.packets, each.name};
    answer.whole_flow = record.protection != Protection::clear || record.flow.transport == Transport::tcp;
    const std::uint64_t question = record.request_number ? *record.request_number : 0;
    const auto found = std::find_if(questions_.rbegin(), questions_.rend(),
                                    [&](const auto& query) { return query.first == question; });
    if (question != 0 && found != questions_.rend()) add_packets(answer.packets, found->second);
    asked->second.push_back(std::move(answer));
  }
}

}  // namespace tattle
