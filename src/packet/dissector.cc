#include "packet/dissector.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "packet/defragment.h"
#include "packet/duplicates.h"
#include "packet/flow_table.h"
#include "packet/ip.h"
#include "packet/link.h"
#include "packet/transport.h"

namespace tattle {
namespace {

constexpr std::int64_t kJump = 3600LL * 1000000000;

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
        flows(std::move(devices), limits, anomalies, sink, order) {}

  void on_packet(const CapturedPacket& packet);
  void on_transport(const CapturedPacket& packet, const LinkPayload& link, const IpPacket& ip,
                    std::shared_ptr<const WholeDatagram> datagram);
  void on_lost(const LostDatagram& lost);
  void malformed(const CapturedPacket& packet, std::string_view literal_name) {
    anomalies.note(literal_name, packet.id);
    unread(packet, Unread::malformed);
  }
  void unread(const CapturedPacket& packet, Unread why) { sink.on_unread(why, packet.id, packet.data.size()); }
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
  Duplicates duplicates;
  Defragmenter defragmenter;
  FlowTable flows;
};

Dissector::Dissector(std::vector<DeviceAddresses> devices, bool several_sources, const Limits& limits,
                     Anomalies& anomalies, SegmentSink& sink)
    : state_(std::make_unique<State>(std::move(devices), several_sources, limits, anomalies, sink)) {}

Dissector::~Dissector() = default;

void Dissector::on_packet(const CapturedPacket& packet) { state_->on_packet(packet); }

void Dissector::finish() {
  state_->defragmenter.finish();
  state_->flows.finish();
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
  defragmenter.expire(clock);
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
  const LinkParser parse_link = parser_of(packet.link_type);
  if (parse_link == nullptr) return unread(packet, Unread::unknown_link);
  const LinkPayload link = parse_link(packet.data);
  if (link.why == Unread::malformed) return malformed(packet, "packet.malformed-link");
  if (link.why) return unread(packet, *link.why);

  const std::size_t link_bytes = static_cast<std::size_t>(link.ip.data() - packet.data.data());
  const std::uint32_t wire =
      std::max(packet.wire_length - static_cast<std::uint32_t>(link_bytes), static_cast<std::uint32_t>(link.ip.size()));
  auto ip = parse_ip(link.ip, wire);
  if (!ip) return malformed(packet, "ip.malformed");
  if (find_duplicates && duplicates.is_duplicate(packet, ip->whole, clock)) return unread(packet, Unread::duplicate);

  std::shared_ptr<const WholeDatagram> datagram;
  if (ip->fragment) {
    switch (defragmenter.add(*ip, packet.id, packet.data.size(), clock, datagram)) {
      case Defragmenter::Outcome::waiting:
        return;
      case Defragmenter::Outcome::malformed:
        return unread(packet, Unread::malformed);
      case Defragmenter::Outcome::whole:
        break;
    }
    const bool v6 = (ip->whole[0] >> 4) == 6;
    if (v6 && (skip_ipv6_extensions(*ip) || ip->fragment)) return malformed(packet, "ip.malformed");
  }
  on_transport(packet, link, *ip, std::move(datagram));
}

// What came of a UDP datagram before a fragment was lost is read as if the capture had cut it there. A TCP segment will
// have been sent again.
void Dissector::State::on_lost(const LostDatagram& lost) {
  const IpPacket& beginning = lost.beginning;
  if (beginning.protocol != kUdp || !parse_udp(beginning.payload, beginning.wire_payload)) {
    return sink.on_unread(Unread::fragment_lost, lost.first, lost.captured_bytes);
  }
  anomalies.note("ip.fragment-lost", lost.first);
  CapturedPacket first;
  first.id = lost.first;
  first.time = lost.began;
  on_transport(first, {}, beginning, lost.owner);
}

void Dissector::State::on_transport(const CapturedPacket& packet, const LinkPayload& link, const IpPacket& ip,
                                    std::shared_ptr<const WholeDatagram> datagram) {
  if (ip.protocol == kEsp) return unread(packet, Unread::encrypted_tunnel);
  const bool tcp = ip.protocol == kTcp;
  if (!tcp && ip.protocol != kUdp) return unread(packet, Unread::no_transport);
  const auto header = tcp ? parse_tcp(ip.payload, ip.wire_payload) : parse_udp(ip.payload, ip.wire_payload);
  if (!header) return malformed(packet, tcp ? "tcp.malformed" : "udp.malformed");

  FlowPacket where;
  where.id = packet.id;
  where.time = packet.time;
  where.clock = std::max(clock, packet.time);
  where.transport = tcp ? Transport::tcp : Transport::udp;
  where.source = {ip.source, header->source_port};
  where.destination = {ip.destination, header->destination_port};
  where.link = &link;
  where.header = &*header;
  const FlowTable::Place place = flows.place(where);

  Segment segment;
  segment.order = ++order;
  segment.packet = packet.id;
  segment.time = packet.time;
  segment.flow = place.flow;
  segment.direction = place.direction;
  segment.tcp = header->tcp;
  segment.wire_payload = header->wire_payload;
  segment.payload = header->payload;
  if (datagram) {
    segment.fragments = datagram->packets;
    segment.owner = std::move(datagram);
  } else {
    segment.owner = packet.owner;
  }
  sink.on_segment(segment);
}

}  // namespace tattle
