#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "assess/document.h"
#include "report/say/clock.h"
#include "report/say/messages.h"

namespace tattle {

/// What answers say from the tester's log (docs/actions.md): facts of times, and whom they concern. Each returns whole
/// sentences, of verified values sent; none where the log has nothing to say.
class AnswerLog {
 public:
  AnswerLog(const AuditDocument& document, bool reveal, const Messages& messages)
      : document_(document), reveal_(reveal), say_(messages), clock_(document, messages) {}

  /// Whether screens of the phone told, mentioned or asked, and what was sent before that or before a permission.
  std::vector<std::string> told() const;
  /// Of each switch that was set to off: what was seen before it, and what still afterwards.
  std::vector<std::string> switched_off() const;
  /// The log's settings by time, each as `14:25:00 Feedback: off (by default …)`.
  std::vector<std::string> settings() const;
  /// Of each thing pressed elsewhere: what was sent within the log's window after it.
  std::vector<std::string> triggers() const;
  /// Uploads behind a server's messages that are too few for any test.
  std::vector<std::string> few_prompted() const;

 private:
  std::string text(std::string_view key, Messages::Values values = {}) const;
  std::string listed(const std::vector<std::string>& names) const;
  std::string what(const DisclosureReport& disclosure) const;
  std::string action(std::size_t index) const;
  const DisclosureReport* find(const std::string& id) const;

  const AuditDocument& document_;
  const bool reveal_;
  const Messages& say_;
  const Clock clock_;
};

}  // namespace tattle
