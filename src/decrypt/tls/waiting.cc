#include <algorithm>

#include "decrypt/tls/state.h"

// Records that cannot be read yet: for want of a secret, or because the other direction must speak first.

namespace tattle {

void TlsConnection::State::enqueue(TlsSide& side, const Record& record) {
  const bool full = waiting_bytes + record.body.size() > context.limits->tls_waiting_bytes;
  const bool dropping = !side.waiting.empty() && side.waiting.back().dropped > 0;
  if (!full && !dropping) {
    WaitingRecord& item = side.waiting.emplace_back();
    item.record = record;
    item.body.assign(record.body.begin(), record.body.end());
    item.packets.assign(record.packets.begin(), record.packets.end());
    item.order = next_order++;
    waiting_bytes += record.body.size();
    return;
  }
  if (!dropping) {
    note("tls.waiting-limit", record.packets);
    WaitingRecord& fresh = side.waiting.emplace_back();
    fresh.record.kind = Record::Kind::resumed;
    fresh.order = next_order++;
  }
  WaitingRecord& item = side.waiting.back();
  ++item.dropped;
  item.uncertain = item.uncertain || record.kind == Record::Kind::resumed;
  item.dropped_bytes += record.length;
  const bool data = record.type == RecordType::application_data && record.kind == Record::Kind::whole;
  if (data) item.dropped_data_bytes += record.length;
  const Bytes tail = record.body.last(std::min<std::size_t>(record.body.size(), 64));
  item.body.assign(tail.begin(), tail.end());
}

// Looks whether the store has more than it had.
void TlsConnection::State::check_keys() {
  if (context.keys == nullptr || context.keys->size() == seen_size) return;
  seen_size = context.keys->size();
  ++keys_version;
  for (TlsSide& side : sides) side.blocked = false;
  drain();
}

// Reads what can be read now, in the order in which it came.
void TlsConnection::State::drain() {
  if (draining) return;
  draining = true;
  for (;;) {
    if (progress) {
      progress = false;
      for (TlsSide& side : sides) side.blocked = false;
    }
    TlsSide* next = nullptr;
    for (TlsSide& side : sides) {
      if (side.waiting.empty() || side.blocked) continue;
      if (!next || side.waiting.front().order < next->waiting.front().order) next = &side;
    }
    if (!next) break;
    WaitingRecord& item = next->waiting.front();
    item.record.body = item.body;
    item.record.packets = item.packets;
    Step step = Step::done;
    if (item.dropped > 0) {
      pass_dropped(*next, item);
    } else if (item.record.kind != Record::Kind::whole) {
      take_loss(*next, item.record);
    } else {
      step = process(*next, item.record);
    }
    if (step != Step::done) {
      if (flushing || (step == Step::wait_key && context.keys_complete)) {
        close_record(*next, item.record);
      } else {
        next->blocked = true;
        continue;
      }
    }
    if (item.dropped == 0) waiting_bytes -= item.body.size();
    next->waiting.pop_front();
    other(*next).blocked = false;
  }
  draining = false;
}

void TlsConnection::State::pass_dropped(TlsSide& side, const WaitingRecord& item) {
  side.handshake.clear();
  if (item.dropped_data_bytes > 0) side.gap_pending = true;
  facts.opaque_bytes += item.dropped_data_bytes;
  if (item.uncertain) {
    Record loss = item.record;
    loss.kind = Record::Kind::resumed;
    take_loss(side, loss);
  } else if (version == 0x0304) {
    // The keys may have changed among them, so any number from here on may be next.
    side.window = std::max(side.window, item.dropped);
  } else if (side.epoch) {
    side.number += item.dropped;
    if (side.cipher.ready()) {
      side.cipher->skip(item.dropped_bytes, item.body);
    } else {
      side.unopened_bytes += item.dropped_bytes;
      side.unopened_tail = item.body;
    }
  } else {
    side.after_gap = true;
    side.window = std::max(side.window, item.dropped);
  }
}

// Nothing more will come: what waits is read as it is, or stays closed.
void TlsConnection::State::flush(TlsSide& side) {
  flushing = true;
  side.blocked = false;
  drain();
  flushing = false;
}

void TlsConnection::State::end(TlsSide& side) {
  if (side.end_told) return;
  if (!side.waiting.empty()) flush(side);
  side.end_told = true;
  const Chunk where{flow, side.direction, side.plain_offset, side.end_time, side.end_packets, {}};
  if (side.gap_pending && side.plain_offset > 0) plaintext.on_gap(where, 0);
  plaintext.on_end(where);
}

}  // namespace tattle
