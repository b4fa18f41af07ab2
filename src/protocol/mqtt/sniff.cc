#include <algorithm>

#include "protocol/mqtt/mqtt.h"
#include "protocol/mqtt/packet.h"

namespace tattle {
namespace {

// `yes` at a CONNECT with a protocol name and level that there are.
Sniff sniff_connect(Bytes start) {
  if (!start.empty() && start[0] != kMqttConnect << 4) return Sniff::no;
  MqttHeader header;
  const Sniff head = read_mqtt_header(start, header);
  if (head != Sniff::yes) return head;
  const std::string_view body = as_text(start.subspan(header.header_bytes));
  constexpr std::string_view kName("\0\4MQTT", 6), kOldName("\0\6MQIsdp", 8);
  for (const std::string_view name : {kName, kOldName}) {
    if (body.substr(0, name.size()) != name.substr(0, body.size())) continue;
    if (body.size() <= name.size()) return Sniff::maybe;
    const int level = body[name.size()] & 0x7f;
    return (name == kName ? level == 4 || level == 5 : level == 3) ? Sniff::yes : Sniff::no;
  }
  return Sniff::no;
}

}  // namespace

Sniff sniff_mqtt(const StreamStart& start) {
  constexpr std::uint16_t kPort = 1883, kTlsPort = 8883;
  if (start.alpn == "mqtt") return Sniff::yes;
  const auto is_port = [](std::uint16_t port) { return port == kPort || port == kTlsPort; };
  const bool joined = !start.flow.opening_seen && (is_port(start.flow.server.port) || is_port(start.flow.client.port));
  Sniff best = Sniff::no;
  for (std::size_t side = 0; side < 2; ++side) {
    if (start.bytes[side].empty()) continue;
    Sniff seen = sniff_connect(start.bytes[side]);
    if (seen == Sniff::no && joined) seen = surely_mqtt_packets(start.bytes[side], MqttVersion::unknown, true);
    if (seen == Sniff::maybe && !start.more[side]) seen = Sniff::no;
    best = std::max(best, seen);
  }
  return best;
}

}  // namespace tattle
