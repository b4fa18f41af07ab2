#include "protocol/mqtt/packet.h"

#include <algorithm>
#include <utility>

#include "base/byte_reader.h"
#include "protocol/buffer/utf8_check.h"

namespace tattle {
namespace {

constexpr std::uint64_t kSniffedHeadBytes = 1 << 16;

enum class PropertyType : std::uint8_t { none, number1, number2, number4, variable, text, binary, pair };
struct Property {
  PropertyType type = PropertyType::none;
  std::string_view name;  // of those that are kept as a field
};

// MQTT 5.0 section 2.2.2.2.
Property property_of(std::uint32_t identifier) {
  switch (identifier) {
    case 1:
    case 23:
    case 25:
    case 36:
    case 37:
    case 40:
    case 41:
    case 42:
      return {PropertyType::number1, ""};
    case 19:
    case 33:
    case 34:
    case 35:
      return {PropertyType::number2, ""};
    case 2:
    case 17:
    case 24:
    case 39:
      return {PropertyType::number4, ""};
    case 11:
      return {PropertyType::variable, ""};
    case 3:
      return {PropertyType::text, "content-type"};
    case 8:
      return {PropertyType::text, "response-topic"};
    case 9:
      return {PropertyType::binary, "correlation-data"};
    case 18:
      return {PropertyType::text, "assigned-client-identifier"};
    case 21:
      return {PropertyType::text, "authentication-method"};
    case 22:
      return {PropertyType::binary, "authentication-data"};
    case 26:
      return {PropertyType::text, "response-information"};
    case 28:
      return {PropertyType::text, "server-reference"};
    case 31:
      return {PropertyType::text, "reason-string"};
    case 38:
      return {PropertyType::pair, "user-property"};
    default:
      return {};
  }
}

// Variable byte integer, MQTT 5.0 section 1.5.5.
std::uint32_t read_variable(ByteReader& in, std::string_view field) {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const std::uint8_t byte = in.u8(field);
    value |= std::uint32_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  in.fail(field, "over four bytes");
  return 0;
}

class PacketReader {
 public:
  PacketReader(const MqttHeader& header, MqttVersion version, Bytes bytes, MqttPacket& packet)
      : header_(header), size_(bytes.size()), in_(bytes), packet_(packet) {
    packet_.version = version;
  }

  void read() {
    packet_.payload = packet_.payload_end = size_;
    switch (header_.type) {
      case kMqttConnect:
        connect();
        break;
      case kMqttConnack:
        connack();
        break;
      case kMqttPublish:
        publish();
        break;
      case kMqttSubscribe:
      case kMqttUnsubscribe:
        subscribe();
        break;
      case kMqttSuback:
      case kMqttUnsuback:
        identifier();
        if (v5()) properties("");
        in_.skip(in_.remaining(), "codes");
        break;
      case kMqttPuback:
      case kMqttPubrec:
      case kMqttPubrel:
      case kMqttPubcomp:
        identifier();
        reason_and_properties();
        break;
      case kMqttDisconnect:
      case kMqttAuth:
        reason_and_properties();
        break;
      default:
        break;  // PINGREQ and PINGRESP are empty
    }
    const bool rest = header_.type != kMqttPublish && !in_.done();
    packet_.good = !in_.error() && !rest;
  }

 private:
  bool v5() const { return packet_.version == MqttVersion::v5; }

  std::string_view text(std::string_view field) {
    const Bytes bytes = in_.take(in_.u16(field), field);
    packet_.strict &= well_formed_utf8(bytes) && std::find(bytes.begin(), bytes.end(), 0) == bytes.end();
    return as_text(bytes);
  }
  Bytes binary(std::string_view field) { return in_.take(in_.u16(field), field); }
  void keep(std::string_view name, std::string_view value) {
    if (!value.empty()) packet_.fields.add(name, value, false);
  }
  void identifier() {
    packet_.id = in_.u16("packet-identifier");
    packet_.strict &= packet_.id != 0;
  }

  void properties(std::string_view prefix) {
    const Bytes all = in_.take(read_variable(in_, "properties.length"), "properties");
    ByteReader outer = std::exchange(in_, ByteReader(all));
    while (!in_.done()) property(prefix);
    const bool good = !in_.error();
    in_ = outer;
    if (!good) in_.fail("properties", "malformed");
  }

