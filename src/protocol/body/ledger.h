#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <vector>

#include "base/flow.h"

namespace tattle {

class BodyLedger;

/// A parser that holds bodies until they are whole. It belongs to one flow.
class BodyHolder {
 public:
  /// @param ledger  Outlives it; may be null: nobody asks for relief.
  BodyHolder(BodyLedger* ledger, FlowId flow) : ledger_(ledger), flow_(flow) {}
  BodyHolder(const BodyHolder&) = delete;
  BodyHolder& operator=(const BodyHolder&) = delete;
  virtual ~BodyHolder();

  virtual std::uint64_t held_bytes() const = 0;
  /// What is held goes down now, and the rest of those bodies as it comes: see BodyAssembler.
  virtual void relieve() = 0;

 protected:
  /// After bytes were added: so many are held.
  void note_held(std::uint64_t bytes);

 private:
  friend class BodyLedger;
  BodyLedger* const ledger_;
  const FlowId flow_;
  bool listed_ = false;
  std::list<BodyHolder*>::iterator place_;  // when it is listed
};

/// Which flows of a worker hold how much of bodies that are not whole, so that all of them together can be bounded
/// (limits.held_bytes; docs/decisions/held-bodies.md).
class BodyLedger {
 public:
  struct Held {
    FlowId flow = 0;
    std::uint64_t bytes = 0;  // 0: nothing any more
    bool operator==(const Held&) const = default;
  };

  /// @param least  Less is not counted: what stays of a body as overlap, and what comes and goes with every message.
  explicit BodyLedger(std::uint64_t least = 8192) : least_(least) {}
  BodyLedger(const BodyLedger&) = delete;
  BodyLedger& operator=(const BodyLedger&) = delete;

  /// What is not as it was at the last call, by flow.
  std::vector<Held> changes();
  bool holds(FlowId flow) const;
  /// Everything that the flow holds goes down.
  void relieve(FlowId flow);

 private:
  friend class BodyHolder;
  static constexpr std::uint64_t kUntold = ~std::uint64_t{0};
  const std::uint64_t least_;
  std::list<BodyHolder*> holders_;  // that hold enough to be counted, in the order in which they began to
  std::map<FlowId, std::uint64_t> told_;
};

inline BodyHolder::~BodyHolder() {
  if (listed_) ledger_->holders_.erase(place_);
}

inline void BodyHolder::note_held(std::uint64_t bytes) {
  if (listed_ || ledger_ == nullptr || bytes < ledger_->least_) return;
  place_ = ledger_->holders_.insert(ledger_->holders_.end(), this);
  listed_ = true;
}

}  // namespace tattle
