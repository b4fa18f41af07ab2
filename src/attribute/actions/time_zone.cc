#include "attribute/actions/time_zone.h"

#include <unicode/basictz.h>
#include <unicode/timezone.h>

#include <memory>

namespace tattle {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

/// A fixed distance from UTC in nanoseconds: what RFC 3339 allows behind a time.
std::optional<std::int64_t> fixed_offset(std::string_view zone) {
  if (zone == "UTC") zone = "Z";
  if (zone.empty() || std::string_view("Zz+-").find(zone[0]) == zone.npos) return std::nullopt;
  const auto time = parse_rfc3339("1970-01-02T00:00:00" + std::string(zone));
  if (!time) return std::nullopt;
  return 86400 * 1'000'000'000LL - time->ns;
}

std::unique_ptr<icu::TimeZone> named_zone(std::string_view zone) {
  const icu::UnicodeString name =
      icu::UnicodeString::fromUTF8(icu::StringPiece(zone.data(), static_cast<std::int32_t>(zone.size())));
  UErrorCode status = U_ZERO_ERROR;
  UBool known = 0;
  icu::UnicodeString canonical;
  icu::TimeZone::getCanonicalID(name, canonical, known, status);
  if (U_FAILURE(status) || !known) return nullptr;
  return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(name));
}

}  // namespace

std::optional<LocalTime> parse_local_time(std::string_view text) {
  constexpr std::size_t kDate = 10;  // `2012-11-26`
  if (text.size() <= kDate) return std::nullopt;
  const auto time = parse_rfc3339(text);
  if (!time) return std::nullopt;
  return LocalTime{*time, text.find_first_of("Zz+-", kDate + 1) != text.npos};
}

bool is_time_zone(std::string_view text) { return fixed_offset(text).has_value() || named_zone(text) != nullptr; }

std::optional<Time> from_zone(Time time, std::string_view zone) {
  if (const auto offset = fixed_offset(zone)) return Time{time.ns - *offset};
  const std::unique_ptr<icu::TimeZone> named = named_zone(zone);
  const auto* rules = dynamic_cast<const icu::BasicTimeZone*>(named.get());
  if (rules == nullptr) return std::nullopt;
  const std::int64_t whole_milliseconds = time.ns / kMillisecond;
  const auto offset = [&](UTimeZoneLocalOption option) -> std::optional<std::int64_t> {
    UErrorCode status = U_ZERO_ERROR;
    std::int32_t raw = 0, saving = 0;
    rules->getOffsetFromLocal(static_cast<UDate>(whole_milliseconds), option, option, raw, saving, status);
    return U_FAILURE(status) ? std::nullopt : std::optional<std::int64_t>(raw + saving);
  };
  const auto former = offset(UCAL_TZ_LOCAL_FORMER), latter = offset(UCAL_TZ_LOCAL_LATTER);
  if (!former || former != latter) return std::nullopt;
  return Time{time.ns - *former * kMillisecond};
}

}  // namespace tattle