  void property(std::string_view prefix) {
    const std::uint32_t identifier = read_variable(in_, "property");
    const Property property = property_of(identifier);
    std::string name = std::string(prefix) + std::string(property.name);
    switch (property.type) {
      case PropertyType::none:
        return in_.fail("property", "not defined");
      case PropertyType::number1:
        return in_.skip(1, "property");
      case PropertyType::number2: {
        constexpr std::uint32_t kTopicAlias = 35;
        const std::uint16_t value = in_.u16("property");
        if (identifier == kTopicAlias) packet_.topic_alias = value;
        return;
      }
      case PropertyType::number4:
        return in_.skip(4, "property");
      case PropertyType::variable:
        read_variable(in_, "property");
        return;
      case PropertyType::text:
        return keep(name, text("property"));
      case PropertyType::binary:
        return keep(name, as_text(binary("property")));
      case PropertyType::pair:
        name += '.';
        name += text("property");
        return keep(name, text("property"));
    }
  }

  void connect() {
    const std::string_view protocol = text("protocol-name");
    const int level = in_.u8("protocol-level") & 0x7f;  // bridges set the first bit
    const bool known = (protocol == "MQTT" && (level == 4 || level == 5)) || (protocol == "MQIsdp" && level == 3);
    if (!known) return in_.fail("protocol-level", "not defined");
    packet_.version = level == 5 ? MqttVersion::v5 : MqttVersion::v3;
    const std::uint8_t flags = in_.u8("connect-flags");
    in_.u16("keep-alive");
    if (v5()) properties("");
    keep("client-id", text("client-id"));
    if ((flags & 0x04) != 0) {
      if (v5()) properties("will-");
      keep("will-topic", text("will-topic"));
      const Bytes payload = binary("will-payload");
      packet_.payload_end = in_.offset();
      packet_.payload = in_.offset() - payload.size();
    }
    if ((flags & 0x80) != 0) keep("user-name", text("user-name"));
    if ((flags & 0x40) != 0) keep("password", as_text(binary("password")));
    if (in_.error()) packet_.payload = packet_.payload_end = size_;
  }

  void connack() {
    if (packet_.version == MqttVersion::unknown) {
      packet_.version = header_.length == 2 ? MqttVersion::v3 : MqttVersion::v5;
    }
    packet_.strict &= (in_.u8("connack-flags") & 0xfe) == 0;
    packet_.reason = in_.u8("reason-code");
    if (v5()) properties("");
  }

  void publish() {
    const std::string_view topic = text("topic");
    packet_.topic = topic;
    packet_.strict &= topic.find_first_of("+#") == std::string_view::npos;
    if (header_.qos() > 0) identifier();
    if (v5()) properties("");
    packet_.strict &= !topic.empty() || packet_.topic_alias != 0;
    packet_.payload = in_.error() ? size_ : in_.offset();
  }

  void subscribe() {
    identifier();
    if (packet_.version == MqttVersion::unknown) packet_.version = version_of_filters();
    if (packet_.version == MqttVersion::unknown) return in_.fail("filters", "of either version");
    if (v5()) properties("");
    if (in_.done() && !in_.error()) in_.fail("filters", "none");
    while (!in_.done()) {
      const std::string_view filter = text("filter");
      if (filter.empty() && !in_.error()) in_.fail("filter", "empty");
      if (header_.type == kMqttSubscribe) in_.skip(1, "options");
      keep("topic-filter", filter);
      if (!packet_.filters.empty()) packet_.filters += ", ";
      packet_.filters += filter;
    }
  }

  // Which version's layout fits; unknown when none or both do.
  MqttVersion version_of_filters() const {
    MqttVersion found = MqttVersion::unknown;
    for (const MqttVersion version : {MqttVersion::v3, MqttVersion::v5}) {
      MqttPacket tried(kSniffedHeadBytes);
      PacketReader reader(header_, version, in_.rest(), tried);
      reader.filters_only();
      if (!tried.good || !tried.strict) continue;
      if (found != MqttVersion::unknown) return MqttVersion::unknown;
      found = version;
    }
    return found;
  }
  void filters_only() {
    if (v5()) properties("");
    if (in_.done()) in_.fail("filters", "none");
    while (!in_.done()) {
      if (text("filter").empty()) in_.fail("filter", "empty");
      if (header_.type == kMqttSubscribe) in_.skip(1, "options");
    }
    packet_.good = !in_.error();
  }

