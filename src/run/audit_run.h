#pragma once

#include <string>
#include <vector>

#include "assess/document.h"
#include "evidence/run_record.h"
#include "pipeline/pipeline.h"

namespace tattle {

/// One audit, whoever asks for it: the command of that name, a self-test or a replay.
struct AuditRequest {
  PipelineOptions pipeline;                // but its subjects, which load_subjects fills in
  std::vector<std::string> subjects;       // paths of subject files
  std::vector<std::string> devices;        // addresses of the phone, of a single subject
  std::vector<std::string> hosts;          // listed alone; empty: all
  std::string actions;                     // the tester's log; empty: none
  std::string data, places;                // folder of country data, table of places; empty: where they usually are
  std::vector<std::string> organisations;  // further files like organisations.yaml, the later ones winning
  std::string gateway;                     // where the capture was made: `60.17,24.94` or `FI`; empty: not known
  std::string database_folder;             // audit.db is written here; empty: nowhere
  bool reveal = false;                     // in that database
  bool record = false;                     // hash what is read, for run.json
  RecordSink* also = nullptr;              // is given every message and flow too, in their order; may be null
  std::vector<std::string> arguments;      // the command line, for that record
};

struct AuditOutcome {
  AuditDocument document;
  std::vector<CaptureFacts> captures;  // in the order of the document's; `name` is the path as given
  RunRecord record;                    // when it was asked for
};

/// Reads the subject files into `request.pipeline`, and returns their warnings.
/// @throws UserError  A file that is wrong, or subjects that could not be told apart.
std::vector<std::string> load_subjects(AuditRequest& request);

/// @param request  After load_subjects.
/// @throws UserError  As run_pipeline; the database cannot be written.
AuditOutcome run_audit(AuditRequest request);

/// The document as `audit.json` holds it, without the line's end.
std::string audit_json(const AuditDocument& document, bool reveal);

}  // namespace tattle
