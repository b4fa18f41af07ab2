#pragma once

#include <string>
#include <utility>

#include "assess/document.h"

namespace tattle::report_testing {

inline Shown shown(const std::string& text) { return {text, text}; }

/// A verified value sent in one message of the document's only capture.
inline DisclosureReport disclosure(const std::string& id, const std::string& datum, const std::string& host,
                                   std::uint64_t count) {
  DisclosureReport each;
  each.id = id;
  each.datum = datum;
  each.entry = shown(datum + "#1");
  each.form = "plain";
  each.certainty = Certainty::verified;
  each.transport = Protection::tls;
  each.count = each.timed = count;
  each.recipient.host = shown(host);
  each.first = each.last = Time{1352138601'000000000};  // 2012-11-05T18:03:21Z
  each.evidence = {{0, {{0, 1, 2}}, 1, 1, each.first}};
  return each;
}

/// One phone, one capture of two packets and 100 seconds, one disclosure and its recipient.
inline AuditDocument small_document(DisclosureReport each) {
  AuditDocument document;
  document.version = "0";
  document.subjects.push_back({shown("Phone"), "", "", "", "", {}, "no sign", {}, {}});
  CaptureReport capture;
  capture.name = "evening.pcapng";
  capture.packets = 2;
  capture.first = Time{1352138600'000000000};
  capture.last = Time{1352138700'000000000};
  document.captures.push_back(capture);
  ContactReport contact;
  contact.recipient = each.recipient;
  contact.first = capture.first;
  contact.last = capture.last;
  contact.disclosures = {each.id};
  document.recipients.push_back(contact);
  document.disclosures.push_back(std::move(each));
  return document;
}

}  // namespace tattle::report_testing
