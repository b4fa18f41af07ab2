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

namespace {

/// Takes `count` digits off the front; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Nanoseconds of `.123…`; digits beyond the ninth are dropped.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, ".,")) return 0;
  std::int64_t value = 0, unit = 100000000;
  const std::size_t before = text.size();
  for (int digit = take_digits(text, 1); digit >= 0; digit = take_digits(text, 1)) {
    value += unit * digit;
    unit /= 10;
  }
  return text.size() == before ? std::nullopt : std::optional(value);
}

/// Seconds east of UTC.
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (text.empty() || take(text, "Zz")) return 0;
  const bool west = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const int hours = take_digits(text, 2);
  take(text, ":");
  const int minutes = take_digits(text, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = hours * 3600LL + minutes * 60LL;
  return west ? -seconds : seconds;
}

}  // namespace

std::optional<Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const int year = take_digits(text, 4);
  const bool dash = take(text, "-");
  const int month = take_digits(text, 2);
  const bool second_dash = take(text, "-");
  const int day = take_digits(text, 2);
  if (!dash || !second_dash || year < 1678 || year > 2261 || month < 0 || day < 0) return std::nullopt;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  std::int64_t seconds = sys_days(date).time_since_epoch().count() * 86400LL, ns = 0;
  if (take(text, "Tt ")) {
    const int hour = take_digits(text, 2);
    const bool colon = take(text, ":");
    const int minute = take_digits(text, 2);
    const int second = take(text, ":") ? take_digits(text, 2) : 0;
    // 60 is a leap second; POSIX time has no place for it.
    if (!colon || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
    const auto fraction = take_fraction(text);
    const auto zone = take_zone(text);
    if (!fraction || !zone) return std::nullopt;
    seconds += hour * 3600LL + minute * 60LL + second - *zone;
    ns = *fraction;
  }
  if (!text.empty()) return std::nullopt;
  return Time{seconds * 1000000000 + ns};
}

}  // namespace tattle
