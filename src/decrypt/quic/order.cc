#include "decrypt/quic/order.h"

namespace tattle {

// Keeps what no other piece holds yet.
void QuicOrder::keep(std::uint64_t offset, Bytes data, const QuicOrigin& origin) {
  auto after = pieces_.upper_bound(offset);
  if (after != pieces_.begin()) {
    const auto& [start, before] = *std::prev(after);
    const std::uint64_t end = start + before.data.size();
    if (end > offset) {
      const std::uint64_t known = std::min<std::uint64_t>(end - offset, data.size());
      data = data.subspan(static_cast<std::size_t>(known));
      offset += known;
    }
  }
  while (!data.empty()) {
    const std::uint64_t room = after == pieces_.end() ? data.size() : after->first - offset;
    const Bytes part = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(room, data.size())));
    if (!part.empty()) {
      Piece piece{ByteVector(part.begin(), part.end()), PacketRuns(origin.packets.begin(), origin.packets.end()),
                  origin.seen, origin.number};
      pieces_.emplace_hint(after, offset, std::move(piece));
      waiting_bytes_ += part.size() + kPieceCost;
    }
    data = data.subspan(part.size());
    offset += part.size();
    if (after == pieces_.end() || data.empty()) break;
    const std::uint64_t known = std::min<std::uint64_t>(after->second.data.size(), data.size());
    data = data.subspan(static_cast<std::size_t>(known));
    offset += known;
    ++after;
  }
}

}  // namespace tattle
