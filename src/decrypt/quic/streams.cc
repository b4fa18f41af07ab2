#include <algorithm>

#include "decrypt/quic/state.h"

// STREAM frames put in order, and what to do about bytes that never come.

namespace tattle {
namespace {

// A packet that was sent this many before one that the peer acknowledged counts as lost on the way, not by the
// capture: its content comes again, if at all, within as many packets.
constexpr std::uint64_t kLostAfter = 256;

bool is_unidirectional(std::uint64_t stream) { return (stream & 2) != 0; }
bool opened_by_server(std::uint64_t stream) { return (stream & 1) != 0; }

// The lowest packet number that the capture lacks and nobody has accounted for.
std::uint64_t first_unaccounted(const NumberRanges& received, const NumberRanges& acked, std::uint64_t lost_below) {
  if (received.empty()) return 0;
  std::uint64_t number = std::max({received.ranges().front().first, received.floor(), acked.floor()});
  auto pass = [&number](const NumberRanges& ranges) {
    for (const NumberRanges::Range& range : ranges.ranges()) {
      if (range.first > number) return;
      number = std::max(number, range.last + 1);
    }
  };
  for (std::uint64_t before = number + 1; before != number;) {
    before = number;
    pass(received);
    pass(acked);
    number = std::max(number, lost_below);
  }
  return number;
}

}  // namespace

// Null when the stream is over, is not this side's to send on, or is one too many.
QuicHalf* QuicConnection::State::half_of(const QuicSide& side, const QuicOrigin& origin, std::uint64_t stream) {
  const NumberRanges& closed = closed_streams[stream & 3];
  if (stream >> 2 < closed.floor() || closed.contains(stream >> 2)) return nullptr;
  if (is_unidirectional(stream) && opened_by_server(stream) == from_client(side)) {
    note("quic.bad-frame", origin.packets);
    return nullptr;
  }
  auto found = streams.find(stream);
  if (found == streams.end()) {
    if (streams.size() >= context.limits->quic_streams) {
      note("quic.streams-limit", origin.packets);
      return nullptr;
    }
    found = streams.try_emplace(stream).first;
    if (is_unidirectional(stream)) found->second[1 - index(side.direction)].ended = true;
  }
  QuicHalf& half = found->second[index(side.direction)];
  return half.ended ? nullptr : &half;
}

void QuicConnection::State::take_stream(QuicSide& side, const QuicOrigin& origin, const QuicFrame& frame) {
  QuicHalf* half = half_of(side, origin, frame.stream);
  if (!half) return;
  const std::uint64_t end = frame.offset + frame.data.size();
  if (half->final_size ? end > *half->final_size || (frame.fin && end != *half->final_size)
                       : frame.fin && end < half->order.next()) {
    return note("quic.final-size", origin.packets);
  }
  if (frame.fin) half->final_size = end;
  const std::uint64_t before = half->order.waiting_bytes();
  half->order.add(frame.offset, frame.data, origin, [&](std::uint64_t offset, Bytes data, const QuicOrigin& from) {
    deliver(side, frame.stream, offset, data, from);
  });
  order_bytes += half->order.waiting_bytes() - before;
  const bool own = half->order.waiting_bytes() > context.limits->quic_stream_bytes;
  if (own || (order_bytes > context.limits->quic_connection_bytes && half->order.has_hole())) {
    note("quic.out-of-order-limit", origin.packets);
    skip_hole(side, frame.stream, *half, origin);
  }
  settle(side, frame.stream, *half, origin);
}

void QuicConnection::State::deliver(QuicSide& side, std::uint64_t stream, std::uint64_t offset, Bytes data,
                                    const QuicOrigin& origin) {
  facts.tls.decrypted_bytes += data.size();
  // A connection that agrees on none of the protocols offered is closed (RFC 9001 section 8.1): the only one is it.
  TlsFacts& tls = facts.tls;
  if (tls.alpn.empty() && tls.alpn_offered.size() == 1) tls.alpn = tls.alpn_offered.front();
  sink.on_stream_data(stream, chunk_of(side, offset, origin, data));
}

void QuicConnection::State::skip_hole(QuicSide& side, std::uint64_t stream, QuicHalf& half, const QuicOrigin& origin) {
  const std::uint64_t at = half.order.next(), missing = half.order.hole_end() - at;
  const std::uint64_t before = half.order.waiting_bytes();
  sink.on_stream_gap(stream, chunk_of(side, at, origin, {}), missing);
  half.order.skip_hole(
      [&](std::uint64_t offset, Bytes data, const QuicOrigin& from) { deliver(side, stream, offset, data, from); });
  order_bytes -= before - half.order.waiting_bytes();
}

// After a change: whether it waits, or is over.
void QuicConnection::State::settle(QuicSide& side, std::uint64_t stream, QuicHalf& half, const QuicOrigin& origin) {
  if (half.order.has_hole()) {
    side.holes.insert(stream);
    return;
  }
  side.holes.erase(stream);
  if (half.final_size && half.order.next() >= *half.final_size) end_half(side, stream, half, origin, false);
}

void QuicConnection::State::end_half(QuicSide& side, std::uint64_t stream, QuicHalf& half, const QuicOrigin& origin,
                                     bool reset) {
  half.ended = true;
  side.holes.erase(stream);
  const std::uint64_t at = reset ? half.order.next() : std::max(half.order.next(), half.final_size.value_or(0));
  sink.on_stream_end(stream, chunk_of(side, at, origin, {}), reset);
  auto found = streams.find(stream);
  if (!found->second[0].ended || !found->second[1].ended) return;
  streams.erase(found);
  closed_streams[stream & 3].add(stream >> 2, stream >> 2);
}

void QuicConnection::State::take_reset(QuicSide& side, const QuicOrigin& origin, const QuicFrame& frame) {
  QuicHalf* half = half_of(side, origin, frame.stream);
  if (!half) return;
  while (half->order.has_hole()) skip_hole(side, frame.stream, *half, origin);
  end_half(side, frame.stream, *half, origin, true);
}

// Which holes can no longer be filled: the peer has what came before them, so it will not be sent again.
void QuicConnection::State::check_losses(QuicSide& side, const QuicOrigin& origin) {
  if (side.holes.empty()) return;
  const NumberRanges& received = side.received[2];
  const std::uint64_t acked = side.acked.highest();
  const std::uint64_t sure = first_unaccounted(received, side.acked, 0);
  const std::uint64_t likely = first_unaccounted(received, side.acked, acked > kLostAfter ? acked - kLostAfter : 0);
  const std::vector<std::uint64_t> waiting(side.holes.begin(), side.holes.end());
  for (std::uint64_t stream : waiting) {
    QuicHalf& half = streams.find(stream)->second[index(side.direction)];
    while (half.order.has_hole() &&
           (sure >= half.order.hole_number() || likely >= half.order.hole_number() + kLostAfter)) {
      skip_hole(side, stream, half, origin);
    }
    settle(side, stream, half, origin);
  }
}

void QuicConnection::State::end_streams() {
  std::vector<std::uint64_t> open;
  for (const auto& [stream, halves] : streams) open.push_back(stream);
  std::ranges::sort(open);
  for (std::uint64_t stream : open) {
    for (QuicSide& side : sides) {
      auto found = streams.find(stream);
      if (found == streams.end()) break;
      QuicHalf& half = found->second[index(side.direction)];
      if (half.ended) continue;
      const QuicOrigin origin{};
      while (half.order.has_hole()) skip_hole(side, stream, half, origin);
      const std::uint64_t at = half.order.next();
      const bool short_of_end = half.final_size && *half.final_size > at;
      const bool unread = !half.final_size && at > 0 && side.closed_packets > 0;
      if (short_of_end || unread) {
        sink.on_stream_gap(stream, chunk_of(side, at, origin, {}), short_of_end ? *half.final_size - at : 0);
      }
      end_half(side, stream, half, origin, false);
    }
  }
}

}  // namespace tattle