  // MQTT 5 leaves both off when the reason is 0; older versions have none.
  void reason_and_properties() {
    if (in_.done()) return;
    if (packet_.version == MqttVersion::unknown) packet_.version = MqttVersion::v5;
    if (!v5()) return;
    packet_.reason = in_.u8("reason-code");
    if (!in_.done()) properties("");
  }

  const MqttHeader& header_;
  const std::size_t size_;
  ByteReader in_;
  MqttPacket& packet_;
};

}  // namespace

std::string_view mqtt_type_name(std::uint8_t type) {
  static constexpr std::string_view kNames[] = {
      "",          "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
      "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
  return type < std::size(kNames) ? kNames[type] : std::string_view();
}

Sniff read_mqtt_header(Bytes start, MqttHeader& header) {
  header = MqttHeader{};
  if (start.empty()) return Sniff::maybe;
  header.type = start[0] >> 4;
  header.flags = start[0] & 0x0f;
  switch (header.type) {
    case 0:
      return Sniff::no;
    case kMqttPublish:
      if (header.qos() == 3) return Sniff::no;
      break;
    case kMqttPubrel:
    case kMqttSubscribe:
    case kMqttUnsubscribe:
      if ((header.flags & 7) != 2) return Sniff::no;
      break;
    default:
      if (header.flags != 0) return Sniff::no;
  }
  for (std::size_t i = 1; i < kMqttLongestHeader; ++i) {
    if (i >= start.size()) return Sniff::maybe;
    header.length |= std::uint32_t{start[i] & 0x7fu} << (7 * (i - 1));
    if ((start[i] & 0x80) != 0) continue;
    header.header_bytes = i + 1;
    return Sniff::yes;
  }
  return Sniff::no;
}

std::size_t mqtt_publish_needs(const MqttHeader& header, MqttVersion version, Bytes so_far) {
  const std::size_t most = header.length;
  if (so_far.size() < 2) return std::min<std::size_t>(2, most);
  std::size_t needed = 2 + (std::size_t{so_far[0]} << 8 | so_far[1]) + (header.qos() > 0 ? 2 : 0);
  if (version != MqttVersion::v5) return std::min(needed, most);
  std::size_t length = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    ++needed;
    if (needed > so_far.size()) return std::min(needed, most);
    const std::uint8_t byte = so_far[needed - 1];
    length |= std::size_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) break;
  }
  return std::min(needed + length, most);
}

void read_mqtt_packet(const MqttHeader& header, MqttVersion version, Bytes bytes, MqttPacket& packet) {
  PacketReader(header, version, bytes, packet).read();
}

Sniff surely_mqtt_packets(Bytes bytes, MqttVersion version, bool one_suffices) {
  std::size_t at = 0;
  for (int count = 1;; ++count) {
    MqttHeader header;
    const Sniff start = read_mqtt_header(bytes.subspan(at), header);
    if (start != Sniff::yes) return start;
    at += header.header_bytes;
    const Bytes body = bytes.subspan(at, std::min<std::size_t>(header.length, bytes.size() - at));
    MqttPacket packet(kSniffedHeadBytes);
    read_mqtt_packet(header, version, body, packet);
    const bool whole = body.size() == header.length;
    // Of a cut packet only a PUBLISH's beginning can be judged.
    const bool judged = whole || (header.type == kMqttPublish && body.size() >= 2 && packet.good);
    if (judged && (!packet.good || !packet.strict)) return Sniff::no;
    if ((header.type == kMqttPingreq || header.type == kMqttPingresp) && header.length != 0) return Sniff::no;
    if (packet.version != MqttVersion::unknown) version = packet.version;
    if (count >= 3 && judged) return Sniff::yes;
    if (!whole) return Sniff::maybe;
    at += header.length;
    if (one_suffices && header.length >= 2) return Sniff::yes;
    if (at == bytes.size()) return count >= 2 ? Sniff::yes : Sniff::maybe;
  }
}

}  // namespace tattle
