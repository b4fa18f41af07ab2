#include "decrypt/tls/record_cipher.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "decrypt/keys/aead.h"

namespace tattle {
namespace {

using Mode = BulkInfo::Mode;

void put_be(std::uint8_t* out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) out[i] = static_cast<std::uint8_t>(value);
}

}  // namespace

bool RecordCipher::init(const CryptoLibrary& crypto, const CipherSuite& suite, std::uint16_t version,
                        bool encrypt_then_mac, const TrafficKeys& keys) {
  restore(crypto, {&suite, version, encrypt_then_mac, keys});
  ready_ = false;
  if (keys.key.size() != bulk_->key || keys.mac.size() != mac_size_) return false;
  return ready_ = make_contexts();
}

void RecordCipher::restore(const CryptoLibrary& crypto, const Recipe& recipe) {
  bulk_ = &bulk_info(recipe.suite->bulk);
  version_ = recipe.version;
  keys_ = recipe.keys;
  chain_known_ = true;
  digest_ = crypto.digest(recipe.suite->mac);
  mac_size_ = digest_ ? static_cast<std::size_t>(EVP_MD_get_size(digest_)) : 0;
  // RFC 7366: only CBC suites do it, whatever was negotiated.
  encrypt_then_mac_ = recipe.encrypt_then_mac && bulk_->mode == Mode::cbc;
  crypto_ = &crypto;
  suite_ = recipe.suite;
  ready_ = released_ = true;
}

bool RecordCipher::make_contexts() {
  released_ = false;
  if (suite_->mac != Hash::none) {
    if (!digest_) return false;
    if (version_ > 0x0300 && !(mac_ = crypto_->hmac(suite_->mac, keys_.mac))) return false;
    if (version_ <= 0x0300) ssl3_.reset(EVP_MD_CTX_new());
  }
  if (bulk_->mode == Mode::null) return true;
  const EVP_CIPHER* cipher = crypto_->cipher(suite_->bulk);
  cipher_.reset(cipher ? EVP_CIPHER_CTX_new() : nullptr);
  if (!cipher_) return false;
  const bool good = key_cipher(cipher_.get(), cipher, *bulk_, keys_.key);
  if (bulk_->mode == Mode::cbc) EVP_CIPHER_CTX_set_padding(cipher_.get(), 0);
  if (!good) ERR_clear_error();
  return good;
}

void RecordCipher::release() {
  if (!ready_ || bulk_->mode == Mode::stream) return;
  cipher_.reset();
  mac_.reset();
  ssl3_.reset();
  released_ = true;
}

std::optional<std::uint64_t> RecordCipher::open(std::uint64_t first, std::uint64_t tries, const SealedRecord& record,
                                                ByteVector& buffer, Bytes& plain) {
  if (!ready_) return std::nullopt;
  if (released_ && !(ready_ = make_contexts())) return std::nullopt;
  if (buffer.size() < record.body.size() + 64) buffer.resize(record.body.size() + 64);
  std::optional<std::uint64_t> fits;
  if (mac_size_ == 0) {
    fits = open_aead(first, tries, record, buffer, plain);
  } else if (encrypt_then_mac_) {
    fits = open_then_mac(first, tries, record, buffer, plain);
  } else {
    fits = open_mac(first, tries, record, buffer, plain);
  }
  if (!fits) ERR_clear_error();
  return fits;
}

std::optional<std::uint64_t> RecordCipher::open_aead(std::uint64_t first, std::uint64_t tries,
                                                     const SealedRecord& record, ByteVector& buffer, Bytes& plain) {
  const bool explicit_nonce = version_ < 0x0304 && bulk_->mode != Mode::chacha;
  const std::size_t nonce_size = explicit_nonce ? 8 : 0;
  if (record.body.size() < nonce_size + bulk_->tag) return std::nullopt;
  const Bytes sealed = record.body.subspan(nonce_size, record.body.size() - nonce_size - bulk_->tag);
  const Bytes tag = record.body.last(bulk_->tag);
  for (std::uint64_t number = first; number - first < tries; ++number) {
    std::array<std::uint8_t, 12> nonce{};
    if (explicit_nonce) {
      std::ranges::copy(keys_.iv, nonce.begin());
      std::ranges::copy(record.body.first(8), nonce.begin() + 4);
    } else {
      put_be(nonce.data() + 4, number, 8);
      for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] ^= keys_.iv[i];
    }
    if (!try_aead(number, record, nonce, sealed, tag, buffer.data())) continue;
    plain = Bytes(buffer).first(sealed.size());
    return number;
  }
  return std::nullopt;
}

