#include <algorithm>

#include "decrypt/tls/state.h"

// Records of TLS 1.3 (RFC 8446 sections 5.2 and 7): the outer type says what is protected, the secrets follow one
// another: early data (client), handshake, application, application after each KeyUpdate.

namespace tattle {
namespace {

std::string_view secret_label(bool client, TlsPhase phase) {
  switch (phase) {
    case TlsPhase::early:
      return "CLIENT_EARLY_TRAFFIC_SECRET";
    case TlsPhase::handshake:
      return client ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    default:
      return client ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0";
  }
}

constexpr std::uint64_t kWindow = 1024;
constexpr TlsPhase kPhases[] = {TlsPhase::early, TlsPhase::handshake, TlsPhase::application};

SealedRecord sealed_record(const Record& record) {
  return {static_cast<std::uint8_t>(record.type), record.version, record.body};
}

}  // namespace

TlsConnection::State::Step TlsConnection::State::process_13(TlsSide& side, const Record& record) {
  if (record.type == RecordType::handshake) {  // a ClientHello or ServerHello; everything else is protected
    if (!side.cipher.ready()) take_handshake(side, record, record.body, false);
    return Step::done;
  }
  if (record.type != RecordType::application_data) return Step::done;
  if (awaits_client_hello()) return Step::wait_order;
  if (!latest || !latest->supported || latest->client_random.empty() || !context.keys) {
    close_record(side, record);
    return Step::done;
  }
  // Whether the server took early data stands in its EncryptedExtensions.
  const bool early_phase = side.phase == TlsPhase::early;
  if (early_phase && early == Early::offered) {
    const TlsSide& server = sides[1 - client_index];
    const bool unreadable = !has_secret(server, TlsPhase::handshake) && has_secret(server, TlsPhase::application);
    const bool passed = server.phase == TlsPhase::application;  // lost, or not opened
    const bool answer_to_come = may_come(server) && !unreadable && !passed;
    if (has_secret(side, TlsPhase::early) && answer_to_come) return Step::wait_order;
    early = Early::accepted;
  }
  Bytes plain;
  if (open_13(side, record, plain)) {
    take_content_13(side, record, plain);
    return Step::done;
  }
  const bool had_cipher = side.cipher.ready();
  if (had_cipher && side.window == 0) {
    note("tls.bad-record-mac", record.packets);
    ++side.number;
  }
  if (side.window > 0) side.window = std::min(side.window + 1, kWindow);
  if (had_cipher) {
    close_record(side, record);
    return Step::done;
  }
  const bool has_own = has_secret(side, side.phase);
  bool has_later = false;
  for (TlsPhase phase : kPhases) has_later = has_later || (phase > side.phase && has_secret(side, phase));
  if (has_own && !early_phase) mismatch = true;
  if (!has_later && !(has_own && side.window > 0)) return Step::wait_key;
  // The secret of this phase is not known, but that of a later one is: these records are passed over until it fits.
  const bool gap = side.gap_pending;
  close_record(side, record);
  if (side.phase == TlsPhase::handshake) {
    side.passed_over += record.body.size();
    side.gap_pending = gap;
  }
  return Step::done;
}

// Opens a record under the current keys, else under those that may follow.
bool TlsConnection::State::open_13(TlsSide& side, const Record& record, Bytes& plain) {
  if (side.cipher.ready() && try_current(side, record, plain)) return true;
  for (TlsPhase phase : kPhases) {
    if (phase < side.phase || (phase == side.phase && side.cipher.ready())) continue;
    if (try_phase(side, phase, record, plain)) return true;
  }
  return false;
}

bool TlsConnection::State::try_current(TlsSide& side, const Record& record, Bytes& plain) {
  std::uint64_t tries = 1;
  if (side.window > 0 && may_try((side.window + 1) * record.body.size())) tries = side.window + 1;
  auto fits = side.cipher->open(side.number, tries, sealed_record(record), buffer, plain);
  if (!fits && side.window > 0 && side.phase == TlsPhase::application &&
      may_try((side.window + 1) * record.body.size())) {  // a KeyUpdate may be among what was lost
    RecordCipher next;
    const ByteVector secret = next_traffic_secret(*crypto, *latest->suite, side.secret);
    if (next.init(*crypto, *latest->suite, version, false, traffic_keys(*crypto, *latest->suite, secret))) {
      fits = next.open(0, side.window + 1, sealed_record(record), buffer, plain);
    }
    if (fits) {
      side.cipher = std::move(next);
      side.secret = secret;
    }
  }
  if (!fits) return false;
  side.number = *fits + 1;
  side.window = 0;
  return true;
}

bool TlsConnection::State::try_phase(TlsSide& side, TlsPhase phase, const Record& record, Bytes& plain) {
  const std::string_view label = secret_label(from_client(side), phase);
  if (!crypto) crypto = context.keys->crypto();
  for (Bytes secret : context.keys->secrets(label, latest->client_random)) {
    if (!may_try((side.window + 1) * record.body.size())) return false;
    RecordCipher cipher;
    if (!cipher.init(*crypto, *latest->suite, version, false, traffic_keys(*crypto, *latest->suite, secret))) continue;
    // Records of this phase may have been passed over while its secret was not there.
    const auto fits = cipher.open(0, side.window + 1, sealed_record(record), buffer, plain);
    if (!fits) continue;
    if (side.phase == TlsPhase::handshake && phase == TlsPhase::application) {
      facts.opaque_bytes -= side.passed_over;
      side.passed_over = 0;
    }
    change_phase(side, phase);
    side.cipher = std::move(cipher);
    side.secret.assign(secret.begin(), secret.end());
    side.number = *fits + 1;
    side.window = 0;
    use_secret(label);
    context.note_used(flow.id, label, latest->client_random, secret);
    return true;
  }
  return false;
}

bool TlsConnection::State::has_secret(const TlsSide& side, TlsPhase phase) const {
  return context.keys && !context.keys->secrets(secret_label(from_client(side), phase), latest->client_random).empty();
}

// TLSInnerPlaintext: content, its type, zeros.
void TlsConnection::State::take_content_13(TlsSide& side, const Record& record, Bytes plain) {
  std::size_t size = plain.size();
  while (size > 0 && plain[size - 1] == 0) --size;
  if (size == 0) return note("tls.empty-inner-type", record.packets);
  const auto type = static_cast<RecordType>(plain[size - 1]);
  const Bytes content = plain.first(size - 1);
  if (type == RecordType::handshake) return take_handshake(side, record, content, true);
  if (type != RecordType::application_data) return;
  if (side.phase == TlsPhase::early && early == Early::rejected) {
    // The client sends it again; handing it down would double it.
    note("tls.early-data-rejected", record.packets);
    facts.opaque_bytes += record.body.size();
    return;
  }
  deliver(side, record, content);
}

void TlsConnection::State::on_message_13(TlsSide& side, const Record& record, const HandshakeMessage& message) {
  switch (message.type) {
    case HandshakeType::encrypted_extensions: {
      auto parsed = parse_encrypted_extensions(message.body);
      if (!parsed) return note("tls.bad-handshake", record.packets);
      if (!parsed->alpn.empty()) facts.alpn = parsed->alpn;
      if (early == Early::offered) early = parsed->early_data ? Early::accepted : Early::rejected;
      progress = true;
      return;
    }
    case HandshakeType::certificate:
      return on_certificate(side, record, message.body);
    case HandshakeType::end_of_early_data:
      if (side.phase == TlsPhase::early) change_phase(side, TlsPhase::handshake);
      return;
    case HandshakeType::finished:
      if (side.phase == TlsPhase::handshake) change_phase(side, TlsPhase::application);
      return;
    case HandshakeType::key_update: {
      if (side.phase != TlsPhase::application || side.secret.empty()) return;
      side.secret = next_traffic_secret(*crypto, *latest->suite, side.secret);
      side.cipher->init(*crypto, *latest->suite, version, false, traffic_keys(*crypto, *latest->suite, side.secret));
      side.number = 0;
      return;
    }
    default:
      return;
  }
}

void TlsConnection::State::change_phase(TlsSide& side, TlsPhase phase) {
  side.phase = phase;
  progress = true;
  side.cipher.reset();
  side.number = 0;
}

}  // namespace tattle
