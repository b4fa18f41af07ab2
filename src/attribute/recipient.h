#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attribute/names.h"
#include "detect/record.h"

namespace tattle {

enum class Role : std::uint8_t { destination, proxy, resolver };
std::string_view to_string(Role role);

/// Somebody who could read a message, as the traffic shows it.
struct Party {
  Role role = Role::destination;
  std::string host;                // lower case; empty: not known, never guessed
  std::optional<Address> address;  // absent behind a proxy
  bool nearby = false;             // everybody on the link: whose the address would be says nothing
  auto operator<=>(const Party&) const = default;
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