bool RecordCipher::try_aead(std::uint64_t number, const SealedRecord& record, Bytes nonce, Bytes sealed, Bytes tag,
                            std::uint8_t* out) {
  std::array<std::uint8_t, 13> aad{};
  std::size_t aad_size = 5;
  if (version_ >= 0x0304) {  // RFC 8446 section 5.2: the record's header
    aad[0] = record.type;
    put_be(aad.data() + 1, record.version, 2);
    put_be(aad.data() + 3, record.body.size(), 2);
  } else {  // RFC 5246 section 6.2.3.3
    put_be(aad.data(), number, 8);
    aad[8] = record.type;
    put_be(aad.data() + 9, record.version, 2);
    put_be(aad.data() + 11, sealed.size(), 2);
    aad_size = 13;
  }
  return open_aead_with(cipher_.get(), *bulk_, {nonce, Bytes(aad).first(aad_size), sealed, tag}, out);
}

// Decrypts body (with its explicit IV, if any) into buffer; `inner` is what follows the IV. Always advances the chain.
bool RecordCipher::decrypt_cbc(Bytes body, ByteVector& buffer, Bytes& inner) {
  const std::size_t block = bulk_->block;
  const bool explicit_iv = version_ >= 0x0302;
  if (body.empty() || body.size() % block != 0 || (explicit_iv && body.size() < 2 * block)) return false;
  bool good = explicit_iv || chain_known_;
  const Bytes iv = explicit_iv ? body.first(block) : Bytes(keys_.iv);
  const Bytes sealed = explicit_iv ? body.subspan(block) : body;
  int size = 0;
  good = good && iv.size() == block && EVP_DecryptInit_ex2(cipher_.get(), nullptr, nullptr, iv.data(), nullptr) == 1 &&
         EVP_DecryptUpdate(cipher_.get(), buffer.data(), &size, sealed.data(), static_cast<int>(sealed.size())) == 1 &&
         static_cast<std::size_t>(size) == sealed.size();
  if (!explicit_iv) {
    keys_.iv.assign(body.end() - static_cast<std::ptrdiff_t>(block), body.end());
    chain_known_ = true;
  }
  if (good) inner = Bytes(buffer).first(sealed.size());
  return good;
}

bool RecordCipher::strip_padding(Bytes& inner) const {
  if (inner.empty()) return false;
  const std::size_t padding = inner.back();
  if (padding + 1 > inner.size()) return false;
  if (version_ <= 0x0300) {  // RFC 6101 section 5.2.3.2: any bytes, but less than a block
    if (padding >= bulk_->block) return false;
  } else {
    for (std::uint8_t byte : inner.last(padding + 1)) {
      if (byte != padding) return false;
    }
  }
  inner = inner.first(inner.size() - padding - 1);
  return true;
}

// MAC-then-encrypt, RC4 and NULL.
std::optional<std::uint64_t> RecordCipher::open_mac(std::uint64_t first, std::uint64_t tries,
                                                    const SealedRecord& record, ByteVector& buffer, Bytes& plain) {
  Bytes inner;
  if (bulk_->mode == Mode::cbc) {
    if (!decrypt_cbc(record.body, buffer, inner) || !strip_padding(inner)) return std::nullopt;
  } else if (bulk_->mode == Mode::stream) {
    int size = 0;
    if (!chain_known_ || EVP_DecryptUpdate(cipher_.get(), buffer.data(), &size, record.body.data(),
                                           static_cast<int>(record.body.size())) != 1) {
      return std::nullopt;
    }
    inner = Bytes(buffer).first(record.body.size());
  } else {
    std::ranges::copy(record.body, buffer.begin());
    inner = Bytes(buffer).first(record.body.size());
  }
  if (inner.size() < mac_size_) return std::nullopt;
  const Bytes content = inner.first(inner.size() - mac_size_);
  const Bytes mac = inner.last(mac_size_);
  for (std::uint64_t number = first; number - first < tries; ++number) {
    if (!mac_fits(number, record, content, mac)) continue;
    plain = content;
    return number;
  }
  return std::nullopt;
}

