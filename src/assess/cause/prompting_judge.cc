#include "assess/cause/prompting_judge.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

namespace tattle {
namespace {

using Kind = PromptingVerdict::Kind;

// The busiest; in their own order.
std::vector<std::size_t> talks_compared(const std::vector<ServerTalk>& talks) {
  std::vector<std::size_t> order(talks.size());
  std::iota(order.begin(), order.end(), 0u);
  if (order.size() > kMostTalks) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return talks[a].messages.size() > talks[b].messages.size(); });
    order.resize(kMostTalks);
    std::sort(order.begin(), order.end());
  }
  return order;
}

class Judge {
 public:
  Judge(const std::vector<UploadSeries>& uploads, const std::vector<ServerTalk>& talks, const TriggerLog& log)
      : uploads_(uploads), talks_(talks), log_(log), compared_(talks_compared(talks)) {
    triggered_ = merge_intervals(windows_of(log.triggers));
    std::vector<Interval> known = triggered_;
    constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
    known.push_back(log.covered ? Interval{log.covered->from, log.covered->until.value_or(Time{kEver})}
                                : Interval{{-kEver}, {kEver}});
    known_ = merge_intervals(std::move(known));
  }

  std::vector<PromptingVerdict> verdicts() {
    std::vector<PromptingVerdict> verdicts(uploads_.size());
    const std::size_t most = std::min(uploads_.size(), kMostSeries);
    for (std::size_t i = 0; i < most; ++i) compare(uploads_[i], verdicts[i]);
    for (std::size_t i = 0; i < most; ++i) conclude(uploads_[i], verdicts[i]);
    return verdicts;
  }

 private:
  void prepare(const std::vector<Interval>& observed);
  void compare(const UploadSeries& series, PromptingVerdict& verdict);
  void conclude(const UploadSeries& series, PromptingVerdict& verdict) const;
  Following while_logged(const UploadSeries& series, const ServerTalk& talk) const;
  std::uint64_t unexplained(const UploadSeries& series, std::int64_t talk) const;
  void tell_push(const UploadSeries& series, PromptingVerdict& verdict) const;

  const std::vector<UploadSeries>& uploads_;
  const std::vector<ServerTalk>& talks_;
  const TriggerLog& log_;
  const std::vector<std::size_t> compared_;
  std::vector<Interval> triggered_;  // the triggers' windows, merged
  std::vector<Interval> known_;      // with the time in which there was no other trigger
  std::uint64_t tests_ = 0;
  // Of the compared talks, for series that were observed then: most were for the same time.
  struct Heard {
    bool any = false;        // it spoke, triggered or not
    MessageWindows unasked;  // outside the triggers' windows
  };
  std::vector<Heard> heard_;
  std::optional<std::vector<Interval>> heard_for_;
};

void Judge::prepare(const std::vector<Interval>& observed) {
  if (heard_for_ == observed) return;
  heard_for_ = observed;
  heard_.clear();
  const std::vector<Interval> merged = merge_intervals(observed);
  const std::vector<Interval> seen = without_intervals(merged, triggered_);
  for (std::size_t i : compared_) {
    const ServerTalk& talk = talks_[i];
    std::vector<Time> unasked = talk.messages;
    std::erase_if(unasked, [&](Time time) { return lies_in(triggered_, time); });
    heard_.push_back({!common_intervals(talk.observed, merged).empty(),
                      windows_behind(std::move(unasked), common_intervals(talk.observed, seen))});
  }
}

