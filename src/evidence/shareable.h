#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/limits.h"
#include "base/time.h"
#include "detect/search/matcher.h"
#include "protocol/message.h"

namespace tattle {

/// Link type of Wireshark's exported PDUs.
constexpr std::uint16_t kUpperPdu = 252;

/// A message, or what was decoded in it, as it may be shown to others.
struct SharedPdu {
  std::string dissector;  // Wireshark's name: `http`, `data-text-lines`
  std::string bytes;
  std::string comment;
  Endpoint source, destination;
  bool udp = false;
  Time time;
  PacketId packet;  // that carried the value
};

/// Masks a message but for what was found in it: request line or status, fields and body as HTTP/1.1, whatever HTTP it
/// was; where the value stands deeper than the body's text, another PDU has the innermost text with it. Cookies,
/// authorisation and everything else is masked, bodies that are no text are left out. Allowed to stay: method, status,
/// host, media type, names of header fields, names on the way to the value.
std::vector<SharedPdu> shareable(const Message& message, const Hit& hit, const Limits& limits);

/// The PDU with its tags, as a packet of link type 252.
/// Source: Wireshark's wsutil/exported_pdu_tlvs.h.
ByteVector exported_pdu(const SharedPdu& pdu);

}  // namespace tattle
