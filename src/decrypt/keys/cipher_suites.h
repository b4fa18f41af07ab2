#pragma once

#include <cstdint>

namespace tattle {

/// How the premaster secret is agreed on, as far as a reader without the parties' cooperation can use it.
enum class Kx : std::uint8_t {
  rsa,    // sent under the server's RSA key: a private key or an `RSA` line opens it
  other,  // needs a logged secret
  tls13,  // the suite says nothing about it
};

enum class Bulk : std::uint8_t {
  null,
  rc4_128,
  des_cbc,
  triple_des_cbc,
  idea_cbc,
  seed_cbc,
  aes_128_cbc,
  aes_256_cbc,
  camellia_128_cbc,
  camellia_256_cbc,
  aria_128_cbc,
  aria_256_cbc,
  aes_128_gcm,
  aes_256_gcm,
  aria_128_gcm,
  aria_256_gcm,
  aes_128_ccm,
  aes_256_ccm,
  aes_128_ccm_8,
  aes_256_ccm_8,
  chacha20_poly1305,
  count,
};

enum class Hash : std::uint8_t { none, md5, sha1, md5_sha1, sha256, sha384, count };

struct CipherSuite {
  std::uint16_t id = 0;
  Kx kx = Kx::other;
  Bulk bulk = Bulk::null;
  Hash mac = Hash::none;    // none: AEAD
  Hash prf = Hash::sha256;  // of TLS 1.2 and 1.3; older versions have their own
};

/// What OpenSSL must be asked for, and the sizes of keys, in bytes.
struct BulkInfo {
  enum class Mode : std::uint8_t { null, stream, cbc, gcm, ccm, chacha };
  const char* name = nullptr;  // for EVP_CIPHER_fetch
  Mode mode = Mode::null;
  std::uint8_t key = 0;
  std::uint8_t block = 0;  // CBC: size of a block and of an IV
  std::uint8_t tag = 0;    // AEAD
};
const BulkInfo& bulk_info(Bulk bulk);

/// The suite with this number, or null when it is not read (export suites, GOST, SM4, Camellia-GCM, …).
/// Source: IANA TLS Cipher Suites registry.
const CipherSuite* find_cipher_suite(std::uint16_t id);

}  // namespace tattle
