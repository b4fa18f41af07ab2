#include <utility>

#include "decrypt/quic/state.h"

// Packets that cannot be opened yet: for want of a secret, or because the handshake was captured after them.

namespace tattle {
namespace {

bool holds_data(QuicPacketType type) { return type == QuicPacketType::early || type == QuicPacketType::short_header; }

}  // namespace

void QuicConnection::State::enqueue(const QuicArrival& arrival) {
  const Bytes raw = arrival.packet.raw;
  if (waiting_bytes + raw.size() > context.limits->tls_waiting_bytes) {
    note("tls.waiting-limit", arrival.origin.packets);
    return count(arrival, Step::closed);
  }
  QuicWaiting& item = waiting.emplace_back();
  item.bytes.assign(raw.begin(), raw.end());
  item.packets.assign(arrival.origin.packets.begin(), arrival.origin.packets.end());
  item.arrival = arrival;
  waiting_bytes += raw.size();
  if (holds_data(arrival.packet.type)) waiting_data_bytes += raw.size();
}

// Looks whether the store has more than it had.
void QuicConnection::State::check_keys() {
  if (context.keys == nullptr || context.keys->size() == seen_size) return;
  seen_size = context.keys->size();
  ++keys_version;
  if (!waiting.empty()) drain();
}

// Reads what can be read now, in the order in which it came.
void QuicConnection::State::drain() {
  if (draining) return;
  draining = true;
  do {
    progress = false;
    std::deque<QuicWaiting> again;
    std::swap(again, waiting);
    for (QuicWaiting& item : again) {
      const std::size_t size = item.bytes.size();
      const QuicPacketType type = item.arrival.packet.type;
      item.arrival.origin.packets = item.packets;
      item.arrival.packet.raw = item.bytes;
      if (has_quic_long_header(item.bytes)) {
        if (auto packet = parse_quic_long_header(item.bytes)) item.arrival.packet = *packet;
      }
      const Step step = process(item.arrival);
      if (step == Step::wait && !flushing) {
        waiting.push_back(std::move(item));
        continue;
      }
      waiting_bytes -= size;
      if (holds_data(type)) waiting_data_bytes -= size;
      count(item.arrival, step);
      take_packets(item.arrival, Bytes(item.bytes).subspan(item.arrival.packet.raw.size()), false);
    }
  } while (progress && !waiting.empty());
  draining = false;
}

}  // namespace tattle
