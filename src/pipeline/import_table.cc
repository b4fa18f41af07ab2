#include "pipeline/import_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/result.h"

namespace tattle {
namespace {

// The conversation: of its own for an entry whose connection has no name.
std::string key_of(const ImportedMessage& message) {
  const std::string& name = message.connection->name;
  return name.empty() ? fmt::format("{} entry {}", message.id.capture, message.id.number)
                      : fmt::format("{} connection {}", message.id.capture, name);
}

Prefix network_of(const Address& address) {
  if (address.is_v4()) return {address, 128};
  Prefix network{address, 64};
  std::fill(network.address.bytes.begin() + 8, network.address.bytes.end(), std::uint8_t{0});
  return network;
}

bool before(const Prefix& a, const Prefix& b) { return std::tie(a.address, a.length) < std::tie(b.address, b.length); }

bool has(const DeviceAddresses& device, const Address& address) {
  return std::any_of(device.prefixes.begin(), device.prefixes.end(),
                     [&](const Prefix& prefix) { return prefix.contains(address); });
}

}  // namespace

bool tells_client(const Address& address) { return !address.is_unspecified() && !address.is_loopback(); }

ImportedClients::ImportedClients() : known(before) {}

void ImportedClients::meet(const ImportedMessage& message) {
  if (message.not_sent) return;
  const Address& client = message.connection->client.address;
  if (tells_client(client)) {
    ++known[network_of(client)];
  } else {
    unknown = true;
  }
}

ImportTable::ImportTable(std::vector<DeviceAddresses> devices, const Limits& limits, Anomalies& anomalies,
                         Dissector& numbers, SegmentSink& sink, std::function<void(const ImportedItem&)> on_message)
    : devices_(std::move(devices)),
      limits_(limits),
      anomalies_(anomalies),
      numbers_(numbers),
      sink_(sink),
      on_message_(std::move(on_message)) {}

void ImportTable::choose_device(FlowInfo& flow) const {
  for (std::uint32_t i = 0; i < devices_.size(); ++i) {
    const bool client = has(devices_[i], flow.client.address);
    if (!client && !has(devices_[i], flow.server.address)) continue;
    flow.device = client ? DeviceSide::client : DeviceSide::server;
    flow.subject = i;
    return;
  }
  if (devices_.size() == 1) {
    const bool another = tells_client(flow.client.address) && !devices_.front().prefixes.empty();
    if (!another) flow.device = DeviceSide::client;
  } else if (!devices_.empty() && !tells_client(flow.client.address)) {
    throw UserError(
        "an import does not say which of several phones it recorded; audit it with a single --subject, the others "
        "apart");
  }
}

ImportTable::Place ImportTable::open(std::string key, const ImportedMessage& message) {
  if (by_key_.size() >= limits_.import_connections) {
    anomalies_.note("import.connections-limit", message.id);
    end(flows_.begin());
  }
  FlowInfo flow;
  flow.id = numbers_.take_flow_number();
  flow.transport = message.connection->transport;
  flow.client = message.connection->client;
  flow.server = message.connection->server;
  flow.start = message.first;
  flow.opening_seen = true;
  flow.imported = true;
  choose_device(flow);
  sink_.on_flow(flow);
  flows_.push_back({key, flow.id});
  by_key_.emplace(std::move(key), std::prev(flows_.end()));
  return std::prev(flows_.end());
}

void ImportTable::add(const std::shared_ptr<const ImportedMessage>& message) {
  std::string key = key_of(*message);
  const auto found = by_key_.find(key);
  const bool skip = message->not_sent && !devices_.empty();
  if (skip) {
    sink_.on_unread(Unread::not_sent, message->id, message->bytes());
  } else {
    const Place place = found == by_key_.end() ? open(key, *message) : found->second;
    flows_.splice(flows_.end(), flows_, place);
    on_message_({message, place->id, numbers_.take_order()});
  }
  if (!message->last_of_entry || !message->connection->name.empty()) return;
  if (const auto own = by_key_.find(key); own != by_key_.end()) end(own->second);
}

void ImportTable::end(Place place) {
  sink_.on_flow_end(place->id, FlowEndReason::closed, numbers_.take_order());
  by_key_.erase(place->key);
  flows_.erase(place);
}

void ImportTable::finish() {
  flows_.sort([](const Open& a, const Open& b) { return a.id < b.id; });
  while (!flows_.empty()) end(flows_.begin());
}

}  // namespace tattle
