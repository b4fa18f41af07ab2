#include "packet/flow_table.h"

#include <algorithm>
#include <utility>

namespace tattle {
namespace {

bool lower(const Endpoint& a, const Endpoint& b) {
  const int order = std::memcmp(a.address.bytes.data(), b.address.bytes.data(), a.address.bytes.size());
  return order != 0 ? order < 0 : a.port < b.port;
}

bool matches(const DeviceAddresses& device, const Address& address, const MacAddress* mac) {
  if (mac != nullptr && std::find(device.macs.begin(), device.macs.end(), *mac) != device.macs.end()) return true;
  return std::any_of(device.prefixes.begin(), device.prefixes.end(),
                     [&](const Prefix& prefix) { return prefix.contains(address); });
}

}  // namespace

FlowTable::FlowTable(std::vector<DeviceAddresses> devices, const Limits& limits, Anomalies& anomalies,
                     SegmentSink& sink, std::uint64_t& order)
    : devices_(std::move(devices)),
      leases_(devices_.size()),
      limits_(limits),
      anomalies_(anomalies),
      sink_(sink),
      order_(order),
      buckets_(1 << 12) {
  first_.fill(kNone);
  last_.fill(kNone);
  const std::int64_t idle = static_cast<std::int64_t>(std::min<std::uint64_t>(limits.flow_idle_seconds, 1 << 28));
  idle_ns_[kUdp] = idle_ns_[kTcpClosed] = idle * 1000000000;
  idle_ns_[kTcpOpen] = idle * 12 * 1000000000;
}

std::uint32_t FlowTable::hash_of(const Key& key) const {
  const std::uint8_t* low = key.low.address.bytes.data();
  const std::uint8_t* high = key.high.address.bytes.data();
  const std::uint64_t ports =
      std::uint64_t{key.low.port} << 32 | std::uint64_t{key.high.port} << 8 | static_cast<std::uint64_t>(key.transport);
  const std::uint64_t hash = fold_multiply(load_word(low) ^ key_.first, load_word(low + 8) ^ key_.second) ^ ports;
  const std::uint64_t both = fold_multiply(load_word(high) ^ hash, load_word(high + 8) ^ key_.second ^ ports);
  return static_cast<std::uint32_t>(fold_multiply(both ^ key_.second, hash ^ key_.first));
}

FlowTable::Slot FlowTable::find(const Key& key, std::uint32_t hash) const {
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t at = hash & mask; buckets_[at].slot != kNone; at = (at + 1) & mask) {
    if (buckets_[at].hash == hash && flow(buckets_[at].slot).key == key) return buckets_[at].slot;
  }
  return kNone;
}

void FlowTable::insert_bucket(Slot slot) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t at = flow(slot).hash & mask;
  while (buckets_[at].slot != kNone) at = (at + 1) & mask;
  buckets_[at] = {flow(slot).hash, slot};
}

// Later entries of the same run move up, so that no probe meets a false end.
void FlowTable::erase_bucket(Slot slot) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t hole = flow(slot).hash & mask;
  while (buckets_[hole].slot != slot) hole = (hole + 1) & mask;
  for (std::size_t at = (hole + 1) & mask; buckets_[at].slot != kNone; at = (at + 1) & mask) {
    const std::size_t home = buckets_[at].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    buckets_[hole] = buckets_[at];
    hole = at;
  }
  buckets_[hole] = {};
}

void FlowTable::grow() {
  std::vector<Bucket> old(buckets_.size() * 2);
  old.swap(buckets_);
  const std::size_t mask = buckets_.size() - 1;
  for (const Bucket& bucket : old) {
    if (bucket.slot == kNone) continue;
    std::size_t at = bucket.hash & mask;
    while (buckets_[at].slot != kNone) at = (at + 1) & mask;
    buckets_[at] = bucket;
  }
}

void FlowTable::link_last(Slot slot, List list) {
  Flow& linked = flow(slot);
  linked.list = list;
  linked.before = last_[list];
  linked.after = kNone;
  (linked.before == kNone ? first_[list] : flow(linked.before).after) = slot;
  last_[list] = slot;
}

