#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "decode/value.h"
#include "detect/subject/subject.h"
#include "protocol/message.h"

namespace tattle {

/// One match in one message, with everything later stages need; nothing borrowed.
struct Hit {
  std::int32_t subject = -1;    // index
  std::int32_t entry = -1;      // index in the subject's entries; -1: inferred
  std::string datum;            // the entry's, or of the inferred shape: `email`, `imei`, …
  std::string part;             // `value`, `from`, `ssid`, …; empty for inferred
  std::string form;             // `plain`, `md5`, `sha1`, `sha256`, `sha512`, `host-name`
  std::string spelling;         // `as planted`, `upper case`, `digits only`, `national`, …
  std::string value;            // as met, UTF-8; masked before it is printed
  double log2_probability = 0;  // of one random trial matching by accident
  bool corroborated = false;    // context (a key's name, a neighbour) supports it
  std::string context;          // what that context was; empty when none
  bool in_head = false;         // in the message's head, else its body
  std::vector<PathStep> path;   // layers of the message, then the decode steps
  PacketRuns packets;           // that carried the matched bytes, as narrowly as the steps allow
};

/// Known values of all subjects, compiled once; shared by the workers, read only.
class MatcherDatabase {
 public:
  static std::shared_ptr<const MatcherDatabase> compile(const std::vector<Subject>& subjects);
  virtual ~MatcherDatabase() = default;
};

struct InspectionCounts {
  std::uint64_t searched_bytes = 0;  // bytes in which values were looked for, after decoding
  std::uint64_t content_bytes = 0;   // body after content coding
  bool limit_hit = false;
  OpenMember member;  // left for a BodyStream
};

/// Decodes a message and finds the values of its flow's subject in it. One for each worker thread.
class Inspector {
 public:
  Inspector(std::shared_ptr<const MatcherDatabase> database, const Limits& limits, Anomalies& anomalies);
  ~Inspector();
  /// Appends what was found, in a stable order; one hit for each place.
  InspectionCounts inspect(const Message& message, std::vector<Hit>& hits);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
