#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/datagram/datagram_parser.h"

// Protocols of one datagram each, most of which a phone speaks to its neighbours. Each has a function that says by port
// and shape whether a datagram is one, and one that reads it. What is malformed is read as far as it holds together;
// all of it is searched in any case.

namespace tattle {

/// DHCP and BOOTP. Options are fields: `host-name` (12), `fqdn` (81), `vendor-class` (60), `client-id` (61), …; the
/// method is the message type. @anomaly dhcp.malformed. Sources: RFC 2131, 2132, 3396, 4702.
bool fits_dhcp(const Chunk& datagram);
DatagramFate read_dhcp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// DHCPv6. @anomaly dhcp.malformed. Sources: RFC 8415, 4704 (client FQDN).
bool fits_dhcpv6(const Chunk& datagram);
DatagramFate read_dhcpv6(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// NetBIOS name service. The name asked for, or registered, is the host. @anomaly nbns.malformed.
/// Source: RFC 1002 sections 4.1 and 4.2.
bool fits_nbns(const Chunk& datagram);
DatagramFate read_nbns(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// NetBIOS datagram service: who sends to whom, by name. Source: RFC 1002 section 4.4.
bool fits_nbdgm(const Chunk& datagram);
DatagramFate read_nbdgm(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// SSDP: HTTP's heads in datagrams. Source: UPnP Device Architecture 2.0 section 1.
bool fits_ssdp(const Chunk& datagram);
DatagramFate read_ssdp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// NTP of its fixed format, with or without a digest (RFC 5905 section 7.3): known to hold nothing of a person's.
/// Longer ones are not read.
bool fits_ntp(const Chunk& datagram);
DatagramFate read_ntp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// STUN and TURN, as far as messages go. Sources: RFC 8489 sections 5 and 14, RFC 8656.
bool fits_stun(const Chunk& datagram);
DatagramFate read_stun(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// RTCP: the texts that describe a source (its canonical name, name, mail address, phone number, place, …) and the
/// reason for leaving are fields. @anomaly rtcp.malformed. Source: RFC 3550 sections 6.1, 6.5 and 6.6.
bool fits_rtcp(const Chunk& datagram);
DatagramFate read_rtcp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// Syslog: `hostname`, `app-name` and the like are fields, the text is the body. Sources: RFC 5424, RFC 3164, RFC 5426.
bool fits_syslog(const Chunk& datagram);
DatagramFate read_syslog(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// SNMP 1 and 2c on their ports: the community is a field, and so are the variables that are octet strings, each by its
/// object's name. @anomaly snmp.malformed. Sources: RFC 1157 section 4.1, RFC 1901 section 3, RFC 3416 section 3.
bool fits_snmp(const Chunk& datagram);
DatagramFate read_snmp(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context);

/// A parser without state around one of the functions above.
template <auto read>
std::unique_ptr<DatagramParser> make_stateless(const FlowInfo&, const StreamContext& above, ParserContext& context) {
  class Stateless : public DatagramParser {
   public:
    Stateless(const StreamContext& a, ParserContext& c) : above_(a), context_(c) {}
    DatagramFate on_datagram(const Chunk& chunk, bool cut) override { return read(chunk, cut, above_, context_); }
    bool stateless() const override { return true; }

   private:
    const StreamContext& above_;
    ParserContext& context_;
  };
  return std::make_unique<Stateless>(above, context);
}

/// What was read of a datagram, to be handed down: all of it is the head, in which most fields lie.
struct DatagramWords {
  std::string_view protocol;
  MessageKind kind = MessageKind::data;
  bool sender_is_client = true;
  std::string_view method;
  std::string host, target;
  std::optional<int> status;
  std::vector<Field> fields;
  std::deque<std::string> decoded;  // what fields say that stands in another writing in the datagram
  std::size_t head_size = static_cast<std::size_t>(-1);  // the rest is the body
  std::string_view body_type;
  bool damaged = false;
  bool broadcast = false;  // the message says itself that everybody on the link is spoken to

  void add(std::string_view name, Bytes value) { fields.push_back({name, as_text(value)}); }
  void add_decoded(std::string_view name, std::string value) {
    fields.push_back({name, decoded.emplace_back(std::move(value))});
  }
};
void emit_datagram(const Chunk& chunk, const DatagramWords& words, const StreamContext& above, ParserContext& context);

bool on_port(const Chunk& datagram, std::uint16_t port);

}  // namespace tattle
