#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/search/matcher.h"

namespace tattle {

/// How near two parts of an entry support each other.
inline constexpr std::size_t kNeighbourBytes = 1024;

/// Looks for one of a datum's words in the name under which a match at `begin` stands: in the path's last detail, or in
/// the text right before it. Says what was found, or nothing.
std::string supporting_context(std::string_view in, std::size_t begin, const std::vector<PathStep>& path,
                               std::span<const std::string_view> words);

/// Adds a ground to a hit that has none.
void support(Hit& hit, std::string ground);

}  // namespace tattle
