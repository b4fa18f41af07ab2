#include "stream/tcp_half.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace tattle {
namespace {

// The bytes of a piece in [from, from + size), as far as they were captured.
Bytes captured(const TcpPiece& piece, std::uint64_t from, std::uint64_t size) {
  const std::uint64_t end = std::min<std::uint64_t>(piece.data.size(), from + size);
  if (from >= end) return {};
  return Bytes(piece.data).subspan(from, end - from);
}

bool same_bytes(Bytes a, Bytes b) {
  const std::size_t size = std::min(a.size(), b.size());
  return size == 0 || std::memcmp(a.data(), b.data(), size) == 0;
}

std::uint64_t mix(std::uint64_t hash, Bytes data) {
  while (!data.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min<std::size_t>(8, data.size());
    std::memcpy(&word, data.data(), count);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
    data = data.subspan(count);
  }
  return hash;
}

std::uint32_t outer_hash(Bytes data) {
  constexpr std::size_t kEnd = 32;
  const std::uint64_t hash =
      data.size() <= 2 * kEnd ? mix(data.size(), data) : mix(mix(data.size(), data.first(kEnd)), data.last(kEnd));
  return static_cast<std::uint32_t>(hash >> 32 ^ hash);
}

}  // namespace

std::uint64_t TcpHalf::keep(std::uint64_t at, TcpPiece piece, bool& conflict) {
  if (!waiting_) waiting_ = std::make_unique<std::map<std::uint64_t, TcpPiece>>();
  const std::uint64_t end = at + piece.size;
  std::uint64_t known = 0;
  std::uint64_t cursor = at;
  auto other = waiting_->upper_bound(at);
  if (other != waiting_->begin()) --other;
  while (cursor < end && other != waiting_->end() && other->first < end) {
    const std::uint64_t other_end = other->first + other->second.size;
    if (other_end <= cursor) {
      ++other;
      continue;
    }
    if (other->first > cursor) insert(cursor, piece, cursor - at, other->first - cursor);
    const std::uint64_t shared_from = std::max(cursor, other->first);
    const std::uint64_t shared = std::min(end, other_end) - shared_from;
    conflict |= !same_bytes(captured(piece, shared_from - at, shared),
                            captured(other->second, shared_from - other->first, shared));
    known += shared;
    cursor = shared_from + shared;
    ++other;
  }
  if (cursor == at && cursor < end) {
    waiting_bytes_ += piece.data.size();
    waiting_->emplace(at, std::move(piece));
  } else if (cursor < end) {
    insert(cursor, piece, cursor - at, end - cursor);
  }
  return known;
}

void TcpHalf::insert(std::uint64_t at, const TcpPiece& whole, std::uint64_t from, std::uint64_t size) {
  const Bytes part = captured(whole, from, size);
  TcpPiece piece{ByteVector(part.begin(), part.end()),
                 size,
                 whole.packet,
                 whole.fragments,
                 whole.time,
                 whole.order,
                 whole.acknowledgment};
  waiting_bytes_ += part.size();
  waiting_->emplace(at, std::move(piece));
}

TcpPiece TcpHalf::take_first() {
  auto first = waiting_->begin();
  TcpPiece piece = std::move(first->second);
  waiting_bytes_ -= piece.data.size();
  waiting_->erase(first);
  if (waiting_->empty()) waiting_.reset();
  return piece;
}

void TcpHalf::remember(std::uint64_t at, Bytes data) {
  const Seen seen{at, static_cast<std::uint32_t>(data.size()), outer_hash(data)};
  if (seen_.size() < kSeen) return seen_.push_back(seen);
  seen_[seen_next_] = seen;
  seen_next_ = (seen_next_ + 1) % kSeen;
}

bool TcpHalf::agrees(std::int64_t at, Bytes data) const {
  // A keep-alive's single byte is garbage by design (RFC 9293 section 3.8.4).
  if (at < 0 || data.size() <= 1 || seen_.empty()) return true;
  return std::none_of(seen_.begin(), seen_.end(), [&](const Seen& seen) {
    return seen.size == data.size() && seen.at == static_cast<std::uint64_t>(at) && seen.hash != outer_hash(data);
  });
}

void TcpHalf::pass(StateArchive& archive, Time start) {
  archive.flags(started, ended, tentative, trusted_silent);
  archive(offset, next_sequence, fin, acknowledged, stray_sequence, hole_since, hold_since, last_packet);
  archive.near(last_time, start);
  std::size_t seen = seen_.size();
  archive(seen, seen_next_);
  if (archive.reads()) seen_.resize(seen);
  // The latest first: each ends where the one behind it begins, and is as long, most often.
  std::uint64_t next = offset, size = 0;
  for (std::size_t i = seen; i-- > 0;) {
    Seen& each = seen_[(seen_next_ + i) % seen];
    std::uint64_t end = each.at + each.size, own_size = each.size;
    archive.near(end, next);
    archive.near(own_size, size);
    each.size = static_cast<std::uint32_t>(size = own_size);
    each.at = next = end - own_size;
    std::array<std::uint8_t, sizeof each.hash> hash{};
    std::memcpy(hash.data(), &each.hash, hash.size());
    archive.raw(hash);
    std::memcpy(&each.hash, hash.data(), hash.size());
  }
}

}  // namespace tattle
