#pragma once

#include <string>

#include "assess/document.h"

namespace tattle {

/// A summary that fits a screen of 24 lines and 80 columns, gravest disclosure first.
/// @param colour  ANSI colours (a terminal, and NO_COLOR not set).
std::string terminal_summary(const AuditDocument& document, bool reveal, bool colour);

}  // namespace tattle
