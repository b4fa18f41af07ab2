#include "assess/cause/prompting.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/hypergeometric.hpp>
#include <cmath>
#include <limits>

namespace tattle {
namespace {

// A capture may claim any time: what is beyond the clock stays at its end.
Time operator+(Time a, Time b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a.ns, b.ns, &sum)) return {sum};
  return {a.ns < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max()};
}
Time operator-(Time a, Time b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a.ns, b.ns, &difference)) return {difference};
  return {a.ns < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max()};
}

// So many of the uploads are tried with other clocks; an even choice of them stands for the rest.
constexpr std::size_t kMostShifted = 200;
constexpr std::size_t kMostWindows = 5000;
constexpr std::size_t kMostControls = 50000;
constexpr double kNearlyAsMany = 0.75;

// P(X >= k) of n trials.
double binomial_tail(std::uint64_t k, std::uint64_t n, double share) {
  if (k == 0 || share >= 1) return 1;
  if (share <= 0) return 0;
  const boost::math::binomial_distribution<double> distribution(static_cast<double>(n), share);
  return boost::math::cdf(boost::math::complement(distribution, static_cast<double>(k - 1)));
}

// Fisher's exact test: of all windows, so many hold an upload; the probability that the n triggers' have k or more.
double fisher_tail(std::uint64_t k, std::uint64_t n, std::uint64_t control_followed, std::uint64_t controls) {
  const std::uint64_t held = k + control_followed, all = n + controls;
  const std::uint64_t least = n + held > all ? n + held - all : 0;
  if (k <= least) return 1;
  // At most kMostControls windows and the log's triggers.
  const boost::math::hypergeometric_distribution<double> distribution(
      static_cast<unsigned>(held), static_cast<unsigned>(n), static_cast<unsigned>(all));
  return boost::math::cdf(boost::math::complement(distribution, static_cast<double>(k - 1)));
}

// Windows of one length that fill the observed time outside the triggers' own; an even choice when they are many.
std::vector<Interval> control_windows(std::span<const Interval> observed, std::span<const Interval> triggered,
                                      Time length) {
  const double most = static_cast<double>(kMostControls) * length.seconds();
  const double whole = seconds_in(observed);
  const Time step{whole > most ? static_cast<std::int64_t>(whole / most * static_cast<double>(length.ns)) : length.ns};
  std::vector<Interval> windows;
  for (const Interval& stretch : observed) {
    Time begin = stretch.begin;
    while (begin + length <= stretch.end && begin < begin + length) {
      const Interval window{begin, begin + length};
      const auto touched = std::upper_bound(triggered.begin(), triggered.end(), window.begin,
                                            [](Time value, const Interval& each) { return value < each.end; });
      if (touched != triggered.end() && touched->begin < window.end) {
        begin = touched->end;
      } else {
        windows.push_back(window);
        begin = begin + step;
      }
    }
  }
  return windows;
}

// Seconds of observed time before each instant: the observed stretches laid end to end.
class Timeline {
 public:
  explicit Timeline(std::span<const Interval> observed) : observed_(observed) {
    for (const Interval& each : observed) {
      before_.push_back(length_);
      length_ += (each.end - each.begin).seconds();
    }
  }
  double length() const { return length_; }
  double at(Time time) const {
    const auto after = std::upper_bound(observed_.begin(), observed_.end(), time,
                                        [](Time value, const Interval& each) { return value < each.begin; });
    if (after == observed_.begin()) return 0;
    const auto index = static_cast<std::size_t>(after - observed_.begin()) - 1;
    return before_[index] + (std::min(time, observed_[index].end) - observed_[index].begin).seconds();
  }

 private:
  std::span<const Interval> observed_;
  std::vector<double> before_;
  double length_ = 0;
};

// Of all shifts of the uploads by more than the window, the share at which at least `enough` of them follow.
double share_of_shifts(const Timeline& line, std::span<const Interval> windows, std::span<const Time> uploads,
                       double enough) {
  const double length = line.length(), apart = kFollowWindow.seconds();
  if (length <= 2 * apart) return 1;
  struct Step {
    double shift;
    int change;
  };
  std::vector<Step> steps;
  std::int64_t following = 0;
  for (const Time upload : uploads) {
    const double position = line.at(upload);
    for (const Interval& window : windows) {
      double from = std::fmod(line.at(window.begin) - position + length, length);
      double to = from + (window.end - window.begin).seconds();
      steps.push_back({from, 1});
      if (to > length) {
        ++following;  // from 0 on, too
        to -= length;
      }
      steps.push_back({to, -1});
    }
  }
  std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.shift < b.shift; });
  double reached = 0, last = apart;
  for (const Step& step : steps) {
    const double until = std::clamp(step.shift, apart, length - apart);
    if (static_cast<double>(following) >= enough) reached += until - last;
    last = until;
    following += step.change;
  }
  if (static_cast<double>(following) >= enough) reached += length - apart - last;
  return reached / (length - 2 * apart);
}

