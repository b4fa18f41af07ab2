#pragma once

#include <string>

#include "assess/document.h"
#include "report/say/messages.h"

namespace tattle {

/// Times as readers meet them: by the clock of the tester's log when all its lines are of one, else in UTC, with day,
/// month and year as the language writes them. What is made for programs stays in UTC.
class Clock {
 public:
  Clock(const AuditDocument& document, const Messages& messages);

  /// `UTC`, `UTC+02:00`.
  std::string zone() const;
  /// `+02:00`; empty when the log has no clock of its own.
  std::string offset() const;
  /// `UTC+02:00, the clock of the tester's log`.
  std::string zone_and_ground() const;

  /// `2012-11-26 18:41:12`, `2012-11-26 18:41`, `18:41:12`, `18:41:12.345`.
  std::string second(Time time) const;
  std::string minute(Time time) const;
  std::string second_of_day(Time time) const;
  std::string exact_of_day(Time time) const;
  std::string minute_of_day(Time time) const;
  /// `2012-11-26`, and without the year.
  std::string day(Time time) const;
  std::string day_of_year(Time time) const;
  /// The same moment as if that clock's were UTC's; at the ends of time as far as it goes.
  Time local(Time time) const;

 private:
  std::string dated(const char* key, Time time) const;
  std::string of_day(const std::string& rfc3339, std::size_t characters) const;
  const Messages& messages_;
  std::int64_t offset_s_ = 0;
  bool of_log_ = false;
};

}  // namespace tattle