// Encrypt-then-MAC (RFC 7366 section 3): the MAC is over what was sent, with its IV.
std::optional<std::uint64_t> RecordCipher::open_then_mac(std::uint64_t first, std::uint64_t tries,
                                                         const SealedRecord& record, ByteVector& buffer, Bytes& plain) {
  if (record.body.size() < mac_size_) return std::nullopt;
  const Bytes sealed = record.body.first(record.body.size() - mac_size_);
  const Bytes mac = record.body.last(mac_size_);
  Bytes inner;
  if (!decrypt_cbc(sealed, buffer, inner) || !strip_padding(inner)) return std::nullopt;
  for (std::uint64_t number = first; number - first < tries; ++number) {
    if (!mac_fits(number, record, sealed, mac)) continue;
    plain = inner;
    return number;
  }
  return std::nullopt;
}

bool RecordCipher::mac_fits(std::uint64_t number, const SealedRecord& record, Bytes content, Bytes mac) {
  std::array<std::uint8_t, 13> header{};
  put_be(header.data(), number, 8);
  header[8] = record.type;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> computed{};
  if (version_ <= 0x0300) {  // without the version
    put_be(header.data() + 9, content.size(), 2);
    if (!ssl3_mac(Bytes(header).first(11), content, computed.data())) return false;
  } else {
    put_be(header.data() + 9, record.version, 2);
    put_be(header.data() + 11, content.size(), 2);
    std::size_t size = 0;
    if (EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(mac_.get(), header.data(), header.size()) != 1 ||
        EVP_MAC_update(mac_.get(), content.data(), content.size()) != 1 ||
        EVP_MAC_final(mac_.get(), computed.data(), &size, computed.size()) != 1) {
      return false;
    }
  }
  return std::memcmp(computed.data(), mac.data(), mac.size()) == 0;
}

// hash(secret + pad2 + hash(secret + pad1 + header + content)), RFC 6101 section 5.2.3.1.
bool RecordCipher::ssl3_mac(Bytes header, Bytes content, std::uint8_t* out) {
  const std::size_t pad_size = mac_size_ == 16 ? 48 : 40;
  std::array<std::uint8_t, 48> pad{};
  EVP_MD_CTX* context = ssl3_.get();
  pad.fill(0x36);
  if (!context || EVP_DigestInit_ex2(context, digest_, nullptr) != 1 ||
      EVP_DigestUpdate(context, keys_.mac.data(), keys_.mac.size()) != 1 ||
      EVP_DigestUpdate(context, pad.data(), pad_size) != 1 ||
      EVP_DigestUpdate(context, header.data(), header.size()) != 1 ||
      EVP_DigestUpdate(context, content.data(), content.size()) != 1 ||
      EVP_DigestFinal_ex(context, out, nullptr) != 1) {
    return false;
  }
  pad.fill(0x5c);
  return EVP_DigestInit_ex2(context, digest_, nullptr) == 1 &&
         EVP_DigestUpdate(context, keys_.mac.data(), keys_.mac.size()) == 1 &&
         EVP_DigestUpdate(context, pad.data(), pad_size) == 1 && EVP_DigestUpdate(context, out, mac_size_) == 1 &&
         EVP_DigestFinal_ex(context, out, nullptr) == 1;
}

void RecordCipher::skip(std::uint64_t length, Bytes tail) {
  if (!ready_) return;
  if (bulk_->mode == Mode::cbc && version_ < 0x0302) {
    // With encrypt-then-MAC the record ends in its MAC, before that the last block.
    const std::size_t after = encrypt_then_mac_ ? mac_size_ : 0;
    chain_known_ = tail.size() >= after + bulk_->block;
    if (chain_known_) {
      const Bytes last = tail.first(tail.size() - after).last(bulk_->block);
      keys_.iv.assign(last.begin(), last.end());
    }
  }
  if (bulk_->mode == Mode::stream) {
    std::array<std::uint8_t, 4096> ignored{};
    while (length > 0) {
      const int step = static_cast<int>(std::min<std::uint64_t>(length, ignored.size()));
      int size = 0;
      EVP_DecryptUpdate(cipher_.get(), ignored.data(), &size, ignored.data(), step);
      length -= static_cast<std::uint64_t>(step);
    }
  }
}

void RecordCipher::lose_track() { chain_known_ = chain_known_ && ready_ && bulk_->mode == Mode::null; }

}  // namespace tattle
