#pragma once

#include <string>

#include "assess/document.h"
#include "report/say/messages.h"

namespace tattle {

/// A letter to the phone's maker as Markdown: what was seen, at which times, to which hosts, and the questions that
/// only the maker can answer. It holds no planted value, masked or not, and no path through a message; only verified
/// disclosures are named.
std::string to_letter(const AuditDocument& document, const Messages& messages);

}  // namespace tattle
