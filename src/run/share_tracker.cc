#include "run/share_tracker.h"

#include <algorithm>
#include <tuple>

namespace tattle {

ShareTracker::ShareTracker(const std::vector<SliceRequest>& requests, const std::vector<Subject>& subjects,
                           const Limits& limits)
    : requests_(requests), limits_(limits) {
  for (const Subject& subject : subjects) {
    std::vector<std::string>& names = entries_.emplace_back();
    for (const Entry& entry : subject.entries) names.push_back(entry.name);
  }
}

bool ShareTracker::shows(const Hit& hit, const AuditedDisclosure& disclosure) const {
  if (hit.datum != disclosure.datum || hit.form != disclosure.form) return false;
  // A stream's number is left out of the audit's path, and a private value in it is hidden there.
  const auto same_step = [](const PathStep& step, const std::pair<std::string, std::string>& told) {
    const bool open = told.second.empty() || told.second.find("•") != std::string::npos;
    return step.step == told.first && (open || step.detail == told.second);
  };
  if (!std::equal(hit.path.begin(), hit.path.end(), disclosure.steps.begin(), disclosure.steps.end(), same_step)) {
    return false;
  }
  const auto& parts = disclosure.parts;
  if (!parts.empty() && std::find(parts.begin(), parts.end(), hit.part) == parts.end()) return false;
  if (hit.entry < 0 || disclosure.entry.empty()) return hit.entry < 0 && disclosure.entry.empty();
  const std::vector<std::string>& names = entries_.at(static_cast<std::size_t>(hit.subject));
  const bool hidden = disclosure.entry.find("•") != std::string::npos;
  return hidden || names.at(static_cast<std::size_t>(hit.entry)) == disclosure.entry;
}

void ShareTracker::on_content(const Message& message, const MessageRecord& record) {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    const auto& occurrences = requests_[i].occurrences;
    const bool wanted = std::any_of(occurrences.begin(), occurrences.end(),
                                    [&](const AuditedOccurrence* each) { return each->flow == record.flow.id; });
    if (!wanted) continue;
    const auto hit = std::find_if(record.hits.begin(), record.hits.end(),
                                  [&](const Hit& each) { return shows(each, *requests_[i].disclosure); });
    if (hit == record.hits.end()) continue;
    Shown shown{i, record.flow.id, record.order, record.own_number, shareable(message, *hit, limits_)};
    std::lock_guard lock(mutex_);
    shown_.push_back(std::move(shown));
  }
}

std::vector<std::vector<SharedPdu>> ShareTracker::take() {
  std::sort(shown_.begin(), shown_.end(), [](const Shown& a, const Shown& b) {
    return std::tie(a.order, *a.number, a.request) < std::tie(b.order, *b.number, b.request);
  });
  std::vector<std::vector<SharedPdu>> pdus(requests_.size());
  for (Shown& each : shown_) {
    const auto& occurrences = requests_[each.request].occurrences;
    const bool chosen = std::any_of(occurrences.begin(), occurrences.end(), [&](const AuditedOccurrence* occurrence) {
      return occurrence->flow == each.flow && occurrence->message == *each.number;
    });
    if (!chosen) continue;
    std::move(each.pdus.begin(), each.pdus.end(), std::back_inserter(pdus[each.request]));
  }
  return pdus;
}

}  // namespace tattle
