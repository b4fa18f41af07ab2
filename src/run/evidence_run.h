#pragma once

#include <functional>
#include <string>
#include <vector>

#include "evidence/audit_folder.h"
#include "evidence/run_record.h"
#include "evidence/shareable.h"
#include "evidence/slice.h"
#include "pipeline/pipeline.h"

namespace tattle {

/// Which occurrences of a disclosure to show.
struct SliceRequest {
  const AuditedDisclosure* disclosure = nullptr;
  std::vector<const AuditedOccurrence*> occurrences;
};

/// Finds recorded files, which must be the same bytes as then.
/// @param moved   Paths that the user gave for those that lie elsewhere now.
/// @param option  With which they are given: `--capture`.
/// @return  A path for each, in their order.
/// @throws UserError  One changed, is gone, or a moved one is none of them: which, and what to do.
std::vector<std::string> locate_files(const std::vector<RecordedFile>& files, const std::vector<std::string>& moved,
                                      std::string_view option);

/// An audit's captures, read again as they were read then.
class EvidenceRun {
 public:
  /// @throws UserError  As read_run_record and locate_files.
  EvidenceRun(const std::string& folder, const std::vector<std::string>& moved_captures,
              const std::vector<std::string>& moved_keys, unsigned jobs);

  const AuditFolder& audit() const { return audit_; }
  /// Its files where they lie now.
  const RunRecord& record() const { return record_; }
  /// Whether an occurrence stands in an import, which has entries instead of packets.
  bool imported(const AuditedOccurrence& occurrence) const;
  /// Decides what goes into each slice.
  std::vector<SlicePlan> plan(const std::vector<SliceRequest>& requests, const Progress& progress);
  /// What may be shown to others of each: the messages with the value, masked but for it. Reads the subject files
  /// again.
  /// @throws UserError  A subject file changed or is gone.
  std::vector<std::vector<SharedPdu>> share(const std::vector<SliceRequest>& requests, const Progress& progress);
  /// Gives every packet of the captures to `on_event`, in order.
  void read(const std::function<void(const CaptureEvent&)>& on_event, const Progress& progress) const;

 private:
  PipelineOptions options() const;

  AuditFolder audit_;
  RunRecord record_;
  std::vector<std::string> captures_, keys_;
  unsigned jobs_;
};

}  // namespace tattle
