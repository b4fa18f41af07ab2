#pragma once

#include <string>

#include "assess/document.h"

namespace tattle {

/// Disclosures as CSV (RFC 4180: CRLF, quotes doubled), a header line first, one line for each. Text that a spreadsheet
/// would take for a formula is led by an apostrophe, which it shows as text. Values are masked unless `reveal`.
std::string to_csv(const AuditDocument& document, bool reveal);

/// One field as CSV, quoted where needed.
std::string csv_field(std::string_view text);

}  // namespace tattle
