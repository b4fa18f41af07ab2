#include <algorithm>
#include <optional>
#include <string>

#include "base/byte_reader.h"
#include "protocol/local/local_protocols.h"

namespace tattle {
namespace {

// Tags of BER that SNMP writes (RFC 1157 section 3.2.2, RFC 3416 section 3).
constexpr std::uint8_t kInteger = 0x02, kOctetString = 0x04, kObjectIdentifier = 0x06, kSequence = 0x30;
constexpr std::uint8_t kFirstPdu = 0xa0, kTrapV1 = 0xa4, kLastPdu = 0xa8;

struct Element {
  std::uint8_t tag = 0;
  Bytes content;
};

// Of a definite length, in its short form or in up to four bytes (X.690 section 8.1.3).
Element take_element(ByteReader& in) {
  Element element;
  element.tag = in.u8("tag");
  std::size_t length = in.u8("length");
  if (length & 0x80) {
    const std::size_t bytes = length & 0x7f;
    if (bytes == 0 || bytes > 4) in.fail("length", "indefinite, or over four bytes");
    length = 0;
    for (std::size_t i = 0; i < bytes && !in.error(); ++i) length = length << 8 | in.u8("length");
  }
  element.content = in.take(length, "content");
  return element;
}

std::string_view pdu_name(std::uint8_t tag) {
  constexpr std::string_view kNames[] = {"get",      "get-next", "response", "set",   "trap",
                                         "get-bulk", "inform",   "trap",     "report"};
  return kNames[tag - kFirstPdu];
}

// X.690 section 8.19: `1.3.6.1.2.1.1.5.0`. Empty when it does not hold together.
std::string object_name(Bytes content) {
  if (content.empty() || (content.back() & 0x80) != 0) return {};
  std::string name;
  std::uint64_t part = 0;
  for (const std::uint8_t byte : content) {
    if (part >> 32 != 0) return {};
    part = part << 7 | (byte & 0x7f);
    if (byte & 0x80) continue;
    if (name.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(part / 40, 2);
      name = std::to_string(first) + "." + std::to_string(part - first * 40);
    } else {
      name += "." + std::to_string(part);
    }
    part = 0;
  }
  return name;
}

// Texts among the variables, by the names of their objects.
void read_variables(ByteReader& in, DatagramWords& words) {
  const Element list = take_element(in);
  if (!in.error() && list.tag != kSequence) in.fail("variables", "no sequence");
  ByteReader variables(list.content);
  while (!in.error() && variables.remaining() > 0) {
    const Element variable = take_element(variables);
    ByteReader pair(variable.content);
    const Element name = take_element(pair), value = take_element(pair);
    if (variables.error() || pair.error() || variable.tag != kSequence || name.tag != kObjectIdentifier) {
      return in.fail("variable", "no name and value");
    }
    const std::string object = object_name(name.content);
    if (object.empty()) return in.fail("variable.name", "no object identifier");
    if (value.tag != kOctetString || value.content.empty()) continue;
    words.fields.push_back({words.decoded.emplace_back(object), as_text(value.content)});
  }
}

struct Opened {
  Bytes community, pdu;
  std::uint8_t type = 0;
};

// The message around the PDU; nothing when the datagram is something else.
std::optional<Opened> open_message(Bytes datagram) {
  ByteReader outer(datagram);
  const Element whole = take_element(outer);
  ByteReader in(whole.content);
  const Element version = take_element(in), community = take_element(in), pdu = take_element(in);
  if (outer.error() || in.error() || outer.remaining() > 0 || in.remaining() > 0) return std::nullopt;
  const bool known = version.tag == kInteger && version.content.size() == 1 && version.content[0] <= 1;
  if (whole.tag != kSequence || !known || community.tag != kOctetString) return std::nullopt;
  if (pdu.tag < kFirstPdu || pdu.tag > kLastPdu) return std::nullopt;
  return Opened{community.content, pdu.content, pdu.tag};
}

}  // namespace

bool fits_snmp(const Chunk& datagram) {
  return (on_port(datagram, 161) || on_port(datagram, 162)) && open_message(datagram.data).has_value();
}

DatagramFate read_snmp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  const std::optional<Opened> message = open_message(chunk.data);
  if (!message) return DatagramFate::unknown;
  DatagramWords words;
  words.protocol = "snmp";
  words.method = pdu_name(message->type);
  const bool answer = words.method == "response", told = words.method == "trap" || words.method == "report";
  words.kind = answer ? MessageKind::response : told ? MessageKind::data : MessageKind::request;
  words.sender_is_client = told ? chunk.direction == Direction::to_server : !answer;
  words.add("community", message->community);
  ByteReader in(message->pdu);
  // RFC 1157 section 4.1.6: enterprise, address, two kinds of trap, time; else a number, error status and index.
  const int fixed = message->type == kTrapV1 ? 5 : 3;
  for (int i = 0; i < fixed && !in.error(); ++i) take_element(in);
  if (!in.error()) read_variables(in, words);
  if (in.error()) context.anomalies->note("snmp.malformed", chunk.first_packet());
  words.damaged = cut || in.error();
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
