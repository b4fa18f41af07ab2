#include "packet/device/device_inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "packet/hash.h"
#include "packet/link/ip.h"
#include "packet/link/link.h"
#include "packet/link/transport.h"
#include "packet/link/tunnel.h"

namespace tattle {
namespace {

constexpr std::size_t kHosts = 100000;           // remembered
constexpr std::size_t kConversations = 1000000;  // told apart
constexpr std::size_t kNetworksOfAHost = 4;      // a MAC address with more of them is a router's

/// What is known of one address.
struct Host {
  MacAddress mac;
  bool has_mac = false;
  bool mac_differs = false;   // seen behind several: its own is not known
  std::uint64_t opened = 0;   // conversations
  std::uint64_t guessed = 0;  // conversations joined midway whose client it is by their ports
};

/// Addresses that are one device, as far as the capture shows.
struct Candidate {
  std::vector<Address> addresses;
  std::optional<MacAddress> mac;
  std::uint64_t count = 0;
};

bool is_unicast(const MacAddress& mac) { return mac != MacAddress{} && (mac.bytes[0] & 1) == 0; }

bool is_link_local(const Address& address) {
  return !address.is_v4() && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

/// IPv4 addresses stand for themselves, IPv6 ones for their /64: hosts change the lower half.
Address network_of(const Address& address) {
  Address network = address;
  if (!address.is_v4() && !is_link_local(address))
    std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
  return network;
}

// Address assignment, discovery and time of the local network prove nobody to be a phone.
bool is_local_noise(std::uint16_t port) {
  switch (port) {
    case 67:
    case 68:
    case 137:
    case 138:
    case 546:
    case 547:
    case 1900:
    case 3702:
    case 5353:
    case 5355:
      return true;
    default:
      return false;
  }
}

std::string name_of(const Candidate& candidate) {
  std::string name = to_string(candidate.addresses.front());
  if (candidate.mac) name += fmt::format(" ({})", to_string(*candidate.mac));
  return name;
}

}  // namespace

struct DeviceInference::State {
  void on_link(const LinkPayload& link, std::uint32_t wire, int depth);
  void on_ip(const LinkPayload& link, const IpPacket& ip, const TransportHeader& header);
  void on_conversation(const IpPacket& ip, const TransportHeader& header);
  bool is_first(const IpPacket& ip, const TransportHeader& header);
  Host* host(const Address& address);
  std::map<Address, MacAddress> own_macs() const;
  std::vector<Candidate> candidates(bool by_ports) const;
  Answer choose(std::vector<Candidate> all, bool by_ports) const;

