#include "attribute/recipient.h"

#include <array>

#include "decrypt/keys/certificate_name.h"

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

struct Named {
  std::string host;
  HostGround ground = HostGround::none;
};

Named known_as(std::string_view host, HostGround ground) {
  return {std::string(host), host.empty() ? HostGround::none : ground};
}

Named named(const Address& address, const NameBook& names) {
  const bool record = names.source_of(address) == NameSource::name_record;
  return known_as(names.find(address), record ? HostGround::name_record : HostGround::dns);
}

Party party(Role role, Named name, std::optional<Address> address) {
  return {role, std::move(name.host), address, false, name.ground};
}

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

Named destination_host(const MessageRecord& message, const NameBook& names) {
  if (!message.host.empty() && !names_somebody_else(message)) {
    // MQTT names no host itself; that of its connection stands in for it.
    const bool of_connection = message.protocol.starts_with("mqtt");
    return known_as(message.host, !of_connection                ? HostGround::authority
                                  : message.host == message.sni ? HostGround::sni
                                  : message.via == Via::tunnel  ? HostGround::proxy_request
                                                                : HostGround::authority);
  }
  if (host_is_never_left_out(message) || message.damaged) return {};
  if (!message.sni.empty()) return known_as(message.sni, HostGround::sni);
  if (message.via == Via::tunnel) return known_as(message.tunnel_host, HostGround::proxy_request);
  if (!message.certificate_host.empty()) return known_as(message.certificate_host, HostGround::certificate);
  return named(peer_of(message.flow).address, names);
}

/// Its host is the name that TLS or the HTTP request gave it; the message's own host is the name that was asked for.
std::vector<Party> resolvers(const MessageRecord& message, const NameBook& names) {
  const Address& peer = peer_of(message.flow).address;
  const Party proxy = party(Role::proxy, named(peer, names), known(peer));
  const Named asked = known_as(message.sni, message.protocol == "doh" ? HostGround::authority : HostGround::sni);
  if (message.via == Via::proxy_absolute) return {proxy, party(Role::resolver, asked, std::nullopt)};
  if (message.via != Via::tunnel) {
    return {party(Role::resolver, asked.host.empty() ? named(peer, names) : asked, known(peer))};
  }
  const Party far =
      party(Role::resolver, asked.host.empty() ? known_as(message.tunnel_host, HostGround::proxy_request) : asked,
            std::nullopt);
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

std::string_view to_string(HostGround ground) {
  static constexpr std::array<std::string_view, 7> kWords = {
      "authority", "sni", "proxy-request", "certificate", "dns", "name-record", ""};
  return kWords[static_cast<std::size_t>(ground)];
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
  if (!phone_is_client(message)) return {party(Role::destination, named(peer, names), known(peer))};
  if (is_broadcast(message)) {
    Party everybody = party(Role::destination, destination_host(message, names), known(peer));
    everybody.nearby = true;
    return {everybody};
  }
  if (is_name_query(message)) return resolvers(message, names);
  const Party proxy = party(Role::proxy, named(peer, names), known(peer));
  switch (message.via) {
    case Via::proxy_connect:
      return {proxy};
    case Via::proxy_absolute:
      return {proxy, party(Role::destination, known_as(message.host, HostGround::authority), std::nullopt)};
    case Via::tunnel: {
      const Party far = party(Role::destination, destination_host(message, names), std::nullopt);
      if (message.protection == Protection::clear) return {proxy, far};
      return {far};
    }
    case Via::direct:
      break;
  }
  return {party(Role::destination, destination_host(message, names), known(peer))};
}

Party party_of_flow(const FlowSummary& summary, const NameBook& names) {
  const Address& peer = peer_of(summary.flow).address;
  const bool outgoing = summary.flow.device != DeviceSide::server;
  if (outgoing && !summary.tls.sni.empty()) {
    return party(Role::destination, known_as(summary.tls.sni, HostGround::sni), known(peer));
  }
  if (outgoing && !summary.tls.server_certificates.empty()) {
    const Named named =
        known_as(single_certificate_name(summary.tls.server_certificates.front()), HostGround::certificate);
    if (!named.host.empty()) return party(Role::destination, named, known(peer));
  }
  Party result = party(Role::destination, named(peer, names), known(peer));
  result.nearby = outgoing && summary.flow.broadcast;
  return result;
}

}  // namespace tattle
