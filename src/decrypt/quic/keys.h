#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "decrypt/keys/crypto_library.h"

namespace tattle {

/// Removes header protection of one direction at one encryption level (RFC 9001 section 5.4).
class QuicHeaderKey {
 public:
  /// Returns false when this OpenSSL lacks the cipher.
  bool init(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint32_t version, Bytes secret);
  bool ready() const { return context_ != nullptr; }
  /// The mask for a 16-byte sample: of the first byte, then of up to 4 bytes of packet number.
  bool mask(Bytes sample, std::array<std::uint8_t, 5>& mask);

 private:
  CipherContext context_;
  bool chacha_ = false;
};

/// Opens packets of one direction under one set of keys (RFC 9001 section 5.3).
class QuicPacketKey {
 public:
  bool init(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint32_t version, Bytes secret);
  bool ready() const { return context_ != nullptr; }
  void reset() { context_.reset(); }
  /// @param header  From the first byte up to the packet number, unprotected.
  /// @param sealed  What follows, with its tag.
  /// @param plain   Lives in `buffer`.
  bool open(std::uint64_t number, Bytes header, Bytes sealed, ByteVector& buffer, Bytes& plain);

 private:
  CipherContext context_;
  const BulkInfo* bulk_ = nullptr;
  std::array<std::uint8_t, 12> iv_{};
};

struct QuicInitialSecrets {
  ByteVector client, server;
};
/// Secrets of Initial packets, from the destination connection id of the client's first one.
/// Sources: RFC 9001 section 5.2, RFC 9369 section 3.3.
QuicInitialSecrets quic_initial_secrets(const CryptoLibrary& crypto, std::uint32_t version, Bytes destination);
/// AEAD_AES_128_GCM with SHA-256, which protects Initial packets.
const CipherSuite& quic_initial_suite();

/// The secret after a key update (RFC 9001 section 6.1).
ByteVector next_quic_secret(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint32_t version, Bytes secret);

/// Whether a Retry packet answers an Initial with this destination connection id (RFC 9001 section 5.8).
/// @param without_tag  The packet up to its tag.
bool is_retry_of(const CryptoLibrary& crypto, std::uint32_t version, Bytes original, Bytes without_tag, Bytes tag);

}  // namespace tattle