  HashKey key;
  std::unordered_map<Address, Host> hosts;
  std::unordered_set<std::uint64_t> conversations;
  std::set<MacAddress> shared_macs;
};

DeviceInference::DeviceInference() : state_(std::make_unique<State>()) {}
DeviceInference::~DeviceInference() = default;

void DeviceInference::on_packet(const CapturedPacket& packet) {
  const LinkParser parse_link = link_parser(packet.link_type);
  if (parse_link == nullptr) return;
  LinkPayload link = parse_link(packet.data);
  do {
    state_->on_link(link, packet.wire_length, 0);
  } while (next_subframe(link));
}

// Goes into tunnels: their ends open no conversations by carrying those of others.
void DeviceInference::State::on_link(const LinkPayload& link, std::uint32_t wire, int depth) {
  constexpr int kDepth = 8;
  if (link.why || depth > kDepth) return;
  const auto ip = parse_ip(link.ip, std::max(wire, static_cast<std::uint32_t>(link.ip.size())));
  if (!ip || ip->fragment_offset != 0) return;
  const auto header = ip->protocol == kTcp   ? parse_tcp(ip->payload, ip->wire_payload)
                      : ip->protocol == kUdp ? parse_udp(ip->payload, ip->wire_payload)
                                             : tl::unexpected(ParseError{});
  auto inner = !header ? open_tunnel(*ip) : ip->protocol == kUdp ? open_udp_tunnel(*header) : std::nullopt;
  if (inner) {
    if (!inner->has_source) {
      inner->source = link.source;
      inner->destination = link.destination;
      inner->has_source = link.has_source;
      inner->has_destination = link.has_destination;
    }
    return on_link(*inner, 0, depth + 1);
  }
  if (header && !ip->source.is_unspecified() && !ip->source.is_multicast_or_broadcast()) on_ip(link, *ip, *header);
}

void DeviceInference::State::on_ip(const LinkPayload& link, const IpPacket& ip, const TransportHeader& header) {
  // One MAC address at both ends belongs to neither: the capture was rewritten or made on a loopback.
  const bool both_ends = link.has_destination && link.source == link.destination;
  Host* sender = host(ip.source);
  if (sender != nullptr && link.has_source && is_unicast(link.source) && !both_ends) {
    if (sender->has_mac && sender->mac != link.source) sender->mac_differs = true;
    sender->mac = link.source;
    sender->has_mac = true;
    // Who sends to an address behind the same MAC address shows that it is not one device's.
    const auto receiver = hosts.find(ip.destination);
    if (receiver != hosts.end() && receiver->second.has_mac && receiver->second.mac == link.source &&
        ip.destination != ip.source && shared_macs.size() < kHosts) {
      shared_macs.insert(link.source);
    }
  }
  on_conversation(ip, header);
}

Host* DeviceInference::State::host(const Address& address) {
  const auto found = hosts.find(address);
  if (found != hosts.end()) return &found->second;
  return hosts.size() < kHosts ? &hosts[address] : nullptr;
}

bool DeviceInference::State::is_first(const IpPacket& ip, const TransportHeader& header) {
  if (conversations.size() >= kConversations) return false;
  const auto end = [&](const Address& address, std::uint16_t port) {
    return fold_multiply(keyed_hash(address.bytes, key.first) ^ port, key.second);
  };
  // The same for both directions.
  const std::uint64_t from = end(ip.source, header.source_port), to = end(ip.destination, header.destination_port);
  return conversations.insert(fold_multiply(from ^ to ^ ip.protocol, (from + to) | 1)).second;
}

void DeviceInference::State::on_conversation(const IpPacket& ip, const TransportHeader& header) {
  if (ip.destination.is_multicast_or_broadcast() || ip.destination.is_unspecified()) return;
  const bool udp = ip.protocol == kUdp;
  const bool opens = udp ? !is_service_port(header.source_port) && is_service_port(header.destination_port)
                         : header.tcp.syn && !header.tcp.ack;
  if (udp && (is_local_noise(header.source_port) || is_local_noise(header.destination_port))) return;
  if (!is_first(ip, header)) return;
  if (opens) {
    if (Host* sender = host(ip.source)) ++sender->opened;
    return;
  }
  const bool answers = udp ? is_service_port(header.source_port) && !is_service_port(header.destination_port)
                           : header.tcp.syn || likelier_server(header.source_port, header.destination_port) < 0;
  // UDP between two ports that say nothing is no ground for a guess.
  if (udp && !answers) return;
  if (Host* client = host(answers ? ip.destination : ip.source)) ++client->guessed;
}

// The MAC addresses that are a host's own: a router lends its MAC address to all that stand behind it.
std::map<Address, MacAddress> DeviceInference::State::own_macs() const {
  std::map<MacAddress, std::set<Address>> networks;
  for (const auto& [address, host] : hosts) {
    if (host.has_mac && !is_link_local(address)) networks[host.mac].insert(network_of(address));
  }
  std::map<Address, MacAddress> own;
  for (const auto& [address, host] : hosts) {
    if (!host.has_mac || host.mac_differs || shared_macs.contains(host.mac)) continue;
    const auto found = networks.find(host.mac);
    if (found == networks.end() || found->second.size() <= kNetworksOfAHost) own.emplace(address, host.mac);
  }
  return own;
}

std::vector<Candidate> DeviceInference::State::candidates(bool by_ports) const {
  const auto own = own_macs();
  std::map<MacAddress, Candidate> by_mac;
  std::map<Address, Candidate> by_address;  // an IPv6 one by its network
  for (const auto& [address, host] : hosts) {
    const auto mac = own.find(address);
    Candidate& candidate = mac != own.end() ? by_mac[mac->second] : by_address[network_of(address)];
    if (mac != own.end()) candidate.mac = mac->second;
    candidate.addresses.push_back(address);
    candidate.count += by_ports ? host.guessed : host.opened;
  }
  std::vector<Candidate> all;
  all.reserve(by_mac.size() + by_address.size());
  for (auto& [mac, candidate] : by_mac) all.push_back(std::move(candidate));
  for (auto& [address, candidate] : by_address) all.push_back(std::move(candidate));
  std::erase_if(all, [](const Candidate& each) { return each.count == 0; });
  for (Candidate& each : all) {
    // The address that people know it by first: IPv4, then the rest.
    std::sort(each.addresses.begin(), each.addresses.end(), [](const Address& a, const Address& b) {
      return std::tuple(!a.is_v4(), is_link_local(a), a) < std::tuple(!b.is_v4(), is_link_local(b), b);
    });
  }
  // Without link addresses nothing else can tell that one device speaks both versions of IP.
  const auto v4 = [](const Candidate& each) { return each.addresses.front().is_v4(); };
  const bool no_macs = std::none_of(all.begin(), all.end(), [](const Candidate& each) { return each.mac.has_value(); });
  if (all.size() == 2 && no_macs && v4(all[0]) != v4(all[1])) {
    Candidate& first = v4(all[0]) ? all[0] : all[1];
    Candidate& second = v4(all[0]) ? all[1] : all[0];
    first.addresses.insert(first.addresses.end(), second.addresses.begin(), second.addresses.end());
    first.count += second.count;
    all = {first};
  }
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.count != b.count ? a.count > b.count : a.addresses.front() < b.addresses.front();
  });
  return all;
}

