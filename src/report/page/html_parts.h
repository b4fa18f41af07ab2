#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "assess/document.h"
#include "report/messages.h"

namespace tattle {

/// What every section is written from.
struct Page {
  const AuditDocument& document;
  const nlohmann::ordered_json& json;  // the same as JSON, with the members that only some audits have
  bool reveal;
  const Messages& messages;
};

// The sections of the report, each a piece of HTML. In the order of the page.

/// Kinds of data against recipients, with counts; verified and inferred told apart.
std::string matrix_section(const Page& page);

/// When which recipient got what (SVG).
std::string timeline_section(const Page& page);

/// What people ask of such a phone, answered from the audit or said to be open.
std::string answers_section(const Page& page);

/// One card for each disclosure, gravest first; the gravest only where there are very many.
std::string disclosures_section(const Page& page);

/// What a disclosure may say beyond the finding (period, permission, law, …), as rows of a definition list.
std::string more_facts(const Page& page, const nlohmann::ordered_json& disclosure);

/// Every endpoint the phone talked to.
std::string recipients_section(const Page& page);

/// What was looked into, what stayed closed, what cannot be seen from here.
std::string coverage_section(const Page& page);

/// Captures, device, values planted and not seen, oddities of the input.
std::string method_section(const Page& page);

/// The document, the messages and the script; nothing where the script was not built.
std::string script_part(const Page& page);

/// What the policy says of scripts: a hash, or nothing where there is none.
std::string script_policy();

}  // namespace tattle
