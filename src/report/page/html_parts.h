#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "assess/document.h"
#include "report/page/html.h"
#include "report/say/messages.h"

namespace tattle {

/// What every section is written from.
struct Page {
  const AuditDocument& document;
  const nlohmann::ordered_json& json;  // the same as JSON, with the members that only some audits have
  bool reveal;
  const Messages& messages;
  const ReportRun* run = nullptr;  // null: not recorded
};

/// The whole page; `page.json` may hold more than `page.document` does.
std::string page_html(const Page& page);

// The sections of the report, each a piece of HTML. In the order of the page.

/// Kinds of data against recipients, with counts; verified and inferred told apart.
std::string matrix_section(const Page& page);

/// When which recipient got what (SVG).
std::string timeline_section(const Page& page);

/// What people ask of such a phone, answered from the audit or said to be open.
std::string answers_section(const Page& page);

/// One card for each disclosure, gravest first; the gravest only where there are very many.
std::string disclosures_section(const Page& page);

// Rows of a card's definition list, beyond the plain finding; nothing where the document says nothing.

/// Period, timing, prompting, permission, told.
std::string cause_facts(const Page& page, const nlohmann::ordered_json& disclosure);

/// Relation, owner, distance, the law's facts.
std::string recipient_more(const Page& page, const nlohmann::ordered_json& disclosure);

/// TLS and HTTP/2 fingerprints of the sending software.
std::string fingerprint_fact(const Page& page, const nlohmann::ordered_json& disclosure);

/// What it is linked with, and the terms of the Data Privacy Vocabulary.
std::string last_facts(const Page& page, const nlohmann::ordered_json& disclosure);

/// The law's facts about a recipient, as items of a list.
std::string law_items(const Messages& messages, const nlohmann::ordered_json& law);

/// Which packets show it, and how to open them in Wireshark.
std::string evidence_html(const DisclosureReport& disclosure, const Page& page);

/// Where Wireshark shows the value, and what is left to do by hand; nothing where that is not known.
std::string see_html(const DisclosureReport& disclosure, const Page& page);

/// The files of facts that the audit rests on, and those that were missing; how to test the program itself.
std::string facts_html(const Page& page);

/// When, where and with what the captures were recorded, as far as they say it.
std::string capture_facts(const Page& page, const CaptureReport& capture);

/// A fact's source and date in brackets and small print: members `PREFIXsource` and `PREFIXdate`; nothing without them.
std::string source_html(const nlohmann::ordered_json& fact, const std::string& prefix = {});

/// Who the recipients of planted values are to this phone, and the law's facts about them.
std::string law_section(const Page& page);

/// Values and accounts that tie disclosures together; nothing where there are none.
std::string links_section(const Page& page);

/// What began after each sign-in of the log, and what ended before it; nothing where the log has none.
std::string changes_section(const Page& page);

/// Every endpoint the phone talked to.
std::string recipients_section(const Page& page);

/// What was looked into, what stayed closed, what cannot be seen from here.
std::string coverage_section(const Page& page);

/// Program, options, limits, clocks, interference, repeats.
std::string conditions_html(const Page& page);

/// Captures, device, values planted and not seen, oddities of the input.
std::string method_section(const Page& page);

/// The document, the messages and the script; nothing where the script was not built.
std::string script_part(const Page& page);

/// What the policy says of scripts: a hash, or nothing where there is none.
std::string script_policy();

}  // namespace tattle