DeviceInference::Answer DeviceInference::State::choose(std::vector<Candidate> all, bool by_ports) const {
  std::uint64_t total = 0;
  for (const Candidate& each : all) total += each.count;
  const auto is_private = [](const Candidate& each) {
    return std::any_of(each.addresses.begin(), each.addresses.end(),
                       [](const Address& address) { return address.is_local() && !is_link_local(address); });
  };
  Answer answer;
  for (const Candidate& each : all) {
    answer.candidates.push_back(fmt::format("{} {} {} conversation{}", name_of(each),
                                            by_ports ? "is by its ports the client of" : "opened", each.count,
                                            each.count == 1 ? "" : "s"));
  }
  const auto count = std::count_if(all.begin(), all.end(), is_private);
  const bool private_one = all.size() > 1 && count == 1;
  if (all.empty() || (all.size() > 1 && !private_one)) return answer;
  const Candidate& chosen = private_one ? *std::find_if(all.begin(), all.end(), is_private) : all.front();
  answer.candidates = {answer.candidates[static_cast<std::size_t>(&chosen - all.data())]};
  answer.ground = fmt::format(
      "{} is the only host {}that {} ({} of {})", name_of(chosen), private_one ? "with a private address " : "",
      by_ports ? "is a client by the ports, no opening being captured" : "opened conversations", chosen.count, total);
  if (chosen.mac) answer.addresses.macs.push_back(*chosen.mac);
  for (const Address& address : chosen.addresses) answer.addresses.prefixes.push_back({address, 128});
  return answer;
}

DeviceInference::Answer DeviceInference::answer() const {
  auto opened = state_->candidates(false);
  if (!opened.empty()) return state_->choose(std::move(opened), false);
  return state_->choose(state_->candidates(true), true);
}

}  // namespace tattle
