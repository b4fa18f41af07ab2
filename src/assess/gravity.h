#pragma once

#include <string_view>

#include "assess/document.h"

namespace tattle {

/// How grave a kind of data is to give away: 0 the gravest. Kinds are those of detect/subject/datum.cc.
int gravity_rank(std::string_view kind);

/// The order of the report, gravest first: verified before inferred; sent before received; then the kind, whatever the
/// transport, since encryption hides nothing from who gets it; within a kind what can be read before what is hashed,
/// what anyone on the way could read before what was protected, what happened more often, and what came first.
bool graver(const DisclosureReport& a, const DisclosureReport& b);

}  // namespace tattle
