#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/flow.h"
#include "base/time.h"

namespace tattle {

/// When one disclosure happened, for everything that asks about time and cause: a message that carries the value
/// several times is one row. A list that had to end early is complete up to a moment, so that what is said of it can be
/// said of a whole stretch of time: no occurrence is missing before that moment.
class OccurrenceTimes {
 public:
  struct Row {
    Time time;  // of the message's first packet
    Time last;  // of its last: what is said of a moment before which it left must hold for this one
    FlowId flow = 0;
    std::uint64_t count = 0;  // occurrences then, in that flow
    bool operator==(const Row&) const = default;
  };

  /// Counts one occurrence; those of one message come together.
  /// @param time  Of the message's first packet, `last` of its last.
  /// @param room  Whether a further row may be listed.
  /// @return      Whether a row was added.
  bool add(Time time, Time last, FlowId flow, bool room);
  /// Adds those of the same disclosure. What stands past the moment at which either list ends becomes unlisted.
  void merge(const OccurrenceTimes& from);

  /// By time, then by flow; without those past the end.
  std::vector<Row> rows() const;
  /// Occurrences in rows().
  std::uint64_t listed() const;
  /// The first occurrence that is not listed; absent: all are.
  std::optional<Time> end() const { return end_; }
  std::size_t size() const { return rows_.size(); }

 private:
  std::vector<Row> rows_;  // in order of arrival
  std::optional<Time> end_;
};

}  // namespace tattle
