#include "assess/table/contact_table.h"

#include <algorithm>

namespace tattle {

std::string contact_key(const Party& party) {
  std::string key(1, !party.host.empty() ? 'h' : party.address ? 'a' : '?');
  if (!party.host.empty()) return key += party.host;
  if (party.address) key.append(party.address->bytes.begin(), party.address->bytes.end());
  return key;
}

std::size_t ContactTable::contact(const Party& party, PacketId where) {
  std::string key = contact_key(party);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (contacts_.size() >= limits_.recipients) {
      anomalies_.note("assess.recipients-full", where);
      return kNone;
    }
    found = by_key_.emplace(std::move(key), contacts_.size()).first;
    contacts_.emplace_back().host = party.host;
  }
  Contact& contact = contacts_[found->second];
  contact.ground = std::min(contact.ground, party.ground);
  contact.roles.insert(party.role);
  contact.nearby |= party.nearby;
  if (party.address && contact.addresses.size() < limits_.recipient_addresses) contact.addresses.insert(*party.address);
  return found->second;
}

void ContactTable::touch(Contact& contact, Time first, Time last) {
  const bool fresh = contact.flows == 0 && contact.messages == 0;
  contact.first = fresh ? first : std::min(contact.first, first);
  contact.last = fresh ? last : std::max(contact.last, last);
}

void ContactTable::on_message(const MessageRecord& message, const std::vector<Party>& parties) {
  const PacketId where =
      message.packets.empty() ? PacketId{} : PacketId{message.packets[0].capture, message.packets[0].first};
  for (const Party& party : parties) {
    const std::size_t index = contact(party, where);
    if (index == kNone) continue;
    touch(contacts_[index], message.first, message.last);
    if (message.body_offset == 0) ++contacts_[index].messages;
  }
  OpenFlow& flow = open_[message.flow.id];
  if (message.via == Via::proxy_connect) {
    if (flow.far_host != 0) far_hosts_.release(flow.far_host);
    flow.far_host = message.tunnel_host.empty() ? 0 : far_hosts_.keep(message.tunnel_host) & 0x7fffffff;
  }
  // Behind a tunnel only the far end reads, but the flow ends at the proxy.
  if (message.via == Via::tunnel) return;
  if (parties.empty()) return;
  if (flow.party == 0 || parties_[flow.party].host.empty()) {
    if (flow.party != 0) parties_.release(flow.party);
    flow.party = parties_.keep(parties.front());
  } else if (parties.front().host != parties_[flow.party].host) {
    flow.several = true;
  }
}

Party ContactTable::on_flow(const FlowSummary& summary, const NameBook& names) {
  Party party = party_of_flow(summary, names);
  std::string far_host;
  if (auto found = open_.find(summary.flow.id); found != open_.end()) {
    const OpenFlow flow = found->second;
    if (flow.far_host != 0) {
      far_host = far_hosts_[flow.far_host];
      far_hosts_.release(flow.far_host);
    }
    const Party first = flow.party != 0 ? parties_[flow.party] : Party();
    if (flow.party != 0) parties_.release(flow.party);
    const bool one_host = !flow.several || first.role != Role::destination || summary.tls.sni.empty();
    const bool known = first.address || summary.flow.imported;
    if (known && one_host) party = first;
    open_.erase(found);
  }
  const std::uint64_t to_server = summary.payload_bytes[0], to_client = summary.payload_bytes[1];
  const bool phone_is_server = summary.flow.device == DeviceSide::server;
  const auto count = [&](const Party& whose, bool own_bytes) {
    const std::size_t index = contact(whose, {});
    if (index == kNone) return;
    Contact& contact = contacts_[index];
    touch(contact, summary.flow.start, summary.last);
    ++contact.flows;
    contact.opaque_bytes += summary.opaque_bytes;
    contact.opaque_flows += summary.opaque_bytes > 0;
    contact.raw_bytes += summary.raw_bytes;
    if (!own_bytes) return;
    contact.sent_bytes += phone_is_server ? to_client : to_server;
    contact.received_bytes += phone_is_server ? to_server : to_client;
  };
  count(party, true);
  if (!far_host.empty()) count({Role::destination, far_host, std::nullopt, false, HostGround::proxy_request}, false);
  return party;
}

}  // namespace tattle
