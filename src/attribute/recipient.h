#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "attribute/names.h"
#include "detect/record.h"

namespace tattle {

enum class Role : std::uint8_t { destination, proxy, resolver };
std::string_view to_string(Role role);

/// What says that a host is called so, the best first.
enum class HostGround : std::uint8_t {
  authority,      // of the request itself
  sni,            // server_name of TLS or QUIC
  proxy_request,  // the name in a CONNECT or a SOCKS request
  certificate,    // the one name in the server's certificate
  dns,            // an answer gave the address to this name alone
  name_record,    // the capture file's own record
  none,           // no host, or no sign of where it was read
};
/// `authority`, …; empty for `none`.
std::string_view to_string(HostGround ground);

/// Somebody who could read a message, as the traffic shows it.
struct Party {
  Role role = Role::destination;
  std::string host;                      // lower case; empty: not known, never guessed
  std::optional<Address> address;        // absent behind a proxy
  bool nearby = false;                   // everybody on the link: whose the address would be says nothing
  HostGround ground = HostGround::none;  // of the host; says nothing of who it is, so it is not compared
  auto operator<=>(const Party& other) const {
    return std::tie(role, host, address, nearby) <=> std::tie(other.role, other.host, other.address, other.nearby);
  }
  bool operator==(const Party& other) const { return (*this <=> other) == 0; }
};

/// The flow's end that is not the phone, and the phone's. Meaningless when the flow has no phone.
const Endpoint& peer_of(const FlowInfo& flow);
const Endpoint& phone_of(const FlowInfo& flow);

/// Whether the phone sent this message. False also when the flow has no phone.
bool sent_by_phone(const MessageRecord& message);

/// Who reads a message that the phone sends, or where one that it gets came from; one or two parties.
/// A proxy that reads the message and the host behind it are two. What a gap made unknowable stays empty.
std::vector<Party> parties_of(const MessageRecord& message, const NameBook& names);

/// The recipient of a flow as such, for what was never opened: its server name, else the remembered name.
Party party_of_flow(const FlowSummary& summary, const NameBook& names);

}  // namespace tattle
