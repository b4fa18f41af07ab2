#pragma once

#include <string>

#include "assess/document.h"
#include "report/messages.h"

namespace tattle {

/// The report as one self-contained HTML file without network: complete without script; where the build had npm, with a
/// script that draws and sorts. A Content-Security-Policy allows exactly this style sheet and this script. Planted
/// values are masked unless `reveal`.
std::string to_html(const AuditDocument& document, bool reveal, const Messages& messages = Messages::english());

}  // namespace tattle
