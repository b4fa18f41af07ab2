#include "decode/value.h"

#include <algorithm>

namespace tattle {

std::vector<PathStep> path_of(const Value& value) {
  std::vector<PathStep> path;
  for (const Value* each = &value; each->parent; each = each->parent) {
    path.push_back({std::string(each->step), each->detail ? each->detail->detail() : std::string()});
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace tattle
