#pragma once

#include <memory>
#include <string>
#include <vector>

#include "assess/document.h"
#include "attribute/actions/action_log.h"
#include "attribute/facts/data_terms.h"
#include "attribute/facts/jurisdictions.h"
#include "attribute/organisations.h"
#include "attribute/places.h"
#include "attribute/where/gateway.h"
#include "base/anomalies.h"
#include "base/host_selection.h"
#include "base/limits.h"
#include "detect/record.h"
#include "detect/subject/subject.h"
#include "packet/segment.h"

namespace tattle {

/// One time a value was met, as it goes to the database.
struct Occurrence {
  const MessageRecord* message = nullptr;
  const Hit* hit = nullptr;
  std::uint64_t number = 0;  // of its disclosure's aggregate, from 1; 0 when past the limit `disclosures`
  Travel direction = Travel::sent;
  const Party* party = nullptr;
};

/// Sees everything the auditor sees, in the same order. Borrowed for each call.
class AuditObserver {
 public:
  virtual ~AuditObserver() = default;
  /// Of the phones' flows only; called before its occurrences.
  virtual void on_message(const MessageRecord& message) = 0;
  virtual void on_occurrence(const Occurrence& occurrence) = 0;
  /// `host` is the recipient's, as far as it is known.
  virtual void on_flow(const FlowRecord& flow, const std::string& host) = 0;
};

/// What is known only when everything was read.
struct AuditEnd {
  std::string version;  // of the program
  std::vector<CaptureReport> captures;
  std::vector<std::string> grounds;      // one for each subject: why that host is its phone
  std::vector<std::string> warnings;     // whole sentences
  const Anomalies* anomalies = nullptr;  // of the earlier stages; the auditor's own are added to them
};

struct AuditSetup {
  std::vector<Subject> subjects;
  std::vector<std::string> grounds;  // one for each subject: why that host is its phone
  Limits limits;
  std::shared_ptr<const Places> places;                // null: nothing is known
  std::shared_ptr<const Organisations> organisations;  // null: none
  std::shared_ptr<const Jurisdictions> jurisdictions;  // null: none
  std::shared_ptr<const DataTerms> terms;              // null: none
  std::shared_ptr<const Gateway> gateway;              // where the capture was made; null: not known
  std::shared_ptr<const ActionLog> actions;            // of the tester's; null: none
  AuditObserver* observer = nullptr;                   // the database; may be null
  HostSelection hosts;                                 // disclosures and recipients to list
};

/// Attributes and aggregates: what was met becomes disclosures, what was carried becomes coverage.
class Auditor : public RecordSink {
 public:
  explicit Auditor(AuditSetup setup);
  ~Auditor() override;

  /// A name that the capture file's records give an address. DNS answers are taken from the messages.
  void add_name(const Address& address, std::string_view name);
  /// `bytes` as captured: all of the packet's that carry no segment.
  void add_unread(Unread why, PacketId packet, std::uint64_t bytes);

  void on_message(const MessageRecord& record) override;
  void on_flow(const FlowRecord& record) override;

  /// The whole result; call once, at the end.
  AuditDocument finish(AuditEnd end);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
