#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"

namespace tattle {

class CryptoLibrary;

/// TLS secrets of one run: NSS key log lines, RSA premaster secrets and server private keys. A multimap: several
/// secrets may claim one client random; the cipher's tag decides. Copies are cheap (they
/// share what they hold until one is added to); workers read immutable snapshots.
class KeyStore {
 public:
  KeyStore();
  KeyStore(const KeyStore&);
  KeyStore(KeyStore&&) noexcept;
  KeyStore& operator=(KeyStore);
  ~KeyStore();

  struct Counts {
    std::uint64_t added = 0;    // lines that hold a secret
    std::uint64_t skipped = 0;  // lines that are neither a comment nor a secret
    std::uint64_t over_limit = 0;
  };
  /// Reads NSS key log text (SSLKEYLOGFILE; labels CLIENT_RANDOM, RSA, RSA Session-ID, *_TRAFFIC_SECRET*, …).
  /// Source: draft-ietf-tls-keylogfile.
  Counts add_key_log(Bytes text, const Limits& limits);

  /// Adds a server's RSA private key. Returns false when the text is not an unencrypted PEM private key.
  bool add_private_key(std::string_view pem);
  bool has_private_keys() const;
  /// Whether there are private keys or premaster secrets: these open a session's first connection only, so the others
  /// need its master secret.
  bool opens_key_exchanges() const;

  /// Remembers a session's master secret by session id or ticket, so that resumed sessions can be read.
  void add_session(Bytes session_id_or_ticket, Bytes master_secret);

  /// Secrets for a label (`CLIENT_RANDOM`, `SERVER_HANDSHAKE_TRAFFIC_SECRET`, …) and a client random, in the order
  /// in which they were added. They live until the store is next added to, or ends.
  std::vector<Bytes> secrets(std::string_view label, Bytes client_random) const;
  /// Premaster secrets of `RSA` lines whose first 8 encrypted bytes are these.
  std::vector<Bytes> premaster_secrets(Bytes encrypted_premaster) const;
  /// Decrypts with each private key (RFC 5246 section 7.4.7.1); candidates, the Finished message decides.
  std::vector<ByteVector> decrypt_premaster(Bytes encrypted_premaster) const;
  std::vector<Bytes> session_secrets(Bytes session_id_or_ticket) const;

  std::uint64_t size() const;
  /// Whether any key log line is for this client random.
  bool knows(Bytes client_random) const;

  /// OpenSSL as used for these secrets; shared by all copies of a store, read only.
  const std::shared_ptr<const CryptoLibrary>& crypto() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
