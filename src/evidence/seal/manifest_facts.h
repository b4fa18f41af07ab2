#pragma once

#include "evidence/seal/manifest.h"

namespace tattle {

/// This build of the program, and the hash of its file.
BuildFacts build_facts(std::string version);

/// By the kernel (adjtimex(2)) and the configuration files of the usual services; asks no network.
ClockFacts clock_facts();

}  // namespace tattle
