#include "decode/media_type.h"

#include "decode/token/text.h"

namespace tattle {
namespace {

// Where the parameter that starts at `from` ends: the next semicolon outside quotes.
std::size_t parameter_end(std::string_view text, std::size_t from) {
  bool quoted = false;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\\' && quoted) ++i;
    if (!quoted && i < text.size() && text[i] == ';') return i;
  }
  return text.size();
}

}  // namespace

MediaType parse_media_type(std::string_view text) {
  const auto semicolon = text.find(';');
  MediaType type{lower_case(trim(text.substr(0, semicolon))), {}};
  if (semicolon != std::string_view::npos) type.parameters = text.substr(semicolon + 1);
  return type;
}

std::string_view find_parameter(std::string_view parameters, std::string_view name) {
  for (std::size_t at = 0; at < parameters.size();) {
    const std::size_t end = parameter_end(parameters, at);
    const std::string_view one = parameters.substr(at, end - at);
    at = end + 1;
    const auto equals = one.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(trim(one.substr(0, equals)), name)) continue;
    std::string_view value = trim(one.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

std::string_view MediaType::parameter(std::string_view name) const { return find_parameter(parameters, name); }

}  // namespace tattle
