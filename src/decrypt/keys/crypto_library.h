#pragma once

#include <openssl/evp.h>
#include <openssl/types.h>

#include <array>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "decrypt/keys/cipher_suites.h"

namespace tattle {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freer<EVP_MAC_CTX_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

/// OpenSSL in a library context of its own: every algorithm is fetched once, then shared read only by all threads.
/// RC4, DES, IDEA and SEED come from the legacy provider and are absent where that is not installed.
class CryptoLibrary {
 public:
  CryptoLibrary();
  ~CryptoLibrary();
  CryptoLibrary(const CryptoLibrary&) = delete;
  CryptoLibrary& operator=(const CryptoLibrary&) = delete;

  /// Null when this OpenSSL has none.
  const EVP_CIPHER* cipher(Bulk bulk) const { return ciphers_[static_cast<std::size_t>(bulk)]; }
  /// The cipher of QUIC's header protection for a suite of this AEAD (RFC 9001 section 5.4); null when it has none.
  const EVP_CIPHER* header_cipher(Bulk bulk) const;
  const EVP_MD* digest(Hash hash) const { return digests_[static_cast<std::size_t>(hash)]; }

  /// HMAC, keyed; null on failure. EVP_MAC_init with a null key starts it anew.
  MacContext hmac(Hash hash, Bytes key) const;
  /// HKDF-Extract (RFC 5869 section 2.2).
  ByteVector hkdf_extract(Hash hash, Bytes salt, Bytes secret) const;
  /// Digest of the parts one after the other.
  ByteVector digest(Hash hash, std::initializer_list<Bytes> parts) const;
  /// TLS PRF of RFC 2246 (Hash::md5_sha1) or RFC 5246.
  ByteVector tls_prf(Hash hash, Bytes secret, std::string_view label, Bytes seed, std::size_t size) const;
  /// HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
  ByteVector hkdf_expand_label(Hash hash, Bytes secret, std::string_view label, std::size_t size) const;

  /// An unencrypted PEM private key, or null.
  PrivateKey read_private_key(std::string_view pem) const;
  /// RSA with PKCS #1 v1.5 padding; empty when the padding does not fit.
  ByteVector rsa_decrypt(EVP_PKEY* key, Bytes encrypted) const;

 private:
  OSSL_LIB_CTX* context_ = nullptr;
  OSSL_PROVIDER* default_provider_ = nullptr;
  OSSL_PROVIDER* legacy_provider_ = nullptr;
  std::array<EVP_CIPHER*, static_cast<std::size_t>(Bulk::count)> ciphers_{};
  std::array<EVP_MD*, static_cast<std::size_t>(Hash::count)> digests_{};
  std::array<EVP_CIPHER*, 3> header_ciphers_{};
  EVP_MAC* hmac_ = nullptr;
  EVP_KDF* tls_prf_ = nullptr;
  EVP_KDF* tls13_kdf_ = nullptr;
};

}  // namespace tattle
