#pragma once

#include <string>
#include <string_view>

namespace tattle {

/// A Content-Type field, taken apart. RFC 9110 section 8.3.1.
struct MediaType {
  std::string essence;          // `application/json`, lower case; empty when not declared
  std::string_view parameters;  // what follows the first semicolon, as sent

  /// `boundary`, `charset`; without quotes; empty when absent. Lives as long as the text this was parsed from.
  std::string_view parameter(std::string_view name) const;
};

MediaType parse_media_type(std::string_view text);

/// The value of `name=` in a list of parameters such as `form-data; name="photo"`. RFC 9110 section 5.6.6.
std::string_view find_parameter(std::string_view parameters, std::string_view name);

}  // namespace tattle
