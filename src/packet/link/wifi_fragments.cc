#include "packet/link/wifi_fragments.h"

#include <algorithm>
#include <utility>

namespace tattle {
namespace {

constexpr std::uint64_t kFrameCost = 512;  // bookkeeping, so that tiny fragments count for what they cost

}  // namespace

void WifiDefragmenter::drop(Position position) {
  held_bytes_ -= position->held_bytes;
  index_.erase(position->key);
  pending_.erase(position);
}

void WifiDefragmenter::lose(Position position) {
  const PacketId first = position->first;
  const std::uint64_t captured = position->captured_bytes;
  drop(position);
  anomalies_.note("wlan.fragment", first);
  on_lost_(first, captured);
}

void WifiDefragmenter::expire_old(Time clock) {
  const std::int64_t age = static_cast<std::int64_t>(limits_.fragment_seconds) * 1000000000;
  while (!pending_.empty() && clock.ns - pending_.front().began.ns > age) lose(pending_.begin());
}

void WifiDefragmenter::finish() {
  while (!pending_.empty()) lose(pending_.begin());
}

WifiDefragmenter::Position WifiDefragmenter::start(const Key& key, PacketId packet, Time clock) {
  while (!pending_.empty() && (pending_.size() >= limits_.fragments || held_bytes_ > limits_.fragment_bytes)) {
    lose(pending_.begin());
  }
  const Position started = pending_.emplace(pending_.end());
  started->key = key;
  started->began = clock;
  started->first = packet;
  started->held_bytes = kFrameCost;
  held_bytes_ += kFrameCost;
  index_.emplace(key, started);
  return started;
}

std::shared_ptr<const WholeDatagram> WifiDefragmenter::add(const WifiFragment& fragment, PacketId packet,
                                                           std::uint64_t captured_bytes, Time clock) {
  const Key key{fragment.transmitter, fragment.receiver, fragment.sequence, fragment.tid};
  const auto found = index_.find(key);
  Position position = found != index_.end() ? found->second : pending_.end();
  if (position != pending_.end()) {
    const auto same = position->parts.find(fragment.number);
    const bool again = same != position->parts.end();
    const bool differs =
        again && !std::equal(same->second.begin(), same->second.end(), fragment.body.begin(), fragment.body.end());
    const bool behind_last =
        position->last && (fragment.number > *position->last || (!fragment.more && fragment.number != *position->last));
    const bool before_known = !fragment.more && position->parts.rbegin()->first > fragment.number;
    if (differs || behind_last || before_known) {
      lose(position);
      position = pending_.end();
    } else if (again) {  // not acknowledged, and sent once more
      position->captured_bytes += captured_bytes;
      return nullptr;
    }
  }
  if (position == pending_.end()) position = start(key, packet, clock);
  Pending& pending = *position;
  const PacketRun one{packet.capture, packet.number, packet.number};
  add_packets(pending.packets, PacketRunsView(&one, 1));
  pending.captured_bytes += captured_bytes;
  pending.held_bytes += fragment.body.size();
  held_bytes_ += fragment.body.size();
  pending.parts.emplace(fragment.number, ByteVector(fragment.body.begin(), fragment.body.end()));
  if (!fragment.more) pending.last = fragment.number;
  if (!pending.last || pending.parts.size() != std::size_t{*pending.last} + 1) return nullptr;
  auto whole = std::make_shared<WholeDatagram>();
  whole->packets = std::move(pending.packets);
  whole->captured_bytes = pending.captured_bytes;
  for (const auto& [number, part] : pending.parts) whole->bytes.insert(whole->bytes.end(), part.begin(), part.end());
  drop(position);
  return whole;
}

}  // namespace tattle
