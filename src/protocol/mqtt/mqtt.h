#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "protocol/stream_parser.h"

namespace tattle {

/// Where an MQTT connection runs when it is not a stream of its own: the WebSocket's opening.
struct MqttCarrier {
  std::string host, url;
  std::uint16_t host_port = 0;
};

/// MQTT 3.1, 3.1.1 and 5, both directions of one connection. Each control packet is a message of protocol `mqtt`: the
/// method is its name, the fields what it says, the body an application message's payload; a PUBLISH's target is its
/// topic, a SUBSCRIBE's its filters. What a joined or broken connection does not show is left out: a topic behind a
/// lost alias is unknown, and while the version is, a PUBLISH's properties stay part of its payload.
/// @anomaly mqtt.bad-packet, mqtt.packet-limit, mqtt.cut-packet, mqtt.resync, mqtt.unknown-alias
/// Sources: OASIS MQTT 5.0 and 3.1.1; IBM's MQTT V3.1 Protocol Specification.
class MqttConnection : public StreamParser {
 public:
  /// `flow` and `above` outlive the connection.
  MqttConnection(const FlowInfo& flow, const StreamContext& above, ParserContext& context, MqttCarrier carrier = {});
  ~MqttConnection() override;
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A CONNECT from either side, ALPN `mqtt`, or, of a stream on MQTT's ports whose opening was not seen, whole packets.
Sniff sniff_mqtt(const StreamStart& start);
std::unique_ptr<StreamParser> make_mqtt(const FlowInfo& flow, const StreamContext& above, ParserContext& context);

}  // namespace tattle
