#include "protocol/mqtt/mqtt.h"
#include "protocol/proxy/proxy_protocol.h"
#include "protocol/proxy/socks.h"
#include "protocol/stream_parser.h"
#include "protocol/text/sip.h"
#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

constexpr StreamProtocol kProtocols[] = {
    {"proxy", sniff_proxy_protocol, make_proxy_protocol},
    {"mqtt", sniff_mqtt, make_mqtt},
    {"socks", sniff_socks, make_socks},
    {"sip", sniff_sip, make_sip},
    {"smtp", sniff_smtp, make_smtp},
    {"pop3", sniff_pop3, make_pop3},
    {"imap", sniff_imap, make_imap},
    {"ftp", sniff_ftp, make_ftp},
};

}  // namespace

std::span<const StreamProtocol> stream_protocols() { return kProtocols; }

}  // namespace tattle
