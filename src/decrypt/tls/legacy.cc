#include <algorithm>

#include "decrypt/tls/state.h"

// Records of SSL 3.0 to TLS 1.2: in clear until ChangeCipherSpec, then under the keys of the latest handshake.

namespace tattle {
namespace {

constexpr std::uint64_t kWindow = 1024;
constexpr unsigned kTriedRecords = 8;

}  // namespace

TlsConnection::State::Step TlsConnection::State::process_legacy(TlsSide& side, const Record& record) {
  if (side.epoch) return open_legacy(side, record);
  switch (record.type) {
    case RecordType::handshake:
      if (!side.after_gap || side.handshake.in_message() || plausible_handshake(record.body)) {
        take_handshake(side, record, record.body, false);
        return Step::done;
      }
      break;  // most likely a Finished behind a ChangeCipherSpec that was lost
    case RecordType::change_cipher_spec: {
      if (!latest) return Step::done;
      if (!latest->server_hello && may_come(sides[1 - client_index])) return Step::wait_order;
      const bool short_handshake = !latest->full_handshake && latest->client_hello && !side.after_gap;
      if (!from_client(side) && short_handshake) facts.resumed = true;
      switch_keys(side, 0);
      return Step::done;
    }
    case RecordType::application_data:
      if (side.after_gap && latest && latest->server_hello) break;
      close_record(side, record);
      return Step::done;
    default:
      return Step::done;
  }
  if (!latest || !latest->server_hello) {
    close_record(side, record);
    return Step::done;
  }
  switch_keys(side, kWindow);
  return open_legacy(side, record);
}

void TlsConnection::State::switch_keys(TlsSide& side, std::uint64_t window) {
  side.epoch = latest;
  side.cipher.reset();
  side.number = 0;
  side.window = window;
  side.after_gap = false;
  side.unopened_bytes = 0;
  side.unopened_tail.clear();
  side.tried_keys = 0;
  side.tried_records = 0;
  side.handshake.clear();
}

TlsConnection::State::Step TlsConnection::State::open_legacy(TlsSide& side, const Record& record) {
  TlsEpoch& epoch = *side.epoch;
  const TlsSide& client = sides[client_index];
  if (awaits_client_hello()) return Step::wait_order;
  if (!epoch.supported || epoch.client_random.empty()) {
    close_record(side, record);
    return Step::done;
  }
  const bool next_handshake = record.type == RecordType::change_cipher_spec && latest != side.epoch;
  if (next_handshake && !latest->server_hello && may_come(sides[1 - client_index])) return Step::wait_order;

  Bytes plain;
  if (!side.cipher.ready() && !epoch.master.empty()) init_cipher(side, epoch.master, side.cipher.get());
  if (!side.cipher.ready()) {
    bool had_candidates = false;
    if (!find_master(side, record, plain, had_candidates)) {
      if (!epoch.supported || (side.window > 0 && had_candidates)) {
        close_record(side, record);
        return Step::done;
      }
      const bool key_exchange_to_come =
          epoch.suite->kx == Kx::rsa && epoch.full_handshake && epoch.encrypted_premaster.empty();
      return key_exchange_to_come && may_come(client) ? Step::wait_order : Step::wait_key;
    }
  } else {
    const SealedRecord sealed{static_cast<std::uint8_t>(record.type), record.version, record.body};
    const std::uint64_t tries = side.window > 0 && may_try(side.window * 64 + record.body.size()) ? side.window + 1 : 1;
    const auto fits = side.cipher->open(side.number, tries, sealed, buffer, plain);
    if (!fits) {
      if (side.window > 0) {
        side.window = std::min(side.window + 1, kWindow);
      } else {
        note("tls.bad-record-mac", record.packets);
        ++side.number;
      }
      close_record(side, record);
      return Step::done;
    }
    side.number = *fits + 1;
    side.window = 0;
  }
  take_content_legacy(side, record, plain);
  return Step::done;
}

void TlsConnection::State::take_content_legacy(TlsSide& side, const Record& record, Bytes plain) {
  switch (record.type) {
    case RecordType::application_data:
      return deliver(side, record, plain);
    case RecordType::handshake:
      return take_handshake(side, record, plain, true);
    case RecordType::change_cipher_spec:
      if (latest != side.epoch) return switch_keys(side, 0);
      return note("tls.unexpected-message", record.packets);
    default:
      return;
  }
}

// A cipher for this direction under a master secret, brought to where the direction stands.
bool TlsConnection::State::init_cipher(TlsSide& side, Bytes master, RecordCipher& cipher) {
  TlsEpoch& epoch = *side.epoch;
  if (!crypto) crypto = context.keys->crypto();
  const ConnectionKeys keys =
      connection_keys(*crypto, epoch.version, *epoch.suite, master, {epoch.client_random, epoch.server_random});
  const TrafficKeys& mine = from_client(side) ? keys.client : keys.server;
  if (!cipher.init(*crypto, *epoch.suite, epoch.version, epoch.encrypt_then_mac, mine)) {
    epoch.supported = false;
    unsupported = true;
    return false;
  }
  if (side.window > 0) cipher.lose_track();
  if (side.number > 0 || side.window > 0) cipher.skip(side.unopened_bytes, side.unopened_tail);
  return true;
}

// Tries the master secrets that may be this handshake's on a record; the MAC or tag decides.
bool TlsConnection::State::find_master(TlsSide& side, const Record& record, Bytes& plain, bool& had_candidates) {
  if (!context.keys) return false;
  if (side.tried_keys != keys_version) {
    side.tried_keys = keys_version;
    side.tried_records = 0;
  } else if (++side.tried_records > kTriedRecords) {
    return false;
  }
  TlsEpoch& epoch = *side.epoch;
  const SealedRecord sealed{static_cast<std::uint8_t>(record.type), record.version, record.body};
  if (!crypto) crypto = context.keys->crypto();
  for (MasterCandidate& candidate : master_candidates(*context.keys, *crypto, epoch)) {
    had_candidates = true;
    if (!may_try(record.body.size() + side.unopened_bytes + side.window * 64)) return false;
    RecordCipher cipher;
    if (!init_cipher(side, candidate.master, cipher)) return false;
    const auto fits = cipher.open(side.number, side.window + 1, sealed, buffer, plain);
    if (!fits) continue;
    side.cipher = std::move(cipher);
    side.number = *fits + 1;
    side.window = 0;
    epoch.master = std::move(candidate.master);
    use_secret(candidate.label);
    context.note_used(flow.id, "CLIENT_RANDOM", epoch.client_random, epoch.master);
    report_session(epoch);
    progress = true;
    return true;
  }
  if (had_candidates) mismatch = true;
  return false;
}

}  // namespace tattle
