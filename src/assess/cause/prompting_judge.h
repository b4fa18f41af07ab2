#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assess/cause/prompting.h"
#include "assess/cause/server_messages.h"
#include "assess/document.h"

namespace tattle {

/// When one disclosure was sent, and while that was looked at.
struct UploadSeries {
  std::uint32_t subject = 0;
  std::vector<Time> times;         // sorted
  std::vector<Interval> observed;  // of the captures, as far as the times are complete
};

/// At whose prompting a disclosure was sent, as far as times say anything about it.
struct PromptingVerdict {
  enum class Kind : std::uint8_t {
    server_message,  // it follows a server's messages; who asked the server is not known
    trigger,         // it follows the tester's triggers
    unexplained,     // it follows a server's messages that no trigger of the tester's log explains
    not_shown,       // servers spoke, but what followed may be chance, or is too little to say
    none_seen,       // no server spoke unasked
  };
  Kind kind = Kind::none_seen;
  Following following;
  std::uint64_t tests = 0;                           // made in all: the level was divided by it
  std::int64_t talk = -1;                            // whose messages they were; -1: none
  std::optional<Latency> push;                       // of a trigger: until that server spoke
  std::uint64_t pushed = 0;                          // triggers after which it spoke before the upload
  std::uint64_t controls = 0, control_followed = 0;  // of a trigger
  std::uint64_t unexplained = 0;                     // uploads behind a server's message, outside the triggers' windows
  std::int64_t few = -1;     // of not_shown without a test: whose messages `following` counts; -1: none
  bool same_rhythm = false;  // of not_shown: it would pass, but as many follow with other clocks
};

/// What is known to have been done on purpose.
struct TriggerLog {
  bool kept = false;                               // there is a log: then what it does not explain is unexplained
  std::vector<Trigger> triggers;                   // sorted
  std::optional<LogCover> covered = std::nullopt;  // the time of which it says everything; absent: always
};

/// Compares each series with each server's messages of the same subject, and with the triggers. The level holds for all
/// these tests together.
std::vector<PromptingVerdict> judge_prompting(const std::vector<UploadSeries>& uploads,
                                              const std::vector<ServerTalk>& talks, const TriggerLog& log);

/// How many series and servers are compared at most: the first of the former, the busiest of the latter.
inline constexpr std::size_t kMostSeries = 2000, kMostTalks = 200;

}  // namespace tattle
