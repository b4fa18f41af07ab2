#include "packet/link/defragment.h"

#include <algorithm>
#include <utility>

namespace tattle {
namespace {

constexpr std::uint32_t kLongest = 65535;

}  // namespace

std::size_t Defragmenter::KeyHash::operator()(const Key& value) const {
  const std::uint64_t from = keyed_hash(value.source.bytes, key.first);
  const std::uint64_t to = keyed_hash(value.destination.bytes, key.second);
  const FragmentPlace& place = value.place;
  const std::uint64_t where = fold_multiply(place.vlan ^ key.first, place.tunnels ^ key.second ^ place.depth);
  return fold_multiply(from ^ value.identification, to ^ key.first ^ value.protocol ^ where);
}

Defragmenter::Defragmenter(const Limits& limits, Anomalies& anomalies, OnLost on_lost)
    : anomalies_(anomalies), on_lost_(std::move(on_lost)), pending_(limits) {}

void Defragmenter::give_up(Pending& pending) {
  pending_.release(pending);
  pending.bytes = {};
  pending.ranges = {};
  pending.given_up = true;
}

void Defragmenter::lose(Position position) {
  Pending& pending = *position;
  LostDatagram lost{pending.first, pending.captured_bytes, pending.began, pending.key.place, {}, nullptr};
  const bool begins = !pending.given_up && !pending.ranges.empty() && pending.ranges[0].begin == 0 && pending.protocol;
  if (begins) {
    auto kept = std::make_shared<WholeDatagram>();
    const std::uint32_t readable = std::min(pending.ranges[0].end, pending.captured_to);
    pending.bytes.resize(std::min<std::size_t>(pending.bytes.size(), readable));
    kept->bytes = std::move(pending.bytes);
    kept->packets = std::move(pending.packets);
    kept->captured_bytes = pending.captured_bytes;
    lost.beginning.source = pending.key.source;
    lost.beginning.destination = pending.key.destination;
    lost.beginning.protocol = *pending.protocol;
    lost.beginning.payload = kept->bytes;
    lost.beginning.wire_payload = pending.total.value_or(pending.ranges[0].end);
    lost.owner = std::move(kept);
  }
  pending_.drop(position);
  on_lost_(lost);
}

Defragmenter::Position Defragmenter::find_or_start(const Key& key, PacketId packet, Time clock) {
  if (const Position found = pending_.find(key); found != pending_.end()) return found;
  return pending_.start(key, packet, clock, [&](Position oldest) {
    anomalies_.note("ip.fragments-limit", packet);
    lose(oldest);
  });
}

Defragmenter::Outcome Defragmenter::add(IpPacket& fragment, const FragmentPlace& place, PacketId packet,
                                        PacketRunsView packets, std::uint64_t captured_bytes, Time clock,
                                        std::shared_ptr<const WholeDatagram>& owner) {
  const bool v4 = (fragment.whole[0] >> 4) == 4;
  if (fragment.wire_payload == 0 || (fragment.more_fragments && fragment.wire_payload % 8 != 0) ||
      fragment.fragment_offset + fragment.wire_payload > kLongest) {
    anomalies_.note("ip.fragment-length", packet);
    return Outcome::malformed;
  }
  const Key key{fragment.source, fragment.destination, fragment.identification, place,
                v4 ? fragment.protocol : std::uint8_t{0}};
  const Position position = find_or_start(key, packet, clock);
  Pending& pending = *position;
  add_packets(pending.packets, packets);
  pending.captured_bytes += captured_bytes;
  if (pending.given_up) return Outcome::waiting;
  if (!insert(pending, fragment, packet)) {
    give_up(pending);
    return Outcome::waiting;
  }
  const bool whole = pending.total && pending.ranges.size() == 1 && pending.ranges[0].begin == 0 &&
                     pending.ranges[0].end == *pending.total;
  if (!whole) return Outcome::waiting;
  owner = assemble(pending);
  fragment.payload = owner->bytes;
  fragment.wire_payload = *pending.total;
  fragment.protocol = pending.protocol.value_or(fragment.protocol);
  fragment.fragment = false;
  pending_.drop(position);
  return Outcome::whole;
}

// False when the datagram cannot be put together any more.
bool Defragmenter::insert(Pending& pending, const IpPacket& fragment, PacketId packet) {
  const bool v6 = (fragment.whole[0] >> 4) == 6;
  const std::uint32_t begin = fragment.fragment_offset, end = begin + fragment.wire_payload;
  const std::uint32_t known_end = pending.ranges.empty() ? 0 : pending.ranges.back().end;
  const bool end_differs = !fragment.more_fragments && ((pending.total && *pending.total != end) || known_end > end);
  if (end_differs || (pending.total && end > *pending.total)) {
    anomalies_.note("ip.fragment-conflict", packet);
    return false;
  }
  if (!fragment.more_fragments) pending.total = end;
  if (begin == 0) pending.protocol = fragment.protocol;

  const std::uint32_t captured_to = begin + static_cast<std::uint32_t>(fragment.payload.size());
  if (captured_to < end) pending.captured_to = std::min(pending.captured_to, captured_to);
  const bool all_captured = pending.captured_to == 0xffffffff;
  bool overlap = false, conflict = false;
  std::vector<Range> holes;  // of what is there, within this fragment
  std::uint32_t at = begin;
  auto there = std::lower_bound(pending.ranges.begin(), pending.ranges.end(), begin,
                                [](const Range& each, std::uint32_t from) { return each.end <= from; });
  for (; there != pending.ranges.end() && there->begin < end; ++there) {
    const std::uint32_t from = std::max(begin, there->begin), to = std::min(end, there->end);
    conflict = conflict || (all_captured && !std::equal(pending.bytes.begin() + from, pending.bytes.begin() + to,
                                                        fragment.payload.begin() + (from - begin)));
    if (there->begin > at) holes.push_back({at, there->begin});
    overlap = true;
    at = std::max(at, to);
  }
  if (at < end) holes.push_back({at, end});
  // A fragment that brings nothing new and nothing else was sent again.
  if (holes.empty() && !conflict) return true;
  if (overlap) anomalies_.note("ip.fragment-overlap", packet);
  if (conflict) anomalies_.note("ip.fragment-conflict", packet);
  if (v6 && (overlap || conflict)) return false;
  for (const Range& hole : holes) {
    const std::size_t size = fragment.payload.size();
    const std::size_t first = std::min<std::size_t>(hole.begin - begin, size);
    const std::size_t last = std::min<std::size_t>(hole.end - begin, size);
    put(pending, hole, fragment.payload.subspan(first, last - first));
  }
  return true;
}

// Fills a hole, and joins it with what touches it.
void Defragmenter::put(Pending& pending, Range range, Bytes data) {
  if (pending.bytes.size() < range.end) {
    pending_.hold(pending, range.end - pending.bytes.size());
    pending.bytes.resize(range.end);
  }
  std::copy(data.begin(), data.end(), pending.bytes.begin() + range.begin);
  auto after = std::lower_bound(pending.ranges.begin(), pending.ranges.end(), range.end,
                                [](const Range& each, std::uint32_t end) { return each.begin < end; });
  const bool joins_after = after != pending.ranges.end() && after->begin == range.end;
  const bool joins_before = after != pending.ranges.begin() && (after - 1)->end == range.begin;
  if (joins_before && joins_after) {
    (after - 1)->end = after->end;
    pending.ranges.erase(after);
  } else if (joins_before) {
    (after - 1)->end = range.end;
  } else if (joins_after) {
    after->begin = range.begin;
  } else {
    pending.ranges.insert(after, range);
  }
}

// As far as bytes were captured without a hole.
std::shared_ptr<const WholeDatagram> Defragmenter::assemble(const Pending& pending) const {
  auto whole = std::make_shared<WholeDatagram>();
  whole->packets = pending.packets;
  whole->captured_bytes = pending.captured_bytes;
  const auto end = pending.bytes.begin() + std::min(*pending.total, pending.captured_to);
  whole->bytes.assign(pending.bytes.begin(), end);
  return whole;
}

}  // namespace tattle
