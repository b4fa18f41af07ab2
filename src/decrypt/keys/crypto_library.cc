#include "decrypt/keys/crypto_library.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <new>

namespace tattle {
namespace {

using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;

constexpr std::array<const char*, static_cast<std::size_t>(Hash::count)> kDigestNames{nullptr,    "MD5",    "SHA1",
                                                                                      "MD5-SHA1", "SHA256", "SHA384"};

const char* digest_name(Hash hash) { return kDigestNames[static_cast<std::size_t>(hash)]; }

OSSL_PARAM octets(const char* name, Bytes bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}
OSSL_PARAM utf8(const char* name, const char* text) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0);
}

// A key that asks for a passphrase is not readable; without this OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

ByteVector derive(EVP_KDF* kdf, const OSSL_PARAM* params, std::size_t size) {
  KdfContext context(kdf ? EVP_KDF_CTX_new(kdf) : nullptr);
  ByteVector derived(size);
  if (!context || EVP_KDF_derive(context.get(), derived.data(), size, params) != 1) {
    ERR_clear_error();
    return {};
  }
  return derived;
}

}  // namespace

CryptoLibrary::CryptoLibrary() : context_(OSSL_LIB_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  default_provider_ = OSSL_PROVIDER_load(context_, "default");
  legacy_provider_ = OSSL_PROVIDER_load(context_, "legacy");
  for (std::size_t i = 0; i < ciphers_.size(); ++i) {
    const char* name = bulk_info(static_cast<Bulk>(i)).name;
    if (name) ciphers_[i] = EVP_CIPHER_fetch(context_, name, nullptr);
  }
  for (std::size_t i = 0; i < digests_.size(); ++i) {
    if (kDigestNames[i]) digests_[i] = EVP_MD_fetch(context_, kDigestNames[i], nullptr);
  }
  constexpr std::array<const char*, 3> kHeaderCiphers{"AES-128-ECB", "AES-256-ECB", "ChaCha20"};
  for (std::size_t i = 0; i < kHeaderCiphers.size(); ++i) {
    header_ciphers_[i] = EVP_CIPHER_fetch(context_, kHeaderCiphers[i], nullptr);
  }
  hmac_ = EVP_MAC_fetch(context_, "HMAC", nullptr);
  tls_prf_ = EVP_KDF_fetch(context_, "TLS1-PRF", nullptr);
  tls13_kdf_ = EVP_KDF_fetch(context_, "TLS13-KDF", nullptr);
  ERR_clear_error();
}

CryptoLibrary::~CryptoLibrary() {
  EVP_KDF_free(tls13_kdf_);
  EVP_KDF_free(tls_prf_);
  EVP_MAC_free(hmac_);
  for (EVP_MD* digest : digests_) EVP_MD_free(digest);
  for (EVP_CIPHER* cipher : ciphers_) EVP_CIPHER_free(cipher);
  for (EVP_CIPHER* cipher : header_ciphers_) EVP_CIPHER_free(cipher);
  if (legacy_provider_) OSSL_PROVIDER_unload(legacy_provider_);
  if (default_provider_) OSSL_PROVIDER_unload(default_provider_);
  OSSL_LIB_CTX_free(context_);
}

const EVP_CIPHER* CryptoLibrary::header_cipher(Bulk bulk) const {
  switch (bulk) {
    case Bulk::aes_128_gcm:
    case Bulk::aes_128_ccm:
      return header_ciphers_[0];
    case Bulk::aes_256_gcm:
    case Bulk::aes_256_ccm:
      return header_ciphers_[1];
    case Bulk::chacha20_poly1305:
      return header_ciphers_[2];
    default:
      return nullptr;
  }
}

ByteVector CryptoLibrary::hkdf_extract(Hash hash, Bytes salt, Bytes secret) const {
  MacContext mac = hmac(hash, salt);
  ByteVector result(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  const bool good = mac && EVP_MAC_update(mac.get(), secret.data(), secret.size()) == 1 &&
                    EVP_MAC_final(mac.get(), result.data(), &size, result.size()) == 1;
  result.resize(good ? size : 0);
  return result;
}

MacContext CryptoLibrary::hmac(Hash hash, Bytes key) const {
  MacContext mac(EVP_MAC_CTX_new(hmac_));
  const OSSL_PARAM params[] = {utf8(OSSL_MAC_PARAM_DIGEST, digest_name(hash)), OSSL_PARAM_construct_end()};
  if (!mac || EVP_MAC_init(mac.get(), key.data(), key.size(), params) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return mac;
}

ByteVector CryptoLibrary::digest(Hash hash, std::initializer_list<Bytes> parts) const {
  DigestContext context(EVP_MD_CTX_new());
  ByteVector result(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  bool good = context && EVP_DigestInit_ex2(context.get(), digest(hash), nullptr) == 1;
  for (Bytes part : parts) good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  good = good && EVP_DigestFinal_ex(context.get(), result.data(), &size) == 1;
  result.resize(good ? size : 0);
  return result;
}

ByteVector CryptoLibrary::tls_prf(Hash hash, Bytes secret, std::string_view label, Bytes seed, std::size_t size) const {
  const OSSL_PARAM params[] = {utf8(OSSL_KDF_PARAM_DIGEST, digest_name(hash)), octets(OSSL_KDF_PARAM_SECRET, secret),
                               octets(OSSL_KDF_PARAM_SEED, as_bytes(label)), octets(OSSL_KDF_PARAM_SEED, seed),
                               OSSL_PARAM_construct_end()};
  return derive(tls_prf_, params, size);
}

ByteVector CryptoLibrary::hkdf_expand_label(Hash hash, Bytes secret, std::string_view label, std::size_t size) const {
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const OSSL_PARAM params[] = {utf8(OSSL_KDF_PARAM_DIGEST, digest_name(hash)),
                               OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                               octets(OSSL_KDF_PARAM_KEY, secret),
                               octets(OSSL_KDF_PARAM_PREFIX, as_bytes("tls13 ")),
                               octets(OSSL_KDF_PARAM_LABEL, as_bytes(label)),
                               OSSL_PARAM_construct_end()};
  return derive(tls13_kdf_, params, size);
}

PrivateKey CryptoLibrary::read_private_key(std::string_view pem) const {
  if (pem.size() > (1u << 20)) return nullptr;
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  PrivateKey key(bio ? PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, no_passphrase, nullptr, context_, nullptr)
                     : nullptr);
  ERR_clear_error();
  return key;
}

ByteVector CryptoLibrary::rsa_decrypt(EVP_PKEY* key, Bytes encrypted) const {
  // Padding is taken off here: OpenSSL may answer bad padding with invented bytes (implicit rejection).
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(context_, key, nullptr));
  ByteVector block(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = block.size();
  const bool good = context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1 &&
                    EVP_PKEY_decrypt(context.get(), block.data(), &size, encrypted.data(), encrypted.size()) == 1;
  ERR_clear_error();
  if (!good || size < 11 || block[0] != 0 || block[1] != 2) return {};
  block.resize(size);
  const auto zero = std::find(block.begin() + 2, block.end(), std::uint8_t{0});
  if (zero == block.end() || zero - block.begin() < 10) return {};
  return ByteVector(zero + 1, block.end());
}

}  // namespace tattle
