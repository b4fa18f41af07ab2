#pragma once

#include <soci/soci.h>

#include "assess/document.h"

namespace tattle {

/// Writes what is known only at the end of a run: captures, subjects, disclosures, anomalies; and joins the occurrences
/// of aggregates that turned out to be one disclosure. Throws soci::soci_error.
void write_audit_db_end(soci::session& session, const AuditDocument& document, bool reveal);

/// The tester's log, and what the times of each disclosure say.
void write_audit_db_times(soci::session& session, const AuditDocument& document, bool reveal);

}  // namespace tattle
