#include "decrypt/tls/epoch.h"

#include "decrypt/keys/key_schedule.h"

namespace tattle {

std::vector<MasterCandidate> master_candidates(const KeyStore& keys, const CryptoLibrary& crypto, TlsEpoch& epoch) {
  std::vector<MasterCandidate> candidates;
  auto add_masters = [&](const std::vector<Bytes>& masters, std::string_view label) {
    for (Bytes master : masters) candidates.push_back({ByteVector(master.begin(), master.end()), label});
  };
  auto add_premaster = [&](Bytes premaster, std::string_view label) {
    const HandshakeRandoms randoms{epoch.client_random, epoch.server_random};
    if (!epoch.extended_master_secret) {
      candidates.push_back({master_secret(crypto, epoch.version, *epoch.suite, premaster, randoms), label});
    } else if (!epoch.hello_transcript.empty()) {
      ByteVector transcript = epoch.hello_transcript;
      transcript.insert(transcript.end(), epoch.server_transcript.begin(), epoch.server_transcript.end());
      transcript.insert(transcript.end(), epoch.client_transcript.begin(), epoch.client_transcript.end());
      candidates.push_back({extended_master_secret(crypto, epoch.version, *epoch.suite, premaster, transcript), label});
    }
  };
  add_masters(keys.secrets("CLIENT_RANDOM", epoch.client_random), "CLIENT_RANDOM");
  for (Bytes premaster : keys.secrets("PMS_CLIENT_RANDOM", epoch.client_random)) {
    add_premaster(premaster, "PMS_CLIENT_RANDOM");
  }
  if (!epoch.encrypted_premaster.empty()) {
    for (Bytes premaster : keys.premaster_secrets(epoch.encrypted_premaster)) add_premaster(premaster, "RSA");
    if (!epoch.private_key_premasters) epoch.private_key_premasters = keys.decrypt_premaster(epoch.encrypted_premaster);
    for (const ByteVector& premaster : *epoch.private_key_premasters) add_premaster(premaster, "private-key");
  }
  if (!epoch.full_handshake) {
    add_masters(keys.session_secrets(epoch.session_id), "session");
    add_masters(keys.session_secrets(epoch.offered_ticket), "session");
  }
  return candidates;
}

}  // namespace tattle
