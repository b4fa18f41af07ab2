#include "assess/table/round_trips.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tattle {
namespace {

constexpr double kLightKmPerMicrosecond = 0.299792458;  // in vacuum, by definition of the metre
constexpr std::size_t kTooMany = 3;                     // networks
constexpr std::uint32_t kAlike = 10;                    // the part of the smallest round trip that others may add to it

bool is_near(const Address& address) {
  return address.is_local() || address.is_loopback() || address.is_multicast_or_broadcast();
}

/// Addresses that differ here are of different holders, or at least of different places: /16 of IPv4, /32 of IPv6.
std::string network_of(const Address& address) {
  const std::size_t begin = address.is_v4() ? 12 : 0, size = address.is_v4() ? 2 : 4;
  return std::string(1, address.is_v4() ? '4' : '6') +
         std::string(address.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                     address.bytes.begin() + static_cast<std::ptrdiff_t>(begin + size));
}

std::string handshakes(std::uint64_t tcp, std::uint64_t quic) {
  const std::uint64_t all = tcp + quic;
  const char* kind = quic == 0 ? "TCP handshake" : tcp == 0 ? "QUIC handshake" : "handshake";
  return all == 1 ? fmt::format("one {}", kind) : fmt::format("smallest of {} {}s", all, kind);
}

}  // namespace

void RoundTrips::on_message(const MessageRecord& message, const std::vector<Party>& parties) {
  if (message.via == Via::direct || message.flow.imported) return;
  for (const Party& party : parties) {
    if (party.address || party.host.empty() || proxied_.contains(party.host)) continue;
    if (proxied_.size() >= limit_) {
      const auto& packets = message.packets;
      anomalies_->note("assess.round-trips-full",
                       packets.empty() ? PacketId{} : PacketId{packets[0].capture, packets[0].first});
      return;
    }
    proxied_.insert(party.host);
  }
}

void RoundTrips::on_flow(const FlowSummary& summary) {
  if (!summary.handshake_rtt || summary.flow.device != DeviceSide::client || summary.flow.imported) return;
  const Address& address = peer_of(summary.flow).address;
  auto found = measured_.find(address);
  if (found == measured_.end()) {
    if (measured_.size() >= limit_) return anomalies_->note("assess.round-trips-full", {});
    found = measured_.emplace(address, Measured{}).first;
  }
  Measured& measured = found->second;
  const bool first = measured.tcp + measured.quic == 0;
  measured.least_us = first ? *summary.handshake_rtt : std::min(measured.least_us, *summary.handshake_rtt);
  ++(summary.flow.transport == Transport::tcp ? measured.tcp : measured.quic);
}

bool RoundTrips::somebody_answers_for_all() const {
  std::map<std::string, std::uint32_t> networks;
  for (const auto& [address, measured] : measured_) {
    if (is_near(address)) continue;
    const auto [found, fresh] = networks.emplace(network_of(address), measured.least_us);
    if (!fresh) found->second = std::min(found->second, measured.least_us);
  }
  if (networks.size() < kTooMany) return false;
  std::vector<std::uint32_t> least;
  least.reserve(networks.size());
  for (const auto& [network, us] : networks) least.push_back(us);
  std::nth_element(least.begin(), least.begin() + (kTooMany - 1), least.end());
  const std::uint32_t third = least[kTooMany - 1];
  const std::uint32_t nearest = *std::min_element(least.begin(), least.begin() + kTooMany);
  return third < kTooNear || third - nearest <= nearest / kAlike;
}

std::optional<DistanceBound> RoundTrips::bound(const std::string& host, const std::set<Address>& addresses) const {
  DistanceBound result;
  if (!host.empty() && proxied_.contains(host)) {
    result.withheld = "a proxy ended the connection";
    return result;
  }
  if (addresses.empty()) return std::nullopt;
  std::uint64_t tcp = 0, quic = 0;
  for (const Address& address : addresses) {
    if (is_near(address)) {
      result.withheld = "the address is on the phone's own network";
      return result;
    }
    const auto found = measured_.find(address);
    if (found == measured_.end()) return std::nullopt;
    result.rtt_us = std::max(result.rtt_us, found->second.least_us);
    tcp += found->second.tcp;
    quic += found->second.quic;
  }
  if (somebody_answers_for_all()) {
    result.rtt_us = 0;
    result.withheld =
        "the nearest networks all answered equally fast, or within a millisecond, so something on the way may have "
        "answered for them";
    return result;
  }
  result.within_km = static_cast<std::uint32_t>(std::ceil(result.rtt_us * kLightKmPerMicrosecond / 2));
  result.fibre_km = static_cast<std::uint32_t>(std::ceil(result.rtt_us * kLightKmPerMicrosecond / 3));
  result.ground = handshakes(tcp, quic);
  if (addresses.size() > 1) result.ground += fmt::format(", at the slowest of {} addresses", addresses.size());
  result.ground += "; at the speed of light in vacuum";
  return result;
}

}  // namespace tattle
