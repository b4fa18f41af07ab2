#include "packet/dissector.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "packet/device/dhcp_lease.h"
#include "packet/duplicates.h"
#include "packet/flow_table.h"
#include "packet/link/defragment.h"
#include "packet/link/ip.h"
#include "packet/link/link.h"
#include "packet/link/transport.h"
#include "packet/link/tunnel.h"
#include "packet/link/wifi_fragments.h"
#include "packet/link/wireguard.h"

namespace tattle {
namespace {

constexpr std::int64_t kJump = 3600LL * 1000000000;

/// One IP packet on its way: the frame's, or what a tunnel of it holds.
struct Layer {
  const CapturedPacket* packet = nullptr;
  LinkPayload link;                               // the innermost addresses of a link met
  std::uint64_t captured = 0;                     // bytes of the capture that it came in
  std::uint64_t point = 0;                        // see Duplicates
  std::uint32_t depth = 0;                        // tunnels around it
  std::uint64_t tunnels = 0;                      // hash of their ends
  const OuterAddresses* outer = nullptr;          // of the innermost tunnel
  std::shared_ptr<const WholeDatagram> datagram;  // owns the bytes when they came in fragments
};

/// A datagram of a DHCP client that has no address yet: whose it is, only the server's answer can tell.
struct WaitingDhcp {
  Time since;
  MacAddress client;
  CapturedPacket packet;
  Layer layer;
  IpPacket ip;
  TransportHeader header;
};
constexpr std::size_t kMostWaiting = 256;
constexpr std::int64_t kLongestWait = 60LL * 1000000000;  // RFC 2131 section 4.1: retries come within 64 seconds

}  // namespace

struct Dissector::State {
  State(std::vector<DeviceAddresses> devices, bool several_sources, const Limits& the_limits, Anomalies& the_anomalies,
        SegmentSink& the_sink)
      : limits(the_limits),
        anomalies(the_anomalies),
        sink(the_sink),
        find_duplicates(several_sources),
        duplicates(limits, anomalies),
        defragmenter(limits, anomalies, [this](const LostDatagram& lost) { on_lost(lost); }),
        wifi(limits, anomalies,
             [this](PacketId first, std::uint64_t bytes) { sink.on_unread(Unread::fragment_lost, first, bytes); }),
        wireguard(limits, anomalies),
        leases_tell(std::any_of(devices.begin(), devices.end(),
                                [](const DeviceAddresses& each) { return !each.prefixes.empty(); })),
        flows(std::move(devices), limits, anomalies, sink, order) {}

  void on_packet(const CapturedPacket& packet);
  void on_subframes(Layer layer, std::uint32_t wire);
  void on_wifi_fragment(Layer layer);
  void on_link(Layer layer, std::uint32_t wire);
  void on_ip(Layer layer, std::uint32_t wire);
  void on_transport(Layer& layer, IpPacket& ip);
  bool enter(Layer& layer, const IpPacket& outer, LinkPayload inner);
  void on_dhcp(const Layer& layer, const IpPacket& ip, const TransportHeader& header, const DhcpDatagram& dhcp);
  void release_dhcp(std::size_t count, const MacAddress* client);
  void on_segment(const Layer& layer, const IpPacket& ip, const TransportHeader& header, Tunnel tunnel,
                  const MacAddress* dhcp_client = nullptr);
  void on_lost(const LostDatagram& lost);
  void malformed(const Layer& layer, std::string_view literal_name) {
    anomalies.note(literal_name, layer.packet->id);
    unread(layer, Unread::malformed);
  }
  void unread(const Layer& layer, Unread why) { sink.on_unread(why, layer.packet->id, layer.captured); }
  void advance(Time time);
  LinkParser parser_of(std::uint16_t link_type);

