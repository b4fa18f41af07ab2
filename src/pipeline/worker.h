#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "capture/import/import.h"
#include "decrypt/keys/key_store.h"
#include "detect/record.h"
#include "detect/search/matcher.h"
#include "packet/segment.h"
#include "pipeline/open_flow.h"
#include "protocol/body/ledger.h"
#include "protocol/dns/doh.h"
#include "protocol/flow_parser.h"

namespace tattle {

struct FlowEnd {
  FlowId flow = 0;
  std::uint64_t order = 0;
};

/// A message of an import, dealt to its flow.
struct ImportedItem {
  std::shared_ptr<const ImportedMessage> message;
  FlowId flow = 0;
  std::uint64_t order = 0;
};

/// What the reader deals to a worker, in capture order.
using WorkItem = std::variant<FlowInfo, Segment, FlowEnd, ImportedItem>;

/// Flows that are to let go of the bodies they hold, before a batch is worked off.
struct Relief {
  std::vector<FlowId> flows;  // of all workers
  std::uint64_t order = 0;    // what they hand down takes this place
};

/// Results of one batch of one worker; merged in capture order.
struct WorkResults {
  std::vector<MessageRecord> messages;
  std::vector<FlowRecord> flows;
  std::vector<BodyLedger::Held> held;  // what the batch changed
};

struct WorkerSetup {
  std::shared_ptr<const MatcherDatabase> database;  // of no subjects when messages are only listed
  bool sizes_of_all = false;                        // decode bodies of messages that nobody searches, for their sizes
  bool keys_complete = false;                       // every input had a first pass: no more secrets will come
  ContentObserver* contents = nullptr;              // told of every message, likewise
  SecretUseObserver* secrets = nullptr;             // may be null
  bool keep_http = false;                           // heads and bodies go with the records of HTTP messages
};

/// Runs stream to detect for the flows dealt to it. One thread at a time.
class Worker : private MessageSink, private TlsSecretObserver {
 public:
  Worker(const WorkerSetup& setup, const Limits& limits);
  ~Worker() override;

  /// @param keys  The secrets known when the batch was dealt.
  WorkResults run(const std::vector<WorkItem>& items, const KeyStore& keys, const Relief& relief = {});
  const Anomalies& anomalies() const { return anomalies_; }

 private:
  void on_message(const Message& message) override;
  void on_secret(FlowId flow, std::string_view label, Bytes client_random, Bytes secret) override {
    secrets_->on_secret(order_, flow, label, client_random, secret);
  }
  void relieve(const Relief& relief);
  void end_flow(FlowId flow, std::uint64_t order);
  OpenFlow* find(FlowId flow);
  void wake(OpenFlow& flow);
  void inspect_whole(const Message& message, MessageRecord& record);
  void inspect_member(const Message& message, OpenMember begun, MessageRecord& record);
  void inspect_streamed(const Message& message, MessageRecord& record);

  const Limits limits_;
  const bool sizes_of_all_, keep_http_;
  ContentObserver* const contents_;
  SecretUseObserver* const secrets_;
  Anomalies anomalies_;
  DohSink doh_;
  SharedTexts texts_;
  TlsContext tls_;
  BodyLedger bodies_;
  ParserContext context_;
  Inspector inspector_;
  std::unordered_map<FlowId, Flow> flows_;
  QuicRegistry quic_;           // goes before the flows that its connections refer to
  std::list<OpenFlow*> awake_;  // heard of last, the latest first
  OpenFlow* current_ = nullptr;
  std::uint64_t order_ = 0;
  WorkResults results_;
};

}  // namespace tattle
