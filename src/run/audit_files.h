#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/say/messages.h"
#include "run/audit_run.h"

namespace tattle {

struct AuditFile {
  std::string_view name;
  std::string text;
};

/// What `audit --out` writes beside the database and the run record: the document and the report. The same bytes for
/// the same outcome of the same build.
std::vector<AuditFile> audit_files(const AuditOutcome& outcome, bool reveal, const Messages& messages);

}  // namespace tattle
