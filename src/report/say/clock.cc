#include "report/say/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace tattle {
Clock::Clock(const AuditDocument& document, const Messages& messages)
    : messages_(messages),
      offset_s_(document.clock_offset_s.value_or(0)),
      of_log_(document.clock_offset_s.has_value()) {}

std::string Clock::offset() const {
  if (!of_log_) return {};
  const std::int64_t minutes = std::abs(offset_s_) / 60;
  return fmt::format("{}{:02}:{:02}", offset_s_ < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string Clock::zone() const { return offset_s_ == 0 ? "UTC" : "UTC" + offset(); }

std::string Clock::zone_and_ground() const {
  return of_log_ ? messages_.text("time.of-log", {{"zone", zone()}}) : zone();
}

Time Clock::local(Time time) const {
  std::int64_t moved = 0;
  if (!__builtin_add_overflow(time.ns, offset_s_ * 1'000'000'000, &moved)) return {moved};
  return {offset_s_ < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max()};
}

std::string Clock::dated(const char* key, Time time) const {
  const std::string text = to_rfc3339(local(time));
  const bool two = messages_.text("time.two-digits") == "yes";
  const auto digits = [&](std::size_t at) {
    return text.substr(two || text[at] != '0' ? at : at + 1, two || text[at] != '0' ? 2 : 1);
  };
  // A form without the year has no place for it.
  return messages_.text(key, {{"year", text.substr(0, 4)}, {"month", digits(5)}, {"day", digits(8)}});
}

std::string Clock::day(Time time) const { return dated("time.date", time); }
std::string Clock::day_of_year(Time time) const { return dated("time.day", time); }

std::string Clock::of_day(const std::string& rfc3339, std::size_t characters) const {
  std::string text = rfc3339.substr(11, characters);
  const std::string& colon = messages_.text("time.colon");
  std::string out;
  for (const char each : text) {
    if (each == ':') {
      out += colon;
    } else if (each == '.') {
      out += messages_.text("number.decimal");
    } else {
      out += each;
    }
  }
  return out;
}

std::string Clock::minute_of_day(Time time) const { return of_day(to_rfc3339(local(time)), 5); }
std::string Clock::second_of_day(Time time) const { return of_day(to_rfc3339(local(time)), 8); }
std::string Clock::exact_of_day(Time time) const { return of_day(to_rfc3339(local(time)), 12); }
std::string Clock::second(Time time) const { return day(time) + " " + second_of_day(time); }
std::string Clock::minute(Time time) const { return day(time) + " " + minute_of_day(time); }

}  // namespace tattle