double try_other_clocks(std::span<const Interval> observed, std::span<const Interval> windows,
                        std::span<const Time> uploads) {
  if (windows.size() > kMostWindows) return 1;  // not tried, so not said
  std::vector<Time> chosen;
  const std::size_t step = (uploads.size() + kMostShifted - 1) / kMostShifted;
  for (std::size_t i = 0; i < uploads.size(); i += step) chosen.push_back(uploads[i]);
  const auto followed = std::count_if(chosen.begin(), chosen.end(), [&](Time time) { return lies_in(windows, time); });
  return share_of_shifts(Timeline(observed), windows, chosen, std::ceil(kNearlyAsMany * static_cast<double>(followed)));
}

}  // namespace

std::vector<Time> first_of_bursts(std::span<const Time> uploads) {
  std::vector<Time> firsts;
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    if (i == 0 || uploads[i] - uploads[i - 1] >= kBurstGap) firsts.push_back(uploads[i]);
  }
  return firsts;
}

std::optional<Latency> latency_of(std::vector<double> seconds) {
  if (seconds.empty()) return std::nullopt;
  std::sort(seconds.begin(), seconds.end());
  const std::size_t middle = seconds.size() / 2;
  const double median = seconds.size() % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
  return Latency{seconds.front(), median, seconds.back()};
}

MessageWindows windows_behind(std::vector<Time> messages, std::vector<Interval> observed) {
  MessageWindows made;
  made.observed = merge_intervals(std::move(observed));
  made.messages = std::move(messages);
  std::vector<Interval> windows;
  for (const Time message : made.messages) {
    // An upload of the message's own instant did not wait for it.
    windows.push_back({message + Time{1}, message + kFollowWindow + Time{1}});
  }
  made.windows = common_intervals(merge_intervals(std::move(windows)), made.observed);
  const double whole = seconds_in(made.observed);
  if (whole > 0) made.base_rate = seconds_in(made.windows) / whole;
  return made;
}

Following follow_messages(const MessageWindows& behind, std::span<const Time> uploads) {
  Following result;
  result.base_rate = behind.base_rate;
  std::vector<Time> bursts;
  for (const Time upload : first_of_bursts(uploads)) {
    if (lies_in(behind.observed, upload)) bursts.push_back(upload);
  }
  std::vector<double> latencies;
  for (const Time upload : bursts) {
    if (!lies_in(behind.windows, upload)) continue;
    const auto next = std::lower_bound(behind.messages.begin(), behind.messages.end(), upload);
    latencies.push_back((upload - *std::prev(next)).seconds());
  }
  result.of = bursts.size();
  result.followed = latencies.size();
  result.p = binomial_tail(result.followed, result.of, result.base_rate);
  result.latency = latency_of(std::move(latencies));
  if (is_prompted(result, 1)) result.other_clocks = try_other_clocks(behind.observed, behind.windows, bursts);
  return result;
}

Following follow_messages(std::span<const Time> messages, std::span<const Time> uploads,
                          std::vector<Interval> observed) {
  return follow_messages(windows_behind({messages.begin(), messages.end()}, std::move(observed)), uploads);
}

bool is_prompted(const Following& following, std::uint64_t tests) {
  return following.followed >= kFewestFollowed && 2 * following.followed > following.of &&
         following.p * static_cast<double>(std::max<std::uint64_t>(tests, 1)) < kPromptingLevel &&
         following.other_clocks < kPromptingLevel;
}

std::vector<Interval> windows_of(std::span<const Trigger> triggers) {
  std::vector<Interval> windows;
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    Interval window{triggers[i].time - triggers[i].uncertainty, triggers[i].time + kTriggerWindow};
    // An upload is the latest trigger's.
    if (i + 1 < triggers.size()) window.end = std::min(window.end, triggers[i + 1].time - triggers[i + 1].uncertainty);
    windows.push_back(window);
  }
  return windows;
}

std::optional<Time> first_in(const Interval& window, std::span<const Time> times) {
  const auto found = std::lower_bound(times.begin(), times.end(), window.begin);
  if (found == times.end() || *found >= window.end) return std::nullopt;
  return *found;
}

TriggerFollowing follow_triggers(std::span<const Trigger> triggers, std::span<const Time> uploads,
                                 std::vector<Interval> observed) {
  observed = merge_intervals(std::move(observed));
  TriggerFollowing result;
  Time length = kTriggerWindow;
  std::vector<Interval> triggered;
  std::vector<double> latencies;
  const std::vector<Interval> windows = windows_of(triggers);
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    if (!lies_in(observed, triggers[i].time) || windows[i].end <= windows[i].begin) continue;
    length = std::max(length, windows[i].end - windows[i].begin);
    triggered.push_back(windows[i]);
    if (const auto found = first_in(windows[i], uploads)) latencies.push_back((*found - triggers[i].time).seconds());
  }
  Following& following = result.following;
  following.of = triggered.size();
  following.followed = latencies.size();
  following.latency = latency_of(std::move(latencies));
  for (const Interval& control : control_windows(observed, merge_intervals(std::move(triggered)), length)) {
    ++result.controls;
    if (first_in(control, uploads)) ++result.control_followed;
  }
  if (result.controls > 0) {
    following.base_rate = static_cast<double>(result.control_followed) / static_cast<double>(result.controls);
  }
  following.p = fisher_tail(following.followed, following.of, result.control_followed, result.controls);
  return result;
}

}  // namespace tattle
