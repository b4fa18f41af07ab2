#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "evidence/slice.h"
#include "pipeline/pipeline.h"

namespace tattle {

/// The packets of one flow with their places in the order of the run; as small as the flow's packets stand together.
class FlowPackets {
 public:
  void add(const Segment& segment);
  /// Those up to a place in the order.
  PacketRuns until(std::uint64_t order) const;
  /// How many come after it.
  std::uint64_t after(std::uint64_t order) const;
  bool holds(PacketId packet) const;
  /// Of its first packet; 0 when it has none.
  std::uint64_t first_order() const { return stretches_.empty() ? 0 : stretches_.front().first_order; }

 private:
  struct Stretch {
    PacketRun run;
    std::uint64_t first_order, last_order;  // the same: all of the run, as for the fragments of a datagram
  };
  std::vector<Stretch> stretches_;
};

/// A flow of which the packets and secrets are wanted.
struct WantedFlow {
  FlowInfo info;
  FlowPackets packets;
  std::map<UsedSecret, std::uint64_t> secrets;  // with the place in the order at which they were used first
};

/// A message of which the end is wanted.
struct WantedMessage {
  bool found = false;
  std::uint64_t order = 0;  // at which it was complete
  PacketRuns packets;
  std::string host, sni;
};

/// A DNS answer for one of the addresses asked for.
struct NameAnswer {
  std::uint64_t order = 0;
  FlowId flow = 0;
  bool whole_flow = false;  // its packets alone show nothing: it came over TCP or encrypted
  PacketRuns packets;       // of question and answer
  std::string name;
};

/// Watches a run for what evidence is made of.
class EvidenceTracker : public RunObserver, public AuditSink {
 public:
  std::map<FlowId, WantedFlow> flows;                                  // to be filled in
  std::map<std::pair<FlowId, std::uint64_t>, WantedMessage> messages;  // by flow and number; to be filled in
  std::unordered_map<Address, std::vector<NameAnswer>> answers;        // by the addresses asked for
  PacketRuns strays;                                                   // packets of which the flow is asked for
  std::set<FlowId> flows_of_strays;

  void on_flow(const FlowInfo& flow) override;
  void on_segment(const Segment& segment) override;
  void on_secret(std::uint64_t order, FlowId flow, std::string_view label, Bytes client_random, Bytes secret) override;
  void on_start(const std::vector<Subject>&, const std::vector<std::string>&) override {}
  void on_message(const MessageRecord& record) override;
  void on_flow(const FlowRecord&) override {}
  void on_unread(Unread, PacketId, std::uint64_t) override {}
  void on_name(const Address&, const std::string&) override {}

 private:
  void on_answer(const MessageRecord& record);

  std::mutex mutex_;                                            // of the secrets
  std::deque<std::pair<std::uint64_t, PacketRuns>> questions_;  // the latest DNS queries, by number
  std::uint64_t answer_count_ = 0;
};

}  // namespace tattle
