#pragma once

#include <cstdint>

#include "assess/document.h"

namespace tattle {

/// Accidental matches to be expected over a whole run.
/// @param log2_probability  Of one trial: one spelling at one place.
/// @param searched_bytes    Places: every byte may begin a match.
/// @param parts             Of the planted entry; each has some tens of spellings.
double expected_accidents(double log2_probability, std::uint64_t searched_bytes, std::size_t parts);

/// `verified` needs a planted value, and chance below one in a million or context that supports it.
Certainty certainty_of(bool planted, double chance, bool corroborated);

}  // namespace tattle
