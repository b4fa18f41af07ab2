#include "attribute/recipient.h"

namespace tattle {
namespace {

/// Asked of everybody on the link, though the address may look like one host's: a network's own broadcast address.
bool is_broadcast(const MessageRecord& message) {
  return (message.flow.broadcast && message.flow.device == DeviceSide::client) ||
         (message.broadcast && sent_by_phone(message));
}

bool is_name_query(const MessageRecord& message) {
  // Asked of one server, NetBIOS names are looked up as those of DNS are; asked of all, the neighbours hear them.
  const bool netbios = message.protocol == "nbns" && message.kind == MessageKind::query &&
                       !peer_of(message.flow).address.is_multicast_or_broadcast() &&
                       !peer_of(message.flow).address.is_local();
  return netbios || message.protocol == "dns" || message.protocol == "doh" || message.protocol == "dot";
}

/// The name in the message is not that of whom it is sent to: neighbours are asked for it, or a proxy is.
bool names_somebody_else(const MessageRecord& message) {
  return message.protocol == "mdns" || message.protocol == "llmnr" || message.protocol == "nbns" ||
         message.protocol == "nbdgm" || message.protocol == "sip";
}

/// In these every request has an authority. When it is empty it was lost, and nothing else may stand in for it: one
/// connection can serve many hosts (RFC 9113 section 9.1.1).
bool host_is_never_left_out(const MessageRecord& message) {
  return message.protocol.starts_with("http/2") || message.protocol.starts_with("http/3");
}

std::string named(const Address& address, const NameBook& names) { return std::string(names.find(address)); }

/// Nothing when an import does not tell it.
std::optional<Address> known(const Address& address) {
  return address.is_unspecified() ? std::nullopt : std::optional(address);
}

/// Whether the phone asks and the other end answers.
bool phone_is_client(const MessageRecord& message) {
  const Endpoint& phone = phone_of(message.flow);
  if (message.client == phone) return true;
  if (message.server == phone) return false;
  return message.flow.device == DeviceSide::client;
}

std::string destination_host(const MessageRecord& message, const NameBook& names) {
  if (!message.host.empty() && !names_somebody_else(message)) return message.host;
  if (host_is_never_left_out(message) || message.damaged) return {};
  if (!message.sni.empty()) return message.sni;
  if (message.via == Via::tunnel) return message.tunnel_host;
  return named(peer_of(message.flow).address, names);
}

/// Its host is the name that TLS or the HTTP request gave it; the message's own host is the name that was asked for.
std::vector<Party> resolvers(const MessageRecord& message, const NameBook& names) {
  const Address& peer = peer_of(message.flow).address;
  const Party proxy{Role::proxy, named(peer, names), known(peer)};
  if (message.via == Via::proxy_absolute) return {proxy, Party{Role::resolver, message.sni, std::nullopt}};
  if (message.via != Via::tunnel) {
    return {Party{Role::resolver, message.sni.empty() ? named(peer, names) : message.sni, known(peer)}};
  }
  const Party far{Role::resolver, message.sni.empty() ? message.tunnel_host : message.sni, std::nullopt};
  if (message.protection != Protection::clear) return {far};
  return {proxy, far};
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::destination:
      return "destination";
    case Role::proxy:
      return "proxy";
    case Role::resolver:
      return "resolver";
  }
  return "destination";
}

const Endpoint& peer_of(const FlowInfo& flow) { return flow.device == DeviceSide::server ? flow.client : flow.server; }
const Endpoint& phone_of(const FlowInfo& flow) { return flow.device == DeviceSide::server ? flow.server : flow.client; }

bool sent_by_phone(const MessageRecord& message) {
  switch (message.flow.device) {
    case DeviceSide::none:
      return false;
    case DeviceSide::client:
      return message.direction == Direction::to_server;
    case DeviceSide::server:
      return message.direction == Direction::to_client;
  }
  return false;
}

std::vector<Party> parties_of(const MessageRecord& message, const NameBook& names) {
  const Address& peer = peer_of(message.flow).address;
  // Whoever asks the phone is known by address alone: host and server name are the phone's own.
  if (!phone_is_client(message)) return {Party{Role::destination, named(peer, names), known(peer)}};
  if (is_broadcast(message)) return {Party{Role::destination, destination_host(message, names), known(peer), true}};
  if (is_name_query(message)) return resolvers(message, names);
  const Party proxy{Role::proxy, named(peer, names), known(peer)};
  switch (message.via) {
    case Via::proxy_connect:
      return {proxy};
    case Via::proxy_absolute:
      return {proxy, Party{Role::destination, message.host, std::nullopt}};
    case Via::tunnel: {
      const Party far{Role::destination, destination_host(message, names), std::nullopt};
      if (message.protection == Protection::clear) return {proxy, far};
      return {far};
    }
    case Via::direct:
      break;
  }
  return {Party{Role::destination, destination_host(message, names), known(peer)}};
}

Party party_of_flow(const FlowSummary& summary, const NameBook& names) {
  const Address& peer = peer_of(summary.flow).address;
  const bool outgoing = summary.flow.device != DeviceSide::server;
  if (outgoing && !summary.tls.sni.empty()) return {Role::destination, summary.tls.sni, known(peer)};
  return {Role::destination, named(peer, names), known(peer), outgoing && summary.flow.broadcast};
}

}  // namespace tattle
