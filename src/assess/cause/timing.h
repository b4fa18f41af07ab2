#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "assess/cause/occurrence_times.h"
#include "assess/document.h"
#include "attribute/actions/action_log.h"

namespace tattle {

inline constexpr std::size_t kNoAction = static_cast<std::size_t>(-1);

/// The tester's doings of a log, for asking of a moment what it lies beside.
class Doings {
 public:
  /// @param log  Borrowed; null: none.
  explicit Doings(const ActionLog* log);
  /// As actions_beside says of one row.
  std::size_t beside(Time time) const;
  /// Whether something may have been done between two moments: a message that was under way then is not unasked.
  bool during(Time from, Time until) const;
  /// The line of the log that says that the phone was left alone, when it surely still was; kNoAction: none.
  std::size_t left_alone(Time time) const;

 private:
  const ActionLog* log_;
  std::vector<std::size_t> done_;  // by time
  double most_ = 0;                // uncertainty of any of them
};

/// The action that each row is beside, as an index into the log: the latest of the tester's doings after which the
/// message began within the log's window, or which by its uncertainty may have come before it. kNoAction: none.
std::vector<std::size_t> actions_beside(const std::vector<OccurrenceTimes::Row>& rows, const ActionLog& log);

/// @param beside  As actions_beside gave for these rows. Actions in the same words are counted together.
/// @param cover   Outside of it what is beside no action may have been asked for all the same.
TimingReport timing_of(const std::vector<OccurrenceTimes::Row>& rows, const std::vector<std::size_t>& beside,
                       const ActionLog& log, const LogCover& cover);

/// The app that sends this, as far as times can say: three messages and more, each beside another action in that one
/// app, one beside each of its actions, and so much time of the log beside none of them that chance would bring this
/// about once in a hundred times at most. Empty: none.
std::string app_by_timing(const std::vector<OccurrenceTimes::Row>& rows, const std::vector<std::size_t>& beside,
                          const ActionLog& log);

}  // namespace tattle
