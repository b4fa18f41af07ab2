#include "decrypt/tls/tls.h"

#include <algorithm>
#include <utility>

#include "decrypt/keys/crypto_library.h"
#include "decrypt/tls/state.h"

namespace tattle {
namespace {

// A gap of unknown size: how many record numbers are tried beyond the next one.
constexpr std::uint64_t kWindow = 1024;
// Bytes decrypted in vain for one connection before only the expected key and number are tried.
constexpr std::uint64_t kTrialBytes = 64 << 20;

PacketId first_packet(PacketRunsView packets) {
  return packets.empty() ? PacketId{} : PacketId{packets.front().capture, packets.front().first};
}

}  // namespace

std::string tls_version_name(std::uint16_t version) {
  switch (version) {
    case 0x0300:
      return "SSL 3.0";
    case 0x0301:
      return "TLS 1.0";
    case 0x0302:
      return "TLS 1.1";
    case 0x0303:
      return "TLS 1.2";
    case 0x0304:
      return "TLS 1.3";
    case 0xfeff:
      return "DTLS 1.0";
    case 0xfefd:
      return "DTLS 1.2";
    case 0xfefc:
      return "DTLS 1.3";
    default:
      return "unknown";
  }
}

bool looks_like_tls(Bytes start) {
  auto has = [&](std::size_t i) { return i < start.size(); };
  if (start.empty()) return true;
  if ((start[0] & 0x80) != 0) {  // SSLv2-compatible ClientHello: length, type 1, version 3.x, at least 9 bytes more
    if (has(1) && ((start[0] & 0x7f) << 8 | start[1]) < 9) return false;
    return (!has(2) || start[2] == 1) && (!has(3) || start[3] == 3) && (!has(4) || start[4] <= 3);
  }
  if (start[0] < 20 || start[0] > 23) return false;
  if ((has(1) && start[1] != 3) || (has(2) && start[2] > 4)) return false;
  if (!has(4)) return true;
  const std::size_t length = static_cast<std::size_t>(start[3] << 8 | start[4]);
  if (length > kMaxRecordBody) return false;
  if (start[0] == 20) return length == 1;
  if (start[0] == 21) return length == 2 || length >= 16;
  if (start[0] == 23) return true;
  if (length == 0 || !has(5)) return length != 0;
  const std::uint8_t header[] = {start[5], 0, 0, 0};
  return plausible_handshake(header);
}

TlsConnection::TlsConnection(const FlowInfo& flow, TlsContext& context, StreamSink& plaintext)
    : flow_(flow), context_(context), plaintext_(plaintext) {}
TlsConnection::~TlsConnection() = default;

TlsConnection::State& TlsConnection::state() const {
  if (!state_) {
    state_ = std::make_unique<State>(flow_, context_, plaintext_);
    if (!frozen_.bytes.empty()) {
      StateArchive archive(frozen_.bytes.data(), frozen_.long_rows, context_.texts);
      state_->pass(archive);
      frozen_ = PackedState();
    }
  }
  return *state_;
}

void TlsConnection::on_data(const Chunk& chunk) {
  State& now = state();
  TlsSide& side = now.sides[index(chunk.direction)];
  if (side.ended) return;
  side.had_input = true;
  now.check_keys();
  side.reader.feed(chunk);
  now.take_records(side);
}

void TlsConnection::on_gap(const Chunk& where, std::uint64_t missing) {
  State& now = state();
  TlsSide& side = now.sides[index(where.direction)];
  if (side.ended) return;
  side.had_input = true;
  const bool was_searching = side.reader.searching();
  side.reader.gap(missing);
  if (!was_searching && side.reader.searching()) now.note("tls.resync", where.packets);
  now.take_records(side);
}

void TlsConnection::on_end(const Chunk& where) {
  State& now = state();
  TlsSide& side = now.sides[index(where.direction)];
  if (side.ended) return;
  now.check_keys();
  side.reader.finish();
  now.take_records(side);
  if (side.reader.left_over() > 0) now.note("tls.cut-record", where.packets);
  side.ended = true;
  side.end_packets.assign(where.packets.begin(), where.packets.end());
  side.end_time = where.seen;
  TlsSide& other = now.other(side);
  // What waits for the other direction, or for a secret that may still come, waits for its end too.
  if (!side.waiting.empty() && other.had_input && !other.ended) return;
  if (other.ended && !other.end_told) now.end(other);
  now.end(side);
}

void TlsConnection::on_idle() {
  if (!state_) return;
  State& state = *state_;
  bool both_ready = true;
  for (TlsSide& side : state.sides) {
    side.reader.release();
    side.cipher.release();
    both_ready = both_ready && side.cipher.ready();
  }
  state.buffer = ByteVector();
  state.facts.server_certificates = std::vector<ByteVector>();
  state.facts.client_certificates = std::vector<ByteVector>();
  const bool no_private_key = state.context.keys_complete && !state.context.keys->opens_key_exchanges();
  if (state.latest && (both_ready || no_private_key)) {
    TlsEpoch& epoch = *state.latest;
    for (ByteVector* each : {&epoch.hello_transcript, &epoch.server_transcript, &epoch.client_transcript}) {
      *each = ByteVector();
    }
  }
  if (state.latest && state.version == 0x0304) {
    // TLS 1.3 derives nothing from these, and has no second handshake.
    TlsEpoch& epoch = *state.latest;
    for (ByteVector* each : {&epoch.server_random, &epoch.offered_session, &epoch.offered_ticket, &epoch.session_id}) {
      *each = ByteVector();
    }
    epoch.new_tickets = std::vector<ByteVector>();
  }
  if (!state.at_rest()) return;
  StateArchive archive(context_.texts);
  state.pass(archive);
  frozen_.bytes.assign(archive.written().begin(), archive.written().end());
  frozen_.long_rows = archive.take_long_rows();
  state_.reset();
}

const TlsFacts& TlsConnection::facts() const {
  state().update_outcome();
  return state_->facts;
}

void TlsConnection::State::take_records(TlsSide& side) {
  struct Borrow {
    explicit Borrow(State& borrower) : state(borrower) { std::swap(state.buffer, state.context.buffer); }
    // Within the plaintext another connection may have been at work, with a buffer of its own.
    ~Borrow() {
      if (state.buffer.size() > state.context.buffer.size()) std::swap(state.buffer, state.context.buffer);
      state.buffer = ByteVector();
    }
    State& state;
  } borrow(*this);
  Record record;
  while (side.reader.next(record)) {
    if (record.kind == Record::Kind::bad_header) {
      note("tls.bad-record-header", record.packets);
      continue;
    }
    if (!side.waiting.empty()) {
      enqueue(side, record);
    } else if (record.kind != Record::Kind::whole) {
      take_loss(side, record);
    } else {
      const Step step = process(side, record);
      if (step == Step::wait_key && context.keys_complete) {
        close_record(side, record);
      } else if (step != Step::done) {
        side.blocked = true;
        enqueue(side, record);
      }
    }
    if (progress) drain();
  }
}

TlsConnection::State::Step TlsConnection::State::process(TlsSide& side, const Record& record) {
  if (version == 0x0304) return process_13(side, record);
  if (version != 0) return process_legacy(side, record);
  if (record.type == RecordType::v2_hello) {
    auto hello = parse_v2_client_hello(record.body);
    if (hello) {
      on_client_hello(side, record, *hello, record.body);
    } else {
      note("tls.bad-handshake", record.packets);
    }
    return Step::done;
  }
  if (record.type == RecordType::handshake) {
    take_handshake(side, record, record.body, false);
    return Step::done;
  }
  if (record.type == RecordType::alert) return Step::done;
  // Only a ServerHello says how to read anything else.
  const TlsSide& server = sides[1 - client_index];
  if (latest && latest->client_hello && !server.ended && !flushing && &server != &side) return Step::wait_order;
  close_record(side, record);
  return Step::done;
}

// A record, or an unknown number of them, is missing.
void TlsConnection::State::take_loss(TlsSide& side, const Record& record) {
  if (record.kind == Record::Kind::lost) return take_lost_record(side, record);
  side.handshake.clear();
  side.cipher.lose_track();
  side.unopened_tail.clear();
  side.window = kWindow;
  side.after_gap = true;
  side.gap_pending = true;
}

void TlsConnection::State::take_lost_record(TlsSide& side, const Record& record) {
  if (record.type == RecordType::handshake) side.handshake.clear();
  if (record.type == RecordType::application_data) side.gap_pending = true;
  if (version == 0x0304) {
    if (record.type != RecordType::application_data) return;
    ++side.number;
    side.window = std::max<std::uint64_t>(side.window, 1);  // its content may have changed the keys
    side.handshake.clear();
  } else if (side.epoch) {
    ++side.number;
    if (side.cipher.ready()) {
      side.cipher->skip(record.length, record.body);
    } else {
      side.unopened_bytes += record.length;
      side.unopened_tail.assign(record.body.begin(), record.body.end());
    }
  }
}

void TlsConnection::State::deliver(TlsSide& side, const Record& record, Bytes plain) {
  if (plain.empty()) return;
  if (side.gap_pending) {
    side.gap_pending = false;
    plaintext.on_gap(Chunk{flow, side.direction, side.plain_offset, record.seen, record.packets, {}}, 0);
  }
  facts.decrypted_bytes += plain.size();
  plaintext.on_data(Chunk{flow, side.direction, side.plain_offset, record.seen, record.packets, plain});
  side.plain_offset += plain.size();
}

// A record that stays closed.
void TlsConnection::State::close_record(TlsSide& side, const Record& record) {
  if (side.epoch && !side.cipher.ready()) {
    ++side.number;
    side.unopened_bytes += record.body.size();
    const Bytes tail = record.body.last(std::min<std::size_t>(record.body.size(), 64));
    side.unopened_tail.assign(tail.begin(), tail.end());
  }
  if (record.type != RecordType::application_data) return;
  // Which keys protected it is not known, so neither is the next one's number.
  if (version == 0x0304 && !side.cipher.ready()) side.window = std::min(side.window + 1, kWindow);
  facts.opaque_bytes += record.body.size();
  side.gap_pending = true;
}

void TlsConnection::State::note(std::string_view anomaly, PacketRunsView packets) {
  if (context.anomalies) context.anomalies->note(anomaly, first_packet(packets));
}

bool TlsConnection::State::may_try(std::uint64_t bytes) {
  if (trial_bytes > kTrialBytes) return false;
  trial_bytes += bytes + 512;
  return true;
}

void TlsConnection::State::update_outcome() {
  const bool read = facts.decrypted_bytes > 0;
  std::uint64_t closed = facts.opaque_bytes;
  for (const TlsSide& side : sides) {
    for (const WaitingRecord& item : side.waiting) {
      if (item.record.type == RecordType::application_data) closed += item.body.size();
      closed += item.dropped_data_bytes;
    }
  }
  if (closed == 0) {
    facts.outcome = read ? TlsOutcome::decrypted : TlsOutcome::none;
  } else if (read) {
    facts.outcome = TlsOutcome::partly;
  } else if (unsupported) {
    facts.outcome = TlsOutcome::unsupported;
  } else if (!facts.client_hello || !facts.server_hello) {
    facts.outcome = TlsOutcome::handshake_unseen;
  } else {
    facts.outcome = mismatch ? TlsOutcome::key_mismatch : TlsOutcome::no_key;
  }
}

}  // namespace tattle
