#include "assess/certainty.h"

#include <algorithm>
#include <cmath>

namespace tattle {
namespace {

constexpr double kAccidentsAllowed = 1e-6;
// Cases, separators and national forms of one text; a rounded-up power of two, the figure need not be exact.
constexpr double kSpellingsOfPart = 32;

}  // namespace

double expected_accidents(double log2_probability, std::uint64_t searched_bytes, std::size_t parts) {
  const double trials = static_cast<double>(std::max<std::uint64_t>(searched_bytes, 1)) *
                        static_cast<double>(std::max<std::size_t>(parts, 1)) * kSpellingsOfPart;
  return std::exp2(log2_probability) * trials;
}

Certainty certainty_of(bool planted, double chance, bool corroborated) {
  return planted && (chance < kAccidentsAllowed || corroborated) ? Certainty::verified : Certainty::inferred;
}

}  // namespace tattle
