#include "assess/document.h"

namespace tattle {

std::string_view to_string(Certainty certainty) { return certainty == Certainty::verified ? "verified" : "inferred"; }

std::string_view to_string(Travel travel) { return travel == Travel::sent ? "sent" : "received"; }

std::string_view to_string(PermissionState state) {
  switch (state) {
    case PermissionState::after_refused:
      return "after-refused";
    case PermissionState::before_granted:
      return "before-granted";
    case PermissionState::before_refused:
      return "before-refused";
    case PermissionState::before_first_prompt:
      return "before-first-prompt";
    case PermissionState::after_first_prompt:
      return "after-first-prompt";
    case PermissionState::too_close:
      return "too-close";
    case PermissionState::after_granted:
      return "after-granted";
    case PermissionState::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Told told) {
  switch (told) {
    case Told::at_a_screen:
      return "at-a-screen";
    case Told::elsewhere:
      return "elsewhere";
    case Told::mentioned:
      return "mentioned";
    case Told::asked:
      return "asked";
    case Told::mentioned_elsewhere:
      return "mentioned-elsewhere";
    case Told::not_as_far_as_recorded:
      break;
  }
  return "not-as-far-as-recorded";
}

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::read:
      return "read";
    case Fate::searched_raw:
      return "searched-raw";
    case Fate::opaque:
      return "opaque";
    case Fate::other_device:
      return "other-device";
    case Fate::unread:
      return "unread";
    case Fate::framing:
      return "framing";
  }
  return "unread";
}

std::uint64_t CoverageReport::bytes_of(Fate fate) const {
  std::uint64_t sum = 0;
  for (const CoverageLine& line : lines) sum += line.fate == fate ? line.bytes : 0;
  return sum;
}

std::uint64_t CoverageReport::left_out_bytes() const {
  std::uint64_t sum = 0;
  for (const CoverageLine& line : lines) sum += line.reason == "left-out" ? line.bytes : 0;
  return sum;
}

std::uint64_t CoverageReport::phone_bytes() const {
  return bytes_of(Fate::opaque) + bytes_of(Fate::read) + bytes_of(Fate::searched_raw);
}

double CoverageReport::opaque_share() const {
  const std::uint64_t closed = bytes_of(Fate::opaque), all = phone_bytes();
  return all == 0 ? 0.0 : static_cast<double>(closed) / static_cast<double>(all);
}

double CoverageReport::raw_share() const {
  const std::uint64_t raw = bytes_of(Fate::searched_raw), all = phone_bytes();
  return all == 0 ? 0.0 : static_cast<double>(raw) / static_cast<double>(all);
}

}  // namespace tattle
