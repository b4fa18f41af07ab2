#pragma once

#include <string>

#include "assess/document.h"

namespace tattle {

/// The report as one self-contained HTML file: no script, no network, a Content-Security-Policy that allows its own
/// style sheet alone. Planted values are masked unless `reveal`.
std::string to_html(const AuditDocument& document, bool reveal);

}  // namespace tattle
