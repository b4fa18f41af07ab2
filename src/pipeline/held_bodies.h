#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "protocol/body/ledger.h"

namespace tattle {

/// Bounds what all flows together hold of bodies that are not whole: knows what each held some batches ago, and says
/// which are to let go of it. How long ago is the same for any number of threads, and so is what comes out
/// (docs/decisions/held-bodies.md). The reader's thread.
class HeldBodies {
 public:
  /// @param limit  Bytes of all flows.
  /// @param lag    Batches: what a batch changed is known when the one so many behind it is dealt, not before.
  HeldBodies(std::uint64_t limit, std::uint64_t lag) : limit_(limit), lag_(lag) {}

  /// What the next batch changed, told by all workers; batches come in their order.
  void add(std::vector<BodyLedger::Held> changes);
  /// The flows to be relieved before the next batch is worked off, the largest holders first. Once for each batch that
  /// is dealt.
  std::vector<FlowId> choose();

 private:
  void take(const BodyLedger::Held& change, std::uint64_t batch);

  const std::uint64_t limit_, lag_;
  std::uint64_t told_ = 0, dealt_ = 0;                  // batches
  std::deque<std::vector<BodyLedger::Held>> waiting_;   // of the latest batches that told
  std::unordered_map<FlowId, std::uint64_t> held_;      // bytes
  std::unordered_map<FlowId, std::uint64_t> relieved_;  // in which batch, until that batch told what was left
  std::uint64_t sum_ = 0;
};

}  // namespace tattle
