#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "assess/cause/prompting.h"
#include "attribute/recipient.h"
#include "base/anomalies.h"
#include "base/limits.h"
#include "detect/record.h"

namespace tattle {

/// When one server spoke unasked to one phone, and while it could be heard.
struct ServerTalk {
  std::uint32_t subject = 0;
  Party party;                     // who spoke
  std::vector<Time> messages;      // sorted; one at least
  std::vector<Interval> observed;  // merged
  bool read = false;               // one of them was read: a message that answers no request
};

/// Collects what servers said unasked. In a flow that can be read it is a message that answers no request (a frame of
/// WebSocket or of an event stream, an MQTT publication), or an answer that was held back for kHeldBack; in a closed
/// one any payload after kSilence of both sides. A flow's observed time begins kSilence after its start, because
/// nothing before could count, and ends kFollowWindow after its last packet. Flows without such a moment add nothing.
class ServerMessages {
 public:
  /// An answer that the server kept until now is a message of the server's own (long polling).
  static constexpr std::uint32_t kHeldBack = 30;  // seconds

  ServerMessages(const Limits& limits, Anomalies& anomalies) : limits_(limits), anomalies_(anomalies) {}

  void on_message(const MessageRecord& message);
  /// @param party  The flow's own end.
  void on_flow(const FlowSummary& summary, const Party& party);
  /// In the order in which they were first heard of. Call once.
  std::vector<ServerTalk> take();

 private:
  // Messages towards the phone in an open flow that may be a moment at which its server spoke.
  struct Heard {
    struct Row {
      Time time;
      bool answer = false;
    };
    Time last;
    std::vector<Row> rows;
  };
  bool spoke(const FlowSummary& summary, const ServerSpoke& moment, const Heard* heard, bool& read) const;

  const Limits& limits_;
  Anomalies& anomalies_;
  std::unordered_map<FlowId, Heard> open_;
  std::vector<ServerTalk> talks_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::uint64_t kept_ = 0;
};

}  // namespace tattle
