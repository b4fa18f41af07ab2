#include "report/json/json_members.h"

namespace tattle {

const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text_in(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

double number_in(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number() ? value.get<double>() : 0;
}

std::uint64_t count_in(const Json& object, const char* name) {
  const double value = number_in(object, name);
  return value > 0 && value < 1e15 ? static_cast<std::uint64_t>(value) : 0;
}

}  // namespace tattle
