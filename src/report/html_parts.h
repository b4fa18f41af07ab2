#pragma once

#include <string>

#include "assess/document.h"

namespace tattle {

// The sections of the report, each a piece of HTML. In the order of the page.

/// Kinds of data against recipients, with counts; verified and inferred told apart.
std::string matrix_section(const AuditDocument& document, bool reveal);

/// When which recipient got what (SVG).
std::string timeline_section(const AuditDocument& document, bool reveal);

/// One card for each disclosure, gravest first.
std::string disclosures_section(const AuditDocument& document, bool reveal);

/// Every endpoint the phone talked to.
std::string recipients_section(const AuditDocument& document, bool reveal);

/// What was looked into, what stayed closed, what cannot be seen from here.
std::string coverage_section(const AuditDocument& document);

/// Captures, device, values planted and not seen, oddities of the input.
std::string method_section(const AuditDocument& document, bool reveal);

}  // namespace tattle
