#include "protocol/dns/doh.h"

#include <algorithm>
#include <string>

#include "protocol/dns/base64url.h"
#include "protocol/dns/dns.h"

namespace tattle {
namespace {

constexpr std::string_view kMediaType = "application/dns-message";
constexpr std::size_t kLongest = 0xffff;
// Set in the exchange numbers of DNS messages: they answer each other, not the requests that carried them.
constexpr std::uint64_t kExchangeBit = std::uint64_t{1} << 63;

bool is_dns_media_type(std::string_view value) {
  value = value.substr(0, value.find(';'));
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return std::equal(value.begin(), value.end(), kMediaType.begin(), kMediaType.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

bool carries_dns(const Message& message) {
  if (message.body.empty() || message.body.size() > kLongest) return false;
  if (message.body_offset > 0 || !message.last_piece || message.streamed) return false;
  const Field* type = message.field("content-type");
  return type != nullptr && !type->unknown && is_dns_media_type(type->value) && !message.field("content-encoding") &&
         looks_like_dns(message.body);
}

// RFC 8484 section 4.1: `dns` in the query of the target, base64url without padding.
std::string_view dns_variable(const Message& message) {
  if (message.kind != MessageKind::request || message.method != "GET") return {};
  const std::string_view target = message.target;
  for (std::size_t at = target.find('?'); at < target.size(); at = target.find('&', at)) {
    ++at;
    if (target.substr(at, 4) != "dns=") continue;
    const std::string_view value = target.substr(at + 4);
    return value.substr(0, value.find_first_of("&#"));
  }
  return {};
}

}  // namespace

void DohSink::on_message(const Message& message) {
  const bool http = message.protocol.starts_with("http/") &&
                    (message.kind == MessageKind::request || message.kind == MessageKind::response);
  if (http && carries_dns(message)) {
    Message carrier = message;
    carrier.split_bytes += message.body.size();
    carrier.body = {};
    carrier.body_pieces.clear();
    next_.on_message(carrier);
    return hand_down(message, message.body, message.body_pieces);
  }
  const std::string_view text = http ? dns_variable(message) : std::string_view();
  const ByteVector dns = text.size() <= kLongest ? decode_base64url(text) : ByteVector();
  if (dns.empty() || !looks_like_dns(dns)) return next_.on_message(message);
  Message carrier = message;
  // Views of the copy's own target.
  if (message.target.ends_with(text))
    carrier.target_carries = std::string_view(carrier.target).substr(carrier.target.size() - text.size());
  next_.on_message(carrier);
  PacketRuns packets;
  message.head_pieces.packets(0, message.head.size(), packets);
  PieceMap pieces;
  pieces.add(dns.size(), packets);
  hand_down(message, dns, std::move(pieces));
}

void DohSink::hand_down(const Message& carrier, Bytes dns, PieceMap pieces) {
  Message message;
  message.flow = carrier.flow;
  message.direction = carrier.direction;
  message.client = carrier.client;
  message.server = carrier.server;
  message.protection = carrier.protection;
  message.first = carrier.first;
  message.last = carrier.last;
  message.layers = carrier.layers;
  message.sni = carrier.host;
  message.via = carrier.via;
  message.tunnel_host = carrier.tunnel_host;
  if (carrier.exchange != 0) message.exchange = carrier.exchange | kExchangeBit;
  message.damaged = carrier.damaged;
  message.body = dns;
  message.body_pieces = std::move(pieces);
  hand_down_carried_dns(message, anomalies_, next_);
}

}  // namespace tattle