  Limits limits;
  Anomalies& anomalies;
  SegmentSink& sink;
  bool find_duplicates;
  std::uint64_t order = 0;
  // The latest packet time: by it flows and fragments age.
  Time clock{0};
  bool clock_started = false;
  std::optional<Time> jumped;  // of the packet before, when its time was far from the clock
  int last_link_type = -1;
  LinkParser last_parser = nullptr;
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint64_t> unknown_links;
  Duplicates duplicates;
  Defragmenter defragmenter;
  WifiDefragmenter wifi;
  WireguardTracker wireguard;
  const bool leases_tell;  // a subject is known by address, so that a lease may say more of it
  std::deque<WaitingDhcp> waiting;
  FlowTable flows;
};

Dissector::Dissector(std::vector<DeviceAddresses> devices, bool several_sources, const Limits& limits,
                     Anomalies& anomalies, SegmentSink& sink)
    : state_(std::make_unique<State>(std::move(devices), several_sources, limits, anomalies, sink)) {}

Dissector::~Dissector() = default;

void Dissector::on_packet(const CapturedPacket& packet) { state_->on_packet(packet); }

FlowId Dissector::take_flow_number() { return state_->flows.take_number(); }
std::uint64_t Dissector::take_order() { return ++state_->order; }

void Dissector::finish() {
  state_->wifi.finish();
  state_->defragmenter.finish();
  state_->release_dhcp(state_->waiting.size(), nullptr);
  state_->flows.finish();
}

const std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint64_t>& Dissector::unknown_links() const {
  return state_->unknown_links;
}

// Packets out of order do not turn the clock back. A jump of over an hour, either way, is believed when the next packet
// confirms it: one wrong time must neither end all conversations nor stop them from ageing.
void Dissector::State::advance(Time time) {
  const std::int64_t ahead = time.ns - clock.ns;
  const bool jump = ahead > kJump || ahead < -kJump;
  const bool confirmed = jumped && time.ns - jumped->ns < kJump && jumped->ns - time.ns < kJump;
  if (!clock_started || (jump ? confirmed : ahead > 0)) clock = time;
  clock_started = true;
  jumped.reset();
  if (jump) jumped = time;
  wifi.expire(clock);
  defragmenter.expire(clock);
  while (!waiting.empty() && clock.ns - waiting.front().since.ns > kLongestWait) release_dhcp(1, nullptr);
  flows.expire(clock);
}

LinkParser Dissector::State::parser_of(std::uint16_t link_type) {
  if (link_type != last_link_type) {
    last_parser = link_parser(link_type);
    last_link_type = link_type;
  }
  return last_parser;
}

void Dissector::State::on_packet(const CapturedPacket& packet) {
  advance(packet.time);
  Layer layer;
  layer.packet = &packet;
  layer.captured = packet.data.size();
  const LinkParser parse_link = parser_of(packet.link_type);
  if (parse_link == nullptr) {
    ++unknown_links[{packet.id.capture, packet.link_type}];
    return unread(layer, Unread::unknown_link);
  }
  layer.link = parse_link(packet.data);
  if (layer.link.fragment) return on_wifi_fragment(std::move(layer));
  on_subframes(std::move(layer), packet.wire_length);
}

// Only what was captured whole can be joined: where the rest of a cut fragment was to stand is not known.
void Dissector::State::on_wifi_fragment(Layer layer) {
  const CapturedPacket& packet = *layer.packet;
  const WifiFragment fragment = *layer.link.fragment;
  if (packet.wire_length > packet.data.size()) {
    anomalies.note("wlan.fragment", packet.id);
    return unread(layer, Unread::fragment_lost);
  }
  auto whole = wifi.add(fragment, packet.id, layer.captured, clock);
  if (!whole) return;
  layer.link.fragment.reset();
  layer.link.why.reset();
  layer.captured = whole->captured_bytes;
  read_wifi_body(whole->bytes, fragment.subframes, layer.link);
  layer.datagram = std::move(whole);
  on_subframes(std::move(layer), 0);
}

// @param wire  Bytes of the whole frame on the wire; 0: what there is.
void Dissector::State::on_subframes(Layer layer, std::uint32_t wire) {
  if (layer.link.following.empty()) return on_link(std::move(layer), wire);
  // What stands behind the last subframe is counted nowhere: it is framing.
  LinkPayload link = std::exchange(layer.link, {});
  std::uint64_t left = layer.captured;
  do {
    layer.link = link;
    layer.captured = left - std::min<std::uint64_t>(left, link.following.size());
    left -= layer.captured;
    on_link(layer, 0);
  } while (next_subframe(link));
}

// @param wire  As above.
void Dissector::State::on_link(Layer layer, std::uint32_t wire) {
  const LinkPayload& link = layer.link;
  if (link.why == Unread::malformed) {
    return malformed(layer, link.oddity.empty() ? "packet.malformed-link" : link.oddity);
  }
  if (link.why) return unread(layer, *link.why);
  layer.point = link.retry ? ~layer.packet->id.number : link.point;
  const auto before = wire > 0 ? static_cast<std::uint32_t>(link.ip.data() - layer.packet->data.data()) : 0;
  on_ip(std::move(layer), wire > before ? wire - before : 0);
}

// @param wire  Bytes from the IP header on that were on the wire, as far as is known.
void Dissector::State::on_ip(Layer layer, std::uint32_t wire) {
  const CapturedPacket& packet = *layer.packet;
  auto ip = parse_ip(layer.link.ip, std::max(wire, static_cast<std::uint32_t>(layer.link.ip.size())));
  if (!ip) return malformed(layer, "ip.malformed");
  if ((find_duplicates || layer.point != 0) && duplicates.is_duplicate(packet, ip->whole, layer.point, clock)) {
    return unread(layer, Unread::duplicate);
  }
  if (ip->fragment) {
    const PacketRun one{packet.id.capture, packet.id.number, packet.id.number};
    const PacketRunsView brought = layer.datagram ? PacketRunsView(layer.datagram->packets) : PacketRunsView(&one, 1);
    std::shared_ptr<const WholeDatagram> whole;
    const FragmentPlace place{layer.depth, layer.link.vlan, layer.tunnels};
    switch (defragmenter.add(*ip, place, packet.id, brought, layer.captured, clock, whole)) {
      case Defragmenter::Outcome::waiting:
        return;
      case Defragmenter::Outcome::malformed:
        return unread(layer, Unread::malformed);
      case Defragmenter::Outcome::whole:
        break;
    }
    layer.captured = whole->captured_bytes;
    layer.datagram = std::move(whole);
    const bool v6 = (ip->whole[0] >> 4) == 6;
    if (v6 && (skip_ipv6_extensions(*ip) || ip->fragment)) return malformed(layer, "ip.malformed");
  }
  on_transport(layer, *ip);
}

// What came of a UDP datagram before a fragment was lost is read as if the capture had cut it there. A TCP segment will
// have been sent again.
void Dissector::State::on_lost(const LostDatagram& lost) {
  IpPacket beginning = lost.beginning;
  if (beginning.protocol != kUdp || !parse_udp(beginning.payload, beginning.wire_payload)) {
    return sink.on_unread(Unread::fragment_lost, lost.first, lost.captured_bytes);
  }
  anomalies.note("ip.fragment-lost", lost.first);
  CapturedPacket first;
  first.id = lost.first;
  first.time = lost.began;
  Layer layer;
  layer.packet = &first;
  layer.captured = lost.captured_bytes;
  layer.depth = lost.place.depth;
  layer.datagram = lost.owner;
  on_transport(layer, beginning);
}

void Dissector::State::on_transport(Layer& layer, IpPacket& ip) {
  if (ip.protocol == kAuthentication && skip_authentication(ip)) return malformed(layer, "ip.malformed");
  if (ip.protocol == kEsp) {
    TransportHeader whole;
    whole.payload = ip.payload;
    whole.wire_payload = ip.wire_payload;
    return on_segment(layer, ip, whole, Tunnel::esp);
  }
  const bool tcp = ip.protocol == kTcp;
  if (!tcp && ip.protocol != kUdp) {
    auto inner = open_tunnel(ip);
    if (!inner) return unread(layer, Unread::no_transport);
    if (inner->why == Unread::malformed) return malformed(layer, "tunnel.malformed");
    if (!enter(layer, ip, *inner)) unread(layer, Unread::no_transport);
    return;
  }
  const auto header = tcp ? parse_tcp(ip.payload, ip.wire_payload) : parse_udp(ip.payload, ip.wire_payload);
  if (!header) return malformed(layer, tcp ? "tcp.malformed" : "udp.malformed");
  if (!tcp) {
    if (is_udp_esp(*header)) return on_segment(layer, ip, *header, Tunnel::esp);
    if (auto inner = open_udp_tunnel(*header); inner && enter(layer, ip, *inner)) return;
    const Endpoint source{ip.source, header->source_port}, destination{ip.destination, header->destination_port};
    if (wireguard.is_message(source, destination, *header, layer.packet->id)) {
      return on_segment(layer, ip, *header, Tunnel::wireguard);
    }
    if (const auto dhcp = read_dhcp_datagram(ip, *header)) return on_dhcp(layer, ip, *header, *dhcp);
  }
  on_segment(layer, ip, *header, Tunnel::none);
}

// False when too many tunnels are around it already.
bool Dissector::State::enter(Layer& layer, const IpPacket& outer, LinkPayload inner) {
  if (inner.why) {
    unread(layer, *inner.why);
    return true;
  }
  if (layer.depth >= limits.tunnel_depth) {
    anomalies.note("tunnel.depth-limit", layer.packet->id);
    return false;
  }
  const OuterAddresses addresses{outer.source, outer.destination, layer.outer};
  const auto before = static_cast<std::uint32_t>(inner.ip.data() - outer.payload.data());
  Layer next = layer;
  if (!inner.has_source) {
    // A tunnel of IP alone has no addresses of a link but those around it.
    inner.source = layer.link.source;
    inner.destination = layer.link.destination;
    inner.has_source = layer.link.has_source;
    inner.has_destination = layer.link.has_destination;
  }
  next.link = inner;
  next.depth = layer.depth + 1;
  next.tunnels = fold_multiply(keyed_hash(outer.source.bytes, layer.tunnels ^ layer.link.vlan),
                               keyed_hash(outer.destination.bytes, 2)) |
                 1;
  next.outer = &addresses;
  // A packet that passes through one tunnel after the other is seen in each.
  next.point =
      fold_multiply(keyed_hash(outer.source.bytes, layer.point + 1), keyed_hash(outer.destination.bytes, 1)) | 1;
  on_ip(std::move(next), outer.wire_payload > before ? outer.wire_payload - before : 0);
  return true;
}

// A client's question waits for the answer that names its address: only then is it known whether a phone that is known
// by its address asked.
void Dissector::State::on_dhcp(const Layer& layer, const IpPacket& ip, const TransportHeader& header,
                               const DhcpDatagram& dhcp) {
  const bool open = leases_tell && layer.outer == nullptr && !flows.knows(dhcp.client);
  if (open && dhcp.leased) {
    flows.learn_lease(*dhcp.leased, dhcp.client);
    release_dhcp(waiting.size(), &dhcp.client);
  } else if (open && !dhcp.addressed) {
    if (waiting.size() >= kMostWaiting) release_dhcp(1, nullptr);
    waiting.push_back({clock, dhcp.client, *layer.packet, layer, ip, header});
    return;
  }
  on_segment(layer, ip, header, Tunnel::none, dhcp.addressed ? nullptr : &dhcp.client);
}

// The first `count` that wait, in their order; of one client alone when one is given.
void Dissector::State::release_dhcp(std::size_t count, const MacAddress* client) {
  std::deque<WaitingDhcp> kept;
  for (; count > 0; --count) {
    WaitingDhcp each = std::move(waiting.front());
    waiting.pop_front();
    if (client != nullptr && each.client != *client) {
      kept.push_back(std::move(each));
      continue;
    }
    each.layer.packet = &each.packet;
    on_segment(each.layer, each.ip, each.header, Tunnel::none, &each.client);
  }
  for (WaitingDhcp& each : waiting) kept.push_back(std::move(each));
  waiting = std::move(kept);
}

void Dissector::State::on_segment(const Layer& layer, const IpPacket& ip, const TransportHeader& header, Tunnel tunnel,
                                  const MacAddress* dhcp_client) {
  const CapturedPacket& packet = *layer.packet;
  FlowPacket where;
  where.id = packet.id;
  where.time = packet.time;
  where.clock = std::max(clock, packet.time);
  where.transport = ip.protocol == kTcp ? Transport::tcp : ip.protocol == kEsp ? Transport::esp : Transport::udp;
  where.source = {ip.source, header.source_port};
  where.destination = {ip.destination, header.destination_port};
  where.link = &layer.link;
  where.outer = layer.outer;
  where.header = &header;
  where.frame = &packet;
  where.dhcp_client = dhcp_client;
  const FlowTable::Place place = flows.place(where);

  Segment segment;
  segment.order = ++order;
  segment.packet = packet.id;
  segment.time = packet.time;
  segment.flow = place.flow;
  segment.direction = place.direction;
  segment.tcp = header.tcp;
  segment.tunnel = tunnel;
  segment.wire_payload = header.wire_payload;
  segment.payload = header.payload;
  segment.owner = &packet.owner;
  std::shared_ptr<const void> datagram;
  if (layer.datagram) {
    segment.fragments = layer.datagram->packets;
    datagram = layer.datagram;
    segment.owner = &datagram;
  }
  sink.on_segment(segment);
}

}  // namespace tattle
