#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "evidence/shareable.h"
#include "run/evidence_run.h"

namespace tattle {

/// Watches a run for the messages that show disclosures, and keeps what may be shown of them.
class ShareTracker : public RunObserver, public AuditSink {
 public:
  /// @param requests  Borrowed.
  ShareTracker(const std::vector<SliceRequest>& requests, const std::vector<Subject>& subjects, const Limits& limits);

  /// After the run: for each request, its messages' PDUs in order.
  std::vector<std::vector<SharedPdu>> take();

  void on_flow(const FlowInfo&) override {}
  void on_content(const Message& message, const MessageRecord& record) override;
  void on_start(const std::vector<Subject>&, const std::vector<std::string>&) override {}
  void on_message(const MessageRecord&) override {}
  void on_flow(const FlowRecord&) override {}
  void on_unread(Unread, PacketId, std::uint64_t) override {}
  void on_name(const Address&, const std::string&) override {}

 private:
  struct Shown {
    std::size_t request;
    FlowId flow;
    std::uint64_t order;
    std::shared_ptr<std::uint64_t> number;  // of the message, once it is merged
    std::vector<SharedPdu> pdus;
  };
  bool shows(const Hit& hit, const AuditedDisclosure& disclosure) const;

  const std::vector<SliceRequest>& requests_;
  std::vector<std::vector<std::string>> entries_;  // names of the subjects' entries
  const Limits limits_;
  std::mutex mutex_;
  std::vector<Shown> shown_;
};

}  // namespace tattle