void FlowTable::unlink(Slot slot) {
  const Flow& linked = flow(slot);
  (linked.before == kNone ? first_[linked.list] : flow(linked.before).after) = linked.after;
  (linked.after == kNone ? last_[linked.list] : flow(linked.after).before) = linked.before;
}

FlowEndReason FlowTable::reason_of(const Flow& flow, FlowEndReason otherwise) {
  if (flow.reset) return FlowEndReason::reset;
  return flow.sides[0].fin && flow.sides[1].fin ? FlowEndReason::closed : otherwise;
}

void FlowTable::end(Slot slot, FlowEndReason reason) {
  const FlowId id = flow(slot).id;
  const FlowEndReason why = reason_of(flow(slot), reason);
  unlink(slot);
  erase_bucket(slot);
  free_.push_back(slot);
  --live_;
  sink_.on_flow_end(id, why, ++order_);
}

void FlowTable::expire(Time clock) {
  for (int list = 0; list < kLists; ++list) {
    while (first_[list] != kNone && clock.ns - flow(first_[list]).last.ns > idle_ns_[list]) {
      end(first_[list], FlowEndReason::idle);
    }
  }
}

void FlowTable::finish() {
  std::vector<Slot> open;
  for (const Bucket& bucket : buckets_) {
    if (bucket.slot != kNone) open.push_back(bucket.slot);
  }
  std::sort(open.begin(), open.end(), [&](Slot a, Slot b) { return flow(a).id < flow(b).id; });
  for (Slot slot : open) end(slot, FlowEndReason::capture_end);
}

FlowTable::Place FlowTable::place(const FlowPacket& packet) {
  constexpr std::uint16_t kDhcpClientPort = 68;
  Endpoint source = packet.source, destination = packet.destination;
  if (packet.dhcp_client != nullptr) {
    // In the table alone: no address looks so, and nobody is shown it.
    Address& client = (source.port == kDhcpClientPort ? source : destination).address;
    client = {};
    std::copy(packet.dhcp_client->bytes.begin(), packet.dhcp_client->bytes.end(), client.bytes.begin());
    client.bytes.back() = 1;
  }
  const bool source_is_low = lower(source, destination);
  Key key{source_is_low ? source : destination, source_is_low ? destination : source, packet.transport};
  const std::uint32_t hash = hash_of(key);
  Slot slot = find(key, hash);
  if (slot != kNone) {
    const Direction direction = flow(slot).client_is_low == source_is_low ? Direction::to_server : Direction::to_client;
    if (packet.transport == Transport::tcp && starts_anew(flow(slot), direction, packet)) {
      end(slot, FlowEndReason::closed);
      slot = kNone;
    }
  }
  if (slot == kNone) slot = open(packet, key, hash, source_is_low);
  Flow& found = flow(slot);
  const Direction direction = found.client_is_low == source_is_low ? Direction::to_server : Direction::to_client;
  List list = kUdp;
  if (packet.transport == Transport::tcp) {
    follow(found, direction, *packet.header);
    list = found.reset || (found.sides[0].fin && found.sides[1].fin) ? kTcpClosed : kTcpOpen;
  }
  found.last = packet.clock;
  if (last_[list] != slot) {
    unlink(slot);
    link_last(slot, list);
  }
  return {found.id, direction};
}

