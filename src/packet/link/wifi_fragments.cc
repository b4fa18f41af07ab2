#include "packet/link/wifi_fragments.h"

#include <algorithm>
#include <utility>

namespace tattle {

void WifiDefragmenter::lose(Position position) {
  const PacketId first = position->first;
  const std::uint64_t captured = position->captured_bytes;
  pending_.drop(position);
  anomalies_.note("wlan.fragment", first);
  on_lost_(first, captured);
}

std::shared_ptr<const WholeDatagram> WifiDefragmenter::add(const WifiFragment& fragment, PacketId packet,
                                                           std::uint64_t captured_bytes, Time clock) {
  const Key key{fragment.transmitter, fragment.receiver, fragment.sequence, fragment.tid};
  Position position = pending_.find(key);
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
  if (position == pending_.end())
    position = pending_.start(key, packet, clock, [this](Position oldest) { lose(oldest); });
  Pending& pending = *position;
  const PacketRun one{packet.capture, packet.number, packet.number};
  add_packets(pending.packets, PacketRunsView(&one, 1));
  pending.captured_bytes += captured_bytes;
  pending_.hold(pending, fragment.body.size());
  pending.parts.emplace(fragment.number, ByteVector(fragment.body.begin(), fragment.body.end()));
  if (!fragment.more) pending.last = fragment.number;
  if (!pending.last || pending.parts.size() != std::size_t{*pending.last} + 1) return nullptr;
  auto whole = std::make_shared<WholeDatagram>();
  whole->packets = std::move(pending.packets);
  whole->captured_bytes = pending.captured_bytes;
  for (const auto& [number, part] : pending.parts) whole->bytes.insert(whole->bytes.end(), part.begin(), part.end());
  pending_.drop(position);
  return whole;
}

}  // namespace tattle
