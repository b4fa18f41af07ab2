#pragma once

#include <memory>
#include <string>

#include "assess/auditor.h"
#include "assess/document.h"

namespace tattle {

/// Writes `audit.db` while the audit runs (docs/audit-db.md). Grows as `.audit.db.part` in the same folder, for its
/// owner alone, and gets its name when complete; removed when never finished.
class AuditDatabase : public AuditObserver {
 public:
  /// @param folder  Must exist. @throws UserError  It cannot be written.
  AuditDatabase(const std::string& folder, const std::vector<Subject>& subjects, bool reveal);
  ~AuditDatabase() override;

  void on_message(const MessageRecord& message) override;
  void on_occurrence(const Occurrence& occurrence) override;
  void on_flow(const FlowRecord& flow, const std::string& host) override;

  /// Writes what is known only at the end, and renames. @throws UserError
  void finish(const AuditDocument& document);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
