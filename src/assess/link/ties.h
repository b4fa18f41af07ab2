#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/anomalies.h"
#include "base/flow.h"
#include "base/limits.h"
#include "base/packet_ref.h"
#include "base/shared_values.h"

namespace tattle {

/// Whether a datum is by its kind the name of one person, account or device, so that what comes with it hangs on it.
bool identifies(std::string_view datum, std::string_view kind);

/// What was sent together with a value that identifies: in one message, or in one flow to the same recipient.
class TieTable {
 public:
  /// One disclosure's aggregate in a message.
  struct Met {
    std::uint64_t aggregate = 0;
    std::int32_t entry = -1;
    bool identifies = false;
    bool operator==(const Met&) const = default;
  };
  /// Of an identifying aggregate and another one: how they came together.
  struct Pair {
    std::uint64_t id = 0, other = 0;
    auto operator<=>(const Pair&) const = default;
  };

  TieTable(const Limits& limits, Anomalies& anomalies) : limits_(limits), anomalies_(anomalies) {}

  /// @param recipient  Who reads it: what one flow carries to several recipients is not tied.
  void on_message(FlowId flow, std::string_view recipient, const std::vector<Met>& met, PacketId where);
  void on_flow_end(FlowId flow);
  /// True: met in one message at least once; else only in one flow.
  const std::map<Pair, bool>& pairs() const { return pairs_; }

 private:
  // What a flow carried to one recipient; so many are remembered of it.
  static constexpr std::size_t kMostOfFlow = 64, kMostRecipients = 8;
  struct Carried {
    std::uint32_t recipient = 0;
    std::vector<Met> met;
  };
  void tie(const Met& a, const Met& b, bool in_message, PacketId where);

  const Limits& limits_;
  Anomalies& anomalies_;
  std::unordered_map<FlowId, std::vector<Carried>> open_;
  SharedValues<std::string> recipients_;
  std::map<Pair, bool> pairs_;
  std::vector<Met> last_;  // a message's, which most often carries what the one before did
};

}  // namespace tattle
