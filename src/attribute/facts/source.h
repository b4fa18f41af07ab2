#pragma once

#include <string>

namespace tattle {

/// Who says a fact, and when: no fact is without.
struct Source {
  std::string text;  // what it is
  std::string url;   // empty: none
  std::string date;  // YYYY, YYYY-MM or YYYY-MM-DD; of a user's own database also its version
};

}  // namespace tattle
