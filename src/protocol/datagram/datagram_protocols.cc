#include "protocol/datagram/datagram_parser.h"
#include "protocol/datagram/dtls_parser.h"
#include "protocol/dns/any_port.h"
#include "protocol/dns/dns.h"
#include "protocol/local/coap.h"
#include "protocol/local/local_protocols.h"
#include "protocol/quic/parser.h"
#include "protocol/text/sip.h"

namespace tattle {
namespace {

// DNS by its port, where even what is cut or malformed is read as such.
template <std::uint16_t port>
bool fits_dns(const Chunk& datagram) {
  const FlowInfo& flow = datagram.flow;
  return (flow.server.port == port || flow.client.port == port) && has_dns_header(datagram.data);
}

class DnsDatagrams : public DatagramParser {
 public:
  DnsDatagrams(const StreamContext& above, ParserContext& context) : above_(above), context_(context) {}
  DatagramFate on_datagram(const Chunk& chunk, bool) override {
    if (!has_dns_header(chunk.data)) return DatagramFate::unknown;
    parse_dns_datagram(chunk, queries_, above_, context_);
    return DatagramFate::parsed;
  }
  bool stateless() const override { return queries_.empty(); }

 private:
  const StreamContext& above_;
  ParserContext& context_;
  DnsQueries queries_;
};

std::unique_ptr<DatagramParser> make_dns(const FlowInfo&, const StreamContext& above, ParserContext& context) {
  return std::make_unique<DnsDatagrams>(above, context);
}

constexpr DatagramProtocol kProtocols[] = {
    {"dns", fits_dns<53>, make_dns},
    {"mdns", fits_dns<5353>, make_dns},
    {"llmnr", fits_dns<5355>, make_dns},
    {"dtls", fits_dtls, make_dtls_parser},
    {"quic", fits_quic, make_quic_parser},
    {"dhcp", fits_dhcp, make_stateless<read_dhcp>},
    {"dhcpv6", fits_dhcpv6, make_stateless<read_dhcpv6>},
    {"nbns", fits_nbns, make_stateless<read_nbns>},
    {"nbdgm", fits_nbdgm, make_stateless<read_nbdgm>},
    {"ntp", fits_ntp, make_stateless<read_ntp>},
    {"ssdp", fits_ssdp, make_stateless<read_ssdp>},
    {"stun", fits_stun, make_stateless<read_stun>},
    {"coap", fits_coap, make_coap},
    {"syslog", fits_syslog, make_stateless<read_syslog>},
    {"sip", fits_sip, make_stateless<read_sip>},
    {"rtcp", fits_rtcp, make_stateless<read_rtcp>},
    {"snmp", fits_snmp, make_stateless<read_snmp>},
    {"dns", fits_dns_on_any_port, make_dns_on_any_port},
};

}  // namespace

std::span<const DatagramProtocol> datagram_protocols() { return kProtocols; }

}  // namespace tattle
