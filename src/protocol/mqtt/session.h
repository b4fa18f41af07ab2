#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/limits.h"
#include "protocol/mqtt/packet.h"
#include "protocol/stream_context.h"

namespace tattle {

/// What an MQTT connection's packets say of each other: the version, who the client is, the topics behind aliases and
/// which packet answers which.
class MqttSession {
 public:
  /// `above` and `limits` outlive the session.
  MqttSession(const StreamContext& above, const Limits& limits) : above_(above), limits_(limits) {}

  MqttVersion version() const { return version_; }
  std::optional<Direction> client() const { return client_; }

  /// Takes in what the packet shows of the connection.
  void learn(Direction direction, const MqttHeader& header, const MqttPacket& packet);
  /// Gives a PUBLISH the topic that its alias stands for (MQTT 5.0 section 3.3.2.3.4).
  /// @return the name of an anomaly, empty for none. `unknown`: the alias's topic was never seen.
  std::string_view resolve_topic(Direction direction, MqttPacket& packet, bool& unknown);
  /// @return the exchange that the packet begins or answers, 0 for none.
  std::uint64_t relate(Direction direction, const MqttHeader& header, const MqttPacket& packet);
  /// Packets of this direction were lost, and with them what they told.
  void lose(Direction direction);

 private:
  struct Told {
    std::unordered_map<std::uint16_t, std::string> aliases;
    std::size_t alias_bytes = 0;
    std::unordered_map<std::uint16_t, std::uint64_t> unanswered;  // exchanges by packet identifier
  };

  const StreamContext& above_;
  const Limits& limits_;
  MqttVersion version_ = MqttVersion::unknown;
  std::optional<Direction> client_;
  Told told_[2];  // by Direction
};

}  // namespace tattle