// The most telling server, outside what the triggers explain. A pair in which too few uploads fall makes no test.
void Judge::compare(const UploadSeries& series, PromptingVerdict& verdict) {
  const auto better = [](const Following& a, const Following& b) {
    const bool clock_a = a.other_clocks < kPromptingLevel, clock_b = b.other_clocks < kPromptingLevel;
    return clock_a != clock_b ? clock_a : a.p < b.p;
  };
  prepare(series.observed);
  for (std::size_t i = 0; i < compared_.size(); ++i) {
    if (talks_[compared_[i]].subject != series.subject || !heard_[i].any) continue;
    verdict.kind = Kind::not_shown;
    const Following following = follow_messages(heard_[i].unasked, series.times);
    if (following.of < kFewestFollowed || following.base_rate <= 0) {
      if (verdict.talk >= 0 || following.followed <= verdict.following.followed) continue;
      verdict.following = following;
      verdict.few = static_cast<std::int64_t>(compared_[i]);
      continue;
    }
    ++tests_;
    if (verdict.talk >= 0 && !better(following, verdict.following)) continue;
    verdict.following = following;
    verdict.talk = static_cast<std::int64_t>(compared_[i]);
  }
  if (!log_.triggers.empty()) ++tests_;
}

// The same messages, only while a trigger would stand in the log.
Following Judge::while_logged(const UploadSeries& series, const ServerTalk& talk) const {
  const std::vector<Interval> seen =
      common_intervals(without_intervals(merge_intervals(series.observed), triggered_), known_);
  std::vector<Time> unasked = talk.messages;
  std::erase_if(unasked, [&](Time time) { return lies_in(triggered_, time) || !lies_in(known_, time); });
  return follow_messages(windows_behind(std::move(unasked), common_intervals(talk.observed, seen)), series.times);
}

// Behind that server's messages; without one, behind those of the server that most followed.
std::uint64_t Judge::unexplained(const UploadSeries& series, std::int64_t talk) const {
  std::uint64_t most = 0;
  for (std::size_t i : compared_) {
    if (talks_[i].subject != series.subject || (talk >= 0 && static_cast<std::size_t>(talk) != i)) continue;
    most = std::max(most, while_logged(series, talks_[i]).followed);
  }
  return most;
}

void Judge::conclude(const UploadSeries& series, PromptingVerdict& verdict) const {
  verdict.tests = tests_;
  if (verdict.talk >= 0 && is_prompted(verdict.following, tests_)) {
    verdict.kind = Kind::server_message;
    if (log_.kept) {
      const Following logged = while_logged(series, talks_[static_cast<std::size_t>(verdict.talk)]);
      if (is_prompted(logged, tests_)) {
        verdict.kind = Kind::unexplained;
        verdict.following = logged;
      }
    }
  } else if (verdict.talk >= 0) {
    Following fair = verdict.following;
    fair.other_clocks = 0;
    verdict.same_rhythm = is_prompted(fair, tests_);
  }
  if (log_.triggers.empty()) return;
  const TriggerFollowing found =
      follow_triggers(log_.triggers, series.times, common_intervals(merge_intervals(series.observed), known_));
  if (!is_prompted(found.following, tests_)) return;
  verdict.unexplained = unexplained(series, verdict.talk);
  verdict.kind = Kind::trigger;
  verdict.following = found.following;
  verdict.controls = found.controls;
  verdict.control_followed = found.control_followed;
  verdict.same_rhythm = false;
  verdict.talk = -1;
  tell_push(series, verdict);
}

// The server that spoke most often between a trigger and its upload.
void Judge::tell_push(const UploadSeries& series, PromptingVerdict& verdict) const {
  const std::vector<Interval> windows = windows_of(log_.triggers);
  for (std::size_t i : compared_) {
    if (talks_[i].subject != series.subject) continue;
    std::vector<double> latencies;
    for (std::size_t k = 0; k < windows.size(); ++k) {
      const auto upload = first_in(windows[k], series.times);
      if (!upload) continue;
      const auto push = first_in({windows[k].begin, *upload}, talks_[i].messages);
      if (push) latencies.push_back(Time{push->ns - log_.triggers[k].time.ns}.seconds());
    }
    if (latencies.size() <= verdict.pushed) continue;
    verdict.pushed = latencies.size();
    verdict.push = latency_of(std::move(latencies));
    verdict.talk = static_cast<std::int64_t>(i);
  }
}

}  // namespace

std::vector<PromptingVerdict> judge_prompting(const std::vector<UploadSeries>& uploads,
                                              const std::vector<ServerTalk>& talks, const TriggerLog& log) {
  return Judge(uploads, talks, log).verdicts();
}

}  // namespace tattle
