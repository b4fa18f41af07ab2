#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "assess/cause/intervals.h"
#include "base/time.h"

namespace tattle {

/// How long after a server's message an upload counts as following it.
inline constexpr Time kFollowWindow{10'000'000'000};
/// Uploads nearer to each other than this are one burst, and count once: they are not independent of each other.
inline constexpr Time kBurstGap{10'000'000'000};
/// How long after a trigger (`locate` pressed on a web page) an upload counts as following it: the push travels, and a
/// phone may take half a minute to find out where it is.
inline constexpr Time kTriggerWindow{60'000'000'000};
/// Under this, divided by the number of tests made (Bonferroni), it is not put down to chance.
inline constexpr double kPromptingLevel = 0.001;
/// Fewer uploads that followed say nothing, whatever their probability.
inline constexpr std::uint64_t kFewestFollowed = 3;

/// The first upload of each burst. @param uploads  Sorted.
std::vector<Time> first_of_bursts(std::span<const Time> uploads);

/// Seconds from what came before to the upload.
struct Latency {
  double min = 0, median = 0, max = 0;
};

/// Of how many uploads it can be said that something came shortly before, and what chance alone would give.
struct Following {
  std::uint64_t followed = 0, of = 0;
  double base_rate = 0;            // what chance gives one of them: 0 to 1
  double p = 1;                    // of so many or more, by chance
  std::optional<Latency> latency;  // of those that followed
  double other_clocks = 0;         // see follow_messages()
};

/// Whether uploads follow a server's messages more often than chance lets them.
///
/// The observed time is the union of `observed`; the time within kFollowWindow after a message, as a share of it, is
/// the base rate p0. Were uploads independent of the messages, each of the n bursts in the observed time would fall
/// into that share with probability p0, so that `p` is the upper tail P(X >= k) of Binomial(n, p0).
///
/// Two clocks that tick alike (a keepalive and an upload, both every four minutes) would pass that test by one
/// coincidence of their phases. So the uploads are shifted as a whole, round the observed time: `other_clocks` is the
/// share of all shifts by more than kFollowWindow at which at least three quarters as many uploads follow. It is
/// found only when the test passes without it at kPromptingLevel; else it stays 0.
///
/// @param messages  Sorted. @param uploads  Sorted, single ones. @param observed  In any order.
Following follow_messages(std::span<const Time> messages, std::span<const Time> uploads,
                          std::vector<Interval> observed);

/// The same in two steps, for many series of uploads.
struct MessageWindows {
  std::vector<Time> messages;      // sorted
  std::vector<Interval> observed;  // merged
  std::vector<Interval> windows;   // behind the messages, within the observed time
  double base_rate = 0;
};
MessageWindows windows_behind(std::vector<Time> messages, std::vector<Interval> observed);
Following follow_messages(const MessageWindows& windows, std::span<const Time> uploads);

/// What the test says: at least kFewestFollowed, most of the uploads, under the level, and with no other clock.
/// @param tests  How many were made in all.
bool is_prompted(const Following& following, std::uint64_t tests);

/// An action of the tester's that should make a server ask the phone.
struct Trigger {
  Time time;
  Time uncertainty;  // of the log: the action was this much earlier or later
};

/// Whether uploads follow triggers more often than they come at other times.
///
/// For each trigger in the observed time: is there an upload from `uncertainty` before it to kTriggerWindow after it,
/// or to the next trigger? The rest of the observed time is cut into windows of the longest such length, the control
/// times. `p` is the upper tail of Fisher's exact test (the hypergeometric distribution: of all windows, so many hold
/// an upload; how likely is it that the triggers' have as many of them?), and `base_rate` the share of control windows
/// with an upload.
struct TriggerFollowing {
  Following following;  // `followed` of `of` triggers
  std::uint64_t control_followed = 0, controls = 0;
};
/// @param triggers  Sorted. @param uploads  Sorted.
TriggerFollowing follow_triggers(std::span<const Trigger> triggers, std::span<const Time> uploads,
                                 std::vector<Interval> observed);

/// Where each trigger's upload is looked for: up to the next one's at most. @param triggers  Sorted.
std::vector<Interval> windows_of(std::span<const Trigger> triggers);
/// @param times  Sorted.
std::optional<Time> first_in(const Interval& window, std::span<const Time> times);

/// @param seconds  Not sorted. None for an empty list.
std::optional<Latency> latency_of(std::vector<double> seconds);

}  // namespace tattle
