#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "decrypt/keys/cipher_suites.h"
#include "decrypt/keys/crypto_library.h"
#include "decrypt/keys/key_store.h"

namespace tattle {

/// What one handshake agreed on. A connection has another one for each renegotiation (up to TLS 1.2).
struct TlsEpoch {
  bool client_hello = false, server_hello = false;
  bool full_handshake = false;  // a Certificate, ServerHelloDone or ClientKeyExchange was seen: not resumed
  ByteVector client_random, server_random;
  std::uint16_t version = 0;
  const CipherSuite* suite = nullptr;
  bool supported = false;
  bool extended_master_secret = false, encrypt_then_mac = false;
  ByteVector offered_session, offered_ticket, session_id;
  std::vector<ByteVector> new_tickets;

  // For RSA key exchange.
  ByteVector encrypted_premaster;
  std::optional<std::vector<ByteVector>> private_key_premasters;
  ByteVector hello_transcript, server_transcript, client_transcript;

  ByteVector master;  // the one that fits; empty while unknown
};

/// A master secret that may be a handshake's, and the label of the secret that it comes from.
struct MasterCandidate {
  ByteVector master;
  std::string_view label;
};

/// All that the store has for a handshake up to TLS 1.2 or DTLS 1.2; a record's MAC or tag decides which it is.
std::vector<MasterCandidate> master_candidates(const KeyStore& keys, const CryptoLibrary& crypto, TlsEpoch& epoch);

}  // namespace tattle
