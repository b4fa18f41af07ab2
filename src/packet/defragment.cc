#include "packet/defragment.h"

#include <algorithm>
#include <utility>

namespace tattle {
namespace {

constexpr std::uint32_t kLongest = 65535;
constexpr std::uint64_t kPieceCost = 64;  // bookkeeping of a piece, so that tiny fragments count for what they cost

}  // namespace

std::size_t Defragmenter::KeyHash::operator()(const Key& value) const {
  const std::uint64_t from = keyed_hash(value.source.bytes, key.first);
  const std::uint64_t to = keyed_hash(value.destination.bytes, key.second);
  return fold_multiply(from ^ value.identification, to ^ key.first ^ value.protocol);
}

Defragmenter::Defragmenter(const Limits& limits, Anomalies& anomalies, OnLost on_lost)
    : limits_(limits), anomalies_(anomalies), on_lost_(std::move(on_lost)) {}

void Defragmenter::drop(Position position) {
  held_bytes_ -= position->held_bytes;
  index_.erase(position->key);
  pending_.erase(position);
}

void Defragmenter::give_up(Pending& pending) {
  held_bytes_ -= pending.held_bytes;
  pending.held_bytes = 0;
  pending.pieces.clear();
  pending.given_up = true;
}

void Defragmenter::expire_old(Time clock) {
  const std::int64_t age = static_cast<std::int64_t>(limits_.fragment_seconds) * 1000000000;
  while (!pending_.empty() && clock.ns - pending_.front().began.ns > age) {
    on_lost_(pending_.front().first, pending_.front().captured_bytes);
    drop(pending_.begin());
  }
}

void Defragmenter::finish() {
  while (!pending_.empty()) {
    on_lost_(pending_.front().first, pending_.front().captured_bytes);
    drop(pending_.begin());
  }
}

Defragmenter::Position Defragmenter::find_or_start(const Key& key, PacketId packet, Time clock) {
  if (auto found = index_.find(key); found != index_.end()) return found->second;
  while (!pending_.empty() && (pending_.size() >= limits_.fragments || held_bytes_ > limits_.fragment_bytes)) {
    anomalies_.note("ip.fragments-limit", packet);
    on_lost_(pending_.front().first, pending_.front().captured_bytes);
    drop(pending_.begin());
  }
  const Position started = pending_.emplace(pending_.end());
  started->key = key;
  started->began = clock;
  started->first = packet;
  index_.emplace(key, started);
  return started;
}

Defragmenter::Outcome Defragmenter::add(IpPacket& fragment, PacketId packet, std::uint64_t captured_bytes, Time clock,
                                        std::shared_ptr<const WholeDatagram>& owner) {
  const bool v4 = (fragment.whole[0] >> 4) == 4;
  if (fragment.wire_payload == 0 || (fragment.more_fragments && fragment.wire_payload % 8 != 0) ||
      fragment.fragment_offset + fragment.wire_payload > kLongest) {
    anomalies_.note("ip.fragment-length", packet);
    return Outcome::malformed;
  }
  const Key key{fragment.source, fragment.destination, fragment.identification,
                v4 ? fragment.protocol : std::uint8_t{0}};
  const Position position = find_or_start(key, packet, clock);
  Pending& pending = *position;
  add_packets(pending.packets, PacketRun{packet.capture, packet.number, packet.number});
  pending.captured_bytes += captured_bytes;
  if (pending.given_up) return Outcome::waiting;
  if (!insert(pending, fragment, packet)) {
    give_up(pending);
    return Outcome::waiting;
  }
  if (!pending.total || pending.covered != *pending.total) return Outcome::waiting;
  owner = assemble(pending);
  fragment.payload = owner->bytes;
  fragment.wire_payload = *pending.total;
  fragment.protocol = pending.protocol.value_or(fragment.protocol);
  fragment.fragment = false;
  drop(position);
  return Outcome::whole;
}

// False when the datagram cannot be put together any more.
bool Defragmenter::insert(Pending& pending, const IpPacket& fragment, PacketId packet) {
  const bool v6 = (fragment.whole[0] >> 4) == 6;
  const std::uint32_t begin = fragment.fragment_offset, end = begin + fragment.wire_payload;
  const std::uint32_t known_end =
      pending.pieces.empty() ? 0 : pending.pieces.back().offset + pending.pieces.back().length;
  const bool end_differs = !fragment.more_fragments && ((pending.total && *pending.total != end) || known_end > end);
  if (end_differs || (pending.total && end > *pending.total)) {
    anomalies_.note("ip.fragment-conflict", packet);
    return false;
  }
  if (!fragment.more_fragments) pending.total = end;
  if (begin == 0) pending.protocol = fragment.protocol;

  bool overlap = false, conflict = false;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> holes;  // of this fragment's range
  std::uint32_t at = begin;
  auto piece =
      std::lower_bound(pending.pieces.begin(), pending.pieces.end(), begin,
                       [](const Piece& each, std::uint32_t from) { return each.offset + each.length <= from; });
  for (; piece != pending.pieces.end() && piece->offset < end; ++piece) {
    const std::uint32_t from = std::max(begin, piece->offset), to = std::min(end, piece->offset + piece->length);
    overlap = overlap || piece->offset != begin || piece->length != fragment.wire_payload;
    for (std::uint32_t byte = from; byte < to; ++byte) {
      if (byte - piece->offset >= piece->data.size() || byte - begin >= fragment.payload.size()) break;
      conflict = conflict || piece->data[byte - piece->offset] != fragment.payload[byte - begin];
    }
    if (piece->offset > at) holes.emplace_back(at, piece->offset);
    at = std::max(at, to);
  }
  if (at < end) holes.emplace_back(at, end);
  if (overlap) anomalies_.note("ip.fragment-overlap", packet);
  if (conflict) anomalies_.note("ip.fragment-conflict", packet);
  if (v6 && (overlap || conflict)) return false;
  for (const auto& [from, to] : holes) {
    const std::size_t size = fragment.payload.size();
    const std::size_t first = std::min<std::size_t>(from - begin, size), last = std::min<std::size_t>(to - begin, size);
    put_piece(pending, from, to - from, fragment.payload.subspan(first, last - first));
  }
  return true;
}

void Defragmenter::put_piece(Pending& pending, std::uint32_t offset, std::uint32_t length, Bytes data) {
  auto at = std::upper_bound(pending.pieces.begin(), pending.pieces.end(), offset,
                             [](std::uint32_t from, const Piece& each) { return from < each.offset; });
  pending.pieces.insert(at, Piece{offset, length, ByteVector(data.begin(), data.end())});
  pending.covered += length;
  pending.held_bytes += data.size() + kPieceCost;
  held_bytes_ += data.size() + kPieceCost;
}

// As far as bytes were captured without a hole.
std::shared_ptr<const WholeDatagram> Defragmenter::assemble(const Pending& pending) const {
  auto whole = std::make_shared<WholeDatagram>();
  whole->packets = pending.packets;
  whole->bytes.reserve(*pending.total);
  for (const Piece& piece : pending.pieces) {
    whole->bytes.insert(whole->bytes.end(), piece.data.begin(), piece.data.end());
    if (piece.data.size() < piece.length) break;
  }
  return whole;
}

}  // namespace tattle
