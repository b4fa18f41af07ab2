#include "base/state_archive.h"
#include "decrypt/tls/state.h"

// A silent connection as a row of bytes: what its State says, some two hundred bytes instead of two thousand.

namespace tattle {
namespace {

constexpr std::string_view kSecrets[] = {
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",         "CLIENT_EARLY_TRAFFIC_SECRET",     "CLIENT_RANDOM",
};

// Often another that is written already: of the same connection.
void pass_same(StateArchive& archive, ByteVector& value, const ByteVector& known) {
  bool same = value == known;
  archive(same);
  if (!same) return archive(value);
  if (archive.reads()) value = known;
}

void pass_facts(StateArchive& archive, TlsFacts& facts) {
  archive.flags(facts.client_hello, facts.server_hello, facts.resumed, facts.ech_or_grease, facts.early_data);
  std::size_t offered = facts.alpn_offered.size();
  archive(offered, facts.version, facts.cipher_suite);
  if (archive.reads()) facts.alpn_offered.resize(offered);
  for (std::string& protocol : facts.alpn_offered) archive.shared(protocol);
  for (std::string* text : {&facts.sni, &facts.alpn, &facts.ja4}) archive.shared(*text);
  archive(facts.server_certificates, facts.client_certificates, facts.client_random);
  std::size_t secrets = facts.secrets_used.size();
  archive(secrets);
  if (archive.reads()) facts.secrets_used.resize(secrets);
  for (std::string& label : facts.secrets_used) archive.word(label, kSecrets);
  archive(facts.outcome, facts.decrypted_bytes, facts.opaque_bytes);
}

void pass_epoch(StateArchive& archive, TlsEpoch& epoch, const TlsFacts& facts) {
  archive.flags(epoch.client_hello, epoch.server_hello, epoch.full_handshake, epoch.supported,
                epoch.extended_master_secret, epoch.encrypt_then_mac);
  pass_same(archive, epoch.client_random, facts.client_random);
  archive(epoch.server_random, epoch.version, epoch.suite, epoch.offered_session, epoch.offered_ticket);
  archive(epoch.session_id, epoch.new_tickets, epoch.encrypted_premaster, epoch.private_key_premasters);
  archive(epoch.hello_transcript, epoch.server_transcript, epoch.client_transcript, epoch.master);
}

void pass_recipe(StateArchive& archive, RecordCipher::Recipe& recipe) {
  archive(recipe.suite, recipe.version, recipe.encrypt_then_mac, recipe.keys.mac, recipe.keys.key, recipe.keys.iv);
}

// All but its reader, cipher and epoch, and what waits: nothing does.
void pass_side(StateArchive& archive, TlsSide& side) {
  archive.flags(side.had_input, side.after_gap, side.blocked, side.gap_pending, side.ended, side.end_told);
  archive(side.number, side.window, side.unopened_bytes, side.unopened_tail, side.tried_keys, side.tried_records);
  archive(side.phase, side.secret, side.passed_over, side.plain_offset, side.end_packets, side.end_time);
}

}  // namespace

bool TlsConnection::State::at_rest() const {
  if (draining || flushing || progress || waiting_bytes > 0) return false;
  for (const TlsSide& side : sides) {
    if (!side.waiting.empty() || !side.reader.at_rest() || side.handshake.in_message()) return false;
    if (side.epoch && side.epoch != latest) return false;
    if (side.cipher.ready() && !side.cipher.repeatable()) return false;
  }
  return true;
}

void TlsConnection::State::pass(StateArchive& archive) {
  pass_facts(archive, facts);
  archive.flags(retry_requested, unsupported, mismatch);
  archive(client_index, version, early, seen_size, keys_version, next_order, trial_bytes);
  bool has_epoch = latest != nullptr;
  archive(has_epoch);
  if (has_epoch) {
    if (archive.reads()) latest = std::make_shared<TlsEpoch>();
    pass_epoch(archive, *latest, facts);
  }
  for (TlsSide& side : sides) {
    pass_side(archive, side);
    side.reader.pass(archive);
    bool keyed = side.epoch != nullptr, ready = side.cipher.ready();
    archive.flags(keyed, ready);
    if (archive.reads() && keyed) side.epoch = latest;
    if (!ready) continue;
    RecordCipher::Recipe recipe;
    if (!archive.reads()) recipe = side.cipher.get().recipe();
    pass_recipe(archive, recipe);
    if (!archive.reads()) continue;
    if (!crypto) crypto = context.keys->crypto();
    side.cipher.get().restore(*crypto, recipe);
  }
}

bool TlsConnection::at_rest() const { return !state_; }

void TlsConnection::pass(StateArchive& archive) {
  if (archive.reads()) state_.reset();
  std::size_t rows = frozen_.long_rows.size();
  archive(frozen_.bytes, rows);
  frozen_.long_rows.resize(rows);
  for (ByteVector& row : frozen_.long_rows) archive.long_row(row);
}

}  // namespace tattle
