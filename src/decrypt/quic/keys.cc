#include "decrypt/quic/keys.h"

#include <openssl/err.h>

#include <algorithm>
#include <string_view>

#include "decrypt/keys/aead.h"
#include "decrypt/quic/packet.h"

namespace tattle {
namespace {

// What each version derives its keys with. Sources: RFC 9001 sections 5.2 and 5.8, RFC 9369 section 3.3,
// draft-ietf-quic-tls-27 and -29.
struct Scheme {
  std::array<std::uint8_t, 20> salt;
  std::array<std::uint8_t, 16> retry_key;
  std::array<std::uint8_t, 12> retry_nonce;
  std::string_view key = "quic key", iv = "quic iv", header = "quic hp", update = "quic ku";
};

constexpr Scheme kV1{{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                      0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
                     {0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a, 0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8, 0x4e},
                     {0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2, 0x23, 0x98, 0x25, 0xbb}};
constexpr Scheme kV2{{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                      0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
                     {0x8f, 0xb4, 0xb0, 0x1b, 0x56, 0xac, 0x48, 0xe2, 0x60, 0xfb, 0xcb, 0xce, 0xad, 0x7c, 0xcc, 0x92},
                     {0xd8, 0x69, 0x69, 0xbc, 0x2d, 0x7c, 0x6d, 0x99, 0x90, 0xef, 0xb0, 0x4a},
                     "quicv2 key",
                     "quicv2 iv",
                     "quicv2 hp",
                     "quicv2 ku"};
constexpr Scheme kDraft29{
    {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
     0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99},
    {0xcc, 0xce, 0x18, 0x7e, 0xd0, 0x9a, 0x09, 0xd0, 0x57, 0x28, 0x15, 0x5a, 0x6c, 0xb9, 0x6b, 0xe1},
    {0xe5, 0x49, 0x30, 0xf9, 0x7f, 0x21, 0x36, 0xf0, 0x53, 0x0a, 0x8c, 0x1c}};
constexpr Scheme kDraft27{
    {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
     0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02},
    {0x4d, 0x32, 0xec, 0xdb, 0x2a, 0x21, 0x33, 0xc8, 0x41, 0xe4, 0x04, 0x3d, 0xf2, 0x7d, 0x44, 0x30},
    {0x4d, 0x16, 0x11, 0xd0, 0x55, 0x13, 0xa5, 0x52, 0xc5, 0x87, 0xd5, 0x75}};

const Scheme& scheme(std::uint32_t version) {
  if (version == kQuicV2) return kV2;
  if (version >= 0xff00001d && version <= 0xff000020) return kDraft29;
  if (version >= 0xff00001b && version <= 0xff00001c) return kDraft27;
  return kV1;
}

}  // namespace

bool QuicHeaderKey::init(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint32_t version, Bytes secret) {
  context_.reset();
  const EVP_CIPHER* cipher = crypto.header_cipher(suite.bulk);
  const ByteVector key = crypto.hkdf_expand_label(suite.prf, secret, scheme(version).header, bulk_info(suite.bulk).key);
  if (!cipher || key.empty()) return false;
  chacha_ = suite.bulk == Bulk::chacha20_poly1305;
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!context || EVP_EncryptInit_ex2(context.get(), cipher, key.data(), nullptr, nullptr) != 1) {
    ERR_clear_error();
    return false;
  }
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  context_ = std::move(context);
  return true;
}

bool QuicHeaderKey::mask(Bytes sample, std::array<std::uint8_t, 5>& mask) {
  if (!context_ || sample.size() != 16) return false;
  int size = 0;
  if (chacha_) {  // OpenSSL's IV is the block counter and the nonce, as the sample is
    constexpr std::array<std::uint8_t, 5> kZeros{};
    return EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, sample.data(), nullptr) == 1 &&
           EVP_EncryptUpdate(context_.get(), mask.data(), &size, kZeros.data(), 5) == 1;
  }
  std::array<std::uint8_t, 32> block{};
  if (EVP_EncryptUpdate(context_.get(), block.data(), &size, sample.data(), 16) != 1) return false;
  std::copy_n(block.begin(), mask.size(), mask.begin());
  return true;
}

bool QuicPacketKey::init(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint32_t version, Bytes secret) {
  context_.reset();
  bulk_ = &bulk_info(suite.bulk);
  const EVP_CIPHER* cipher = crypto.cipher(suite.bulk);
  const ByteVector key = crypto.hkdf_expand_label(suite.prf, secret, scheme(version).key, bulk_->key);
  const ByteVector iv = crypto.hkdf_expand_label(suite.prf, secret, scheme(version).iv, iv_.size());
  if (!cipher || key.empty() || iv.empty()) return false;
  std::ranges::copy(iv, iv_.begin());
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!context || !key_cipher(context.get(), cipher, *bulk_, key)) {
    ERR_clear_error();
    return false;
  }
  context_ = std::move(context);
  return true;
}

bool QuicPacketKey::open(std::uint64_t number, Bytes header, Bytes sealed, ByteVector& buffer, Bytes& plain) {
  if (!context_ || sealed.size() < bulk_->tag) return false;
  std::array<std::uint8_t, 12> nonce = iv_;
  for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  const Bytes content = sealed.first(sealed.size() - bulk_->tag);
  if (buffer.size() < content.size() + 16) buffer.resize(content.size() + 16);
  if (!open_aead_with(context_.get(), *bulk_, {nonce, header, content, sealed.last(bulk_->tag)}, buffer.data())) {
    ERR_clear_error();
    return false;
  }
  plain = Bytes(buffer).first(content.size());
  return true;
}

const CipherSuite& quic_initial_suite() {
  static constexpr CipherSuite kSuite{0x1301, Kx::tls13, Bulk::aes_128_gcm, Hash::none, Hash::sha256};
  return kSuite;
}

QuicInitialSecrets quic_initial_secrets(const CryptoLibrary& crypto, std::uint32_t version, Bytes destination) {
  const ByteVector initial = crypto.hkdf_extract(Hash::sha256, scheme(version).salt, destination);
  return {crypto.hkdf_expand_label(Hash::sha256, initial, "client in", 32),
          crypto.hkdf_expand_label(Hash::sha256, initial, "server in", 32)};
}

ByteVector next_quic_secret(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint32_t version,
                            Bytes secret) {
  return crypto.hkdf_expand_label(suite.prf, secret, scheme(version).update, secret.size());
}

bool is_retry_of(const CryptoLibrary& crypto, std::uint32_t version, Bytes original, Bytes without_tag, Bytes tag) {
  CipherContext context(EVP_CIPHER_CTX_new());
  const BulkInfo& bulk = bulk_info(Bulk::aes_128_gcm);
  const Scheme& keys = scheme(version);
  if (!context || !key_cipher(context.get(), crypto.cipher(Bulk::aes_128_gcm), bulk, keys.retry_key)) return false;
  ByteVector pseudo{static_cast<std::uint8_t>(original.size())};
  pseudo.insert(pseudo.end(), original.begin(), original.end());
  pseudo.insert(pseudo.end(), without_tag.begin(), without_tag.end());
  std::array<std::uint8_t, 16> nothing{};
  const bool good = open_aead_with(context.get(), bulk, {keys.retry_nonce, pseudo, {}, tag}, nothing.data());
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace tattle
