#include "protocol/mqtt/session.h"

namespace tattle {

void MqttSession::learn(Direction direction, const MqttHeader& header, const MqttPacket& packet) {
  if (version_ == MqttVersion::unknown && packet.good) version_ = packet.version;
  switch (header.type) {
    case kMqttConnect:
      if (packet.good) version_ = packet.version;
      [[fallthrough]];
    case kMqttSubscribe:
    case kMqttUnsubscribe:
    case kMqttPingreq:
      client_ = direction;
      break;
    case kMqttConnack:
    case kMqttSuback:
    case kMqttUnsuback:
    case kMqttPingresp:
      client_ = opposite(direction);
      break;
    default:
      break;
  }
}

std::string_view MqttSession::resolve_topic(Direction direction, MqttPacket& packet, bool& unknown) {
  if (packet.topic_alias == 0 || !packet.good) return {};
  Told& told = told_[index(direction)];
  if (packet.topic.empty()) {
    const auto known = told.aliases.find(packet.topic_alias);
    unknown = known == told.aliases.end();
    if (unknown) return "mqtt.unknown-alias";
    packet.topic = known->second;
    return {};
  }
  const bool full = told.alias_bytes + packet.topic.size() > limits_.http_head_bytes;
  if (full) {
    told.aliases.clear();
    told.alias_bytes = 0;
  }
  told.alias_bytes += packet.topic.size();
  told.aliases[packet.topic_alias] = packet.topic;
  return full ? "mqtt.alias-limit" : std::string_view();
}

// By identifier; CONNECT, PINGREQ and CONNACK have none and take 0.
std::uint64_t MqttSession::relate(Direction direction, const MqttHeader& header, const MqttPacket& packet) {
  if (!packet.good) return 0;
  switch (header.type) {
    case kMqttConnect:
    case kMqttSubscribe:
    case kMqttUnsubscribe:
    case kMqttPublish: {
      const std::uint64_t exchange = above_.next_exchange();
      if (header.type == kMqttPublish && header.qos() == 0) return exchange;
      auto& unanswered = told_[index(direction)].unanswered;
      if (unanswered.size() < limits_.http_pending_requests || unanswered.contains(packet.id)) {
        unanswered[packet.id] = exchange;
      }
      return exchange;
    }
    case kMqttConnack:
    case kMqttSuback:
    case kMqttUnsuback:
    case kMqttPuback:
    case kMqttPubrec:
    case kMqttPubcomp: {
      auto& waiting = told_[index(opposite(direction))].unanswered;
      const auto asked = waiting.find(packet.id);
      if (asked == waiting.end()) return 0;
      const std::uint64_t exchange = asked->second;
      if (header.type != kMqttPubrec) waiting.erase(asked);
      return exchange;
    }
    default:
      return 0;
  }
}

void MqttSession::lose(Direction direction) {
  Told& told = told_[index(direction)];
  told.aliases.clear();
  told.alias_bytes = 0;
  told.unanswered.clear();
  told_[index(opposite(direction))].unanswered.clear();
}

}  // namespace tattle
