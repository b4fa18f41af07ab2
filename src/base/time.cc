#include "base/time.h"

#include <fmt/format.h>

#include <chrono>

namespace tattle {

std::string to_rfc3339(Time time) {
  using namespace std::chrono;
  sys_time<microseconds> when{floor<microseconds>(nanoseconds{time.ns})};
  auto day = floor<days>(when);
  year_month_day date{day};
  hh_mm_ss clock{when - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace tattle
