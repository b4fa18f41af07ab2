#pragma once

namespace tattle {

/// A parser that can do with less memory while its flow is silent.
class Idler {
 public:
  virtual ~Idler() = default;
  /// Gives back what only a busy flow needs. Nothing that is handed down, now or later, depends on whether and when
  /// this was called.
  virtual void on_idle() = 0;
};

}  // namespace tattle