FlowTable::Slot FlowTable::open(const FlowPacket& packet, const Key& key, std::uint32_t hash, bool source_is_low) {
  while (live_ > 0 && live_ >= limits_.flows) {
    Slot oldest = kNone;
    for (Slot candidate : first_) {
      if (candidate == kNone) continue;
      if (oldest == kNone ||
          std::pair(flow(candidate).last, flow(candidate).id) < std::pair(flow(oldest).last, flow(oldest).id)) {
        oldest = candidate;
      }
    }
    anomalies_.note("packet.flows-limit", packet.id);
    end(oldest, FlowEndReason::evicted);
  }
  if (free_.empty()) {
    if (slots_ % kBlock == 0) blocks_.push_back(std::make_unique<Flow[]>(kBlock));
    free_.push_back(slots_++);
  }
  const Slot slot = free_.back();
  free_.pop_back();
  if (++live_ * 2 > buckets_.size()) grow();

  const TcpFields& tcp = packet.header->tcp;
  bool source_is_client = true, opening_seen = true;
  if (packet.transport == Transport::esp) {
    opening_seen = false;  // it was agreed on elsewhere
  } else if (packet.transport == Transport::udp) {
    // The first datagram opens, unless it comes from a service to a port that is none: then it answers.
    const bool answers = is_service_port(packet.source.port) && !is_service_port(packet.destination.port);
    source_is_client = opening_seen = !answers;
  } else if (tcp.syn && !tcp.rst) {
    source_is_client = !tcp.ack;
  } else {
    source_is_client = likelier_server(packet.source.port, packet.destination.port) >= 0;
    opening_seen = false;
  }
  Flow& opened = flow(slot) = Flow{};
  opened.key = key;
  opened.hash = hash;
  opened.id = next_id_++;
  opened.client_is_low = source_is_client == source_is_low;
  insert_bucket(slot);
  link_last(slot, packet.transport == Transport::tcp ? kTcpOpen : kUdp);
  announce(packet, opened.id, source_is_client, opening_seen);
  return slot;
}

void FlowTable::announce(const FlowPacket& packet, FlowId id, bool source_is_client, bool opening_seen) {
  FlowInfo info;
  info.id = id;
  info.transport = packet.transport;
  info.client = source_is_client ? packet.source : packet.destination;
  info.server = source_is_client ? packet.destination : packet.source;
  info.start = packet.time;
  info.opening_seen = opening_seen;
  constexpr MacAddress kEverybody{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  info.broadcast = packet.transport == Transport::udp && source_is_client && packet.link->has_destination &&
                   packet.link->destination == kEverybody;
  choose_device(packet, source_is_client, info);
  info.app = apps_.app_of(*packet.frame);
  sink_.on_flow(info);
}

bool FlowTable::has_lease(std::size_t subject, const MacAddress* mac) const {
  if (mac == nullptr) return false;
  const auto holds = [&](const std::vector<MacAddress>& all) {
    return std::find(all.begin(), all.end(), *mac) != all.end();
  };
  return holds(devices_[subject].macs) || holds(leases_[subject]);
}

bool FlowTable::knows(const MacAddress& mac) const {
  for (std::size_t subject = 0; subject < devices_.size(); ++subject) {
    if (has_lease(subject, &mac)) return true;
  }
  return false;
}

bool FlowTable::learn_lease(const Address& leased, const MacAddress& mac) {
  for (std::size_t subject = 0; subject < devices_.size(); ++subject) {
    if (!matches(devices_[subject], leased, nullptr) || leases_[subject].size() >= kMostLeases) continue;
    leases_[subject].push_back(mac);
    return true;
  }
  return false;
}

// By the packet's own addresses; else by the ends of the tunnels around it, from the innermost: what a phone sends
// through a tunnel is sent by the phone, under an address that nobody may know.
void FlowTable::choose_device(const FlowPacket& packet, bool source_is_client, FlowInfo& info) const {
  const MacAddress* source = packet.link->has_source ? &packet.link->source : nullptr;
  const MacAddress* destination = packet.link->has_destination ? &packet.link->destination : nullptr;
  const auto choose = [&](const Address& from, const Address& to) {
    for (std::size_t subject = 0; subject < devices_.size(); ++subject) {
      const bool leased = has_lease(subject, packet.dhcp_client);
      const bool sends = matches(devices_[subject], from, source) || (leased && from.is_unspecified());
      const bool receives = matches(devices_[subject], to, destination) || (leased && !from.is_unspecified());
      if (!sends && !receives) continue;
      const bool client = source_is_client ? sends : receives;
      info.device = client ? DeviceSide::client : DeviceSide::server;
      info.subject = static_cast<std::uint32_t>(subject);
      return true;
    }
    return false;
  };
  if (devices_.empty() || choose(packet.source.address, packet.destination.address)) return;
  for (const OuterAddresses* outer = packet.outer; outer != nullptr; outer = outer->outer) {
    if (choose(outer->source, outer->destination)) return;
  }
}

}  // namespace tattle
