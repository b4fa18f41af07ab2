#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/packet_ref.h"

namespace tattle {

/// Where one occurrence can be seen, by the numbers of the audit.
struct AuditedOccurrence {
  std::uint64_t flow = 0, message = 0;
  PacketRuns packets;  // of every capture that carried it
  std::string time;    // RFC 3339
};

/// A disclosure as audit.json tells it. Texts are masked unless the audit was made with --reveal.
struct AuditedDisclosure {
  std::string id, datum, kind, form, certainty, direction, transport;
  std::string entry;                                       // the planted entry's name; empty: inferred
  std::vector<std::string> parts;                          // of the entry that were met
  std::vector<std::pair<std::string, std::string>> steps;  // of the path, with their details
  std::string path;                                        // `tls 1.2 > http/1.1 > json $.loc`
  std::string host, organisation, country, role;
  std::vector<Address> addresses;  // the recipient's
  std::uint64_t count = 0;
  std::vector<AuditedOccurrence> occurrences;  // those kept as evidence: the first and the last, in order of time

  /// `location.example (Microsoft, US)`; an address where there is no name.
  std::string recipient() const;
};

struct AuditedCapture {
  std::string name, sha256;
  bool entries = false;  // an import: its packets are entries
};

/// audit.json as far as evidence needs it.
struct AuditFolder {
  std::string version;  // of the tattle that wrote it
  std::vector<AuditedCapture> captures;
  std::vector<AuditedDisclosure> disclosures;

  /// @throws UserError  There is none of that id; names those there are.
  const AuditedDisclosure& find(std::string_view id) const;
};

/// @param name  Of the file, for what is said of it.
/// @throws UserError  It is no audit document, or one of a later schema.
AuditFolder parse_audit(std::string_view json, const std::string& name);
/// Reads `AUDIT/audit.json`.
AuditFolder read_audit_folder(const std::string& folder);

}  // namespace tattle
