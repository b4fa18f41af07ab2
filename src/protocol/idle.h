#pragma once

#include "base/state_archive.h"

namespace tattle {

/// A parser that can do with less memory while its flow is silent. Nothing that is handed down, now or later, depends
/// on whether and when these were called.
class Idler {
 public:
  virtual ~Idler() = default;
  /// Gives back what only a busy flow needs.
  virtual void on_idle() {}
  /// Asked after on_idle(): whether pass() tells everything, so that the object may go and a new one go on from there.
  virtual bool at_rest() const { return false; }
  virtual void pass(StateArchive&) {}
  /// Asked when at rest: whether a message to come may belong to the exchange of one that was handed down.
  virtual bool awaits_answers() const { return true; }
};

}  // namespace tattle
