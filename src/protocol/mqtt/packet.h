#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "protocol/http2/head.h"
#include "protocol/raw/sniff.h"

namespace tattle {

enum MqttType : std::uint8_t {
  kMqttConnect = 1,
  kMqttConnack,
  kMqttPublish,
  kMqttPuback,
  kMqttPubrec,
  kMqttPubrel,
  kMqttPubcomp,
  kMqttSubscribe,
  kMqttSuback,
  kMqttUnsubscribe,
  kMqttUnsuback,
  kMqttPingreq,
  kMqttPingresp,
  kMqttDisconnect,
  kMqttAuth
};

/// `CONNECT`, `PUBLISH`, …, as the standard writes them.
std::string_view mqtt_type_name(std::uint8_t type);

constexpr std::size_t kMqttLongestHeader = 5;

struct MqttHeader {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t length = 0;  // of what follows
  std::size_t header_bytes = 0;

  int qos() const { return flags >> 1 & 3; }
};

/// Reads a fixed header from the front of `start`: `no` for a type or flags that cannot be, or a length of over four
/// bytes; `maybe` when more bytes are needed. Source: MQTT 5.0 section 2.1; MQTT V3.1 section 2.1 for its DUP flags.
Sniff read_mqtt_header(Bytes start, MqttHeader& header);

/// The version: 3 stands for 3.1 and 3.1.1, whose packets are laid out alike.
enum class MqttVersion : std::uint8_t { unknown = 0, v3 = 3, v5 = 5 };

/// What a packet says.
struct MqttPacket {
  explicit MqttPacket(std::uint64_t most_bytes) : fields(most_bytes) {}

  bool good = true;  // false: it ends too early, or holds what cannot be; the fields are what could be read
  MqttVersion version = MqttVersion::unknown;  // known before, or shown by this packet
  Http2Head fields;                            // rebuilt as text: `client-id: …`
  std::string topic;                           // of a PUBLISH
  std::string filters;                         // of a SUBSCRIBE or UNSUBSCRIBE
  std::uint16_t topic_alias = 0;
  std::uint16_t id = 0;         // packet identifier; 0 when it has none
  std::optional<int> reason;    // reason or return code
  std::size_t payload = 0;      // where the application message begins, in the bytes behind the fixed header
  std::size_t payload_end = 0;  // and ends
  bool strict = true;           // strings are UTF-8 without NUL, identifiers are not 0
};

/// How many bytes behind the fixed header are needed to read a PUBLISH up to its payload; more may be once these are
/// there: then the answer grows. `version` unknown: properties count as payload.
std::size_t mqtt_publish_needs(const MqttHeader& header, MqttVersion version, Bytes so_far);

/// Reads a packet but for its fixed header; of a PUBLISH the bytes before its payload suffice.
/// Source: MQTT 5.0 sections 2.2 and 3; MQTT 3.1.1 section 3.
void read_mqtt_packet(const MqttHeader& header, MqttVersion version, Bytes bytes, MqttPacket& packet);

/// Whether the bytes from the front on are certainly packets: three of them, or two of which the second ends where the
/// bytes end; or, with `one_suffices`, a single whole one of at least four bytes.
/// @return `maybe`: so far they may be, with more bytes.
Sniff surely_mqtt_packets(Bytes bytes, MqttVersion version, bool one_suffices);

}  // namespace tattle
