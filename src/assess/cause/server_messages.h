#pragma once

#include <cstdint>
#include <map>
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
  bool held = false;               // one of them was read: an answer that was held back
};

/// Collects what servers said unasked. In a flow that can be read it is a message that answers no request (a frame of
/// WebSocket or of an event stream, an MQTT publication) after kSilence, or an answer that was held back for kHeldBack.
/// Silence is that of the request's own exchange where this is known: many share one connection of HTTP/2 or HTTP/3;
/// else that of the flow. In a closed flow it is any payload after kSilence of both sides, unless the server closed
/// the connection behind it: that may be a good-bye, and is counted as unclear. A flow's observed time begins kSilence
/// after its start, because nothing before could count, and ends kFollowWindow after its last packet. Flows without
/// such a moment add nothing.
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
  /// Closed flows of this phone in which the server spoke after silence and closed the connection: a good-bye, or an
  /// answer that it had held back.
  std::uint64_t unclear(std::uint32_t subject) const;

 private:
  // A request, and what was said in its exchange.
  struct Exchange {
    std::uint64_t request = 0;
    Time last;              // packet of either side
    bool answered = false;  // the server said something in it
    bool goes_on = false;   // frames came in it
  };
  // Of an open flow.
  struct Heard {
    // A message towards the phone whose request is not known.
    struct Row {
      Time time;
      bool answer = false, says_nothing = false;
    };
    Time last;
    std::vector<Row> rows;
    std::vector<Exchange> exchanges;  // by request
    std::vector<Time> moments;        // at which the server spoke in an exchange
    bool read = false, held = false;  // of the moments
  };
  void in_exchange(const MessageRecord& message, Exchange& exchange, Heard& heard) const;
  void without_exchange(const MessageRecord& message, Heard& heard) const;
  std::vector<Time> moments_of(const FlowSummary& summary, Heard& heard);

  const Limits& limits_;
  Anomalies& anomalies_;
  std::unordered_map<FlowId, Heard> open_;
  std::vector<ServerTalk> talks_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::uint64_t kept_ = 0;
  std::map<std::uint32_t, std::uint64_t> unclear_;  // by subject
};

}  // namespace tattle
