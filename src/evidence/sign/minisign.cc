#include "evidence/sign/minisign.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace tattle {
namespace {

constexpr std::size_t kKeyFileBytes = 4096;  // of a key's file, which is about 300
constexpr std::size_t kIdBytes = 8, kKeyBytes = crypto_sign_SECRETKEYBYTES, kCheckBytes = 32;
// A hostile key file must not take the computer with it: the largest that minisign itself writes, and some.
constexpr std::uint64_t kMostOperations = 4 * crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE;
constexpr std::uint64_t kMostMemory = 2ull * crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE;
constexpr std::uint64_t kLeastMemory = crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_MIN;

using Checksum = std::array<std::uint8_t, kCheckBytes>;

// minisign: over the algorithm, the key id and the secret key.
Checksum checksum_of(Bytes id_and_key) {
  Checksum sum{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sum.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>("Ed"), 2);
  crypto_generichash_update(&state, id_and_key.data(), kIdBytes + kKeyBytes);
  crypto_generichash_final(&state, sum.data(), sum.size());
  sodium_memzero(&state, sizeof state);
  return sum;
}

/// Puts the password's key stream over `sealed`; the same call takes it off. False when memory is short.
bool cover(SecretBytes& sealed, const MinisignSecretFile& file, std::string_view password) {
  SecretBytes stream(sealed.size());
  if (crypto_pwhash_scryptsalsa208sha256(stream.data(), stream.size(), password.data(), password.size(),
                                         file.salt.data(), file.operations,
                                         static_cast<std::size_t>(file.memory_bytes)) != 0) {
    return false;
  }
  for (std::size_t i = 0; i < sealed.size(); ++i) sealed.data()[i] ^= stream.data()[i];
  return true;
}

std::array<std::uint8_t, 64> blake2b(Bytes message) {
  std::array<std::uint8_t, 64> hash{};
  crypto_generichash(hash.data(), hash.size(), message.data(), message.size(), nullptr, 0);
  return hash;
}

bool fits(const std::array<std::uint8_t, 64>& signature, Bytes message, const MinisignPublicKey& key) {
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.key.data()) == 0;
}

ByteVector signed_together(const MinisignSignature& signature) {
  ByteVector both(signature.signature.begin(), signature.signature.end());
  const Bytes comment = as_bytes(signature.trusted_comment);
  both.insert(both.end(), comment.begin(), comment.end());
  return both;
}

}  // namespace

MinisignSecretKey MinisignSecretKey::generate() {
  start_sodium();
  MinisignSecretKey made;
  made.key_ = SecretBytes(kKeyBytes);
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> ignored{};
  crypto_sign_keypair(ignored.data(), made.key_.data());
  randombytes_buf(made.id_.data(), made.id_.size());
  return made;
}

MinisignSecretKey MinisignSecretKey::open(const MinisignSecretFile& file, std::string_view password,
                                          const std::string& name) {
  SecretBytes sealed(file.sealed.size());
  std::memcpy(sealed.data(), file.sealed.bytes().data(), sealed.size());
  if (file.encrypted) {
    if (file.operations > kMostOperations || file.memory_bytes > kMostMemory || file.memory_bytes < kLeastMemory) {
      throw UserError(fmt::format("{}: damaged: its password would take more work than minisign ever asks for", name));
    }
    if (!cover(sealed, file, password)) {
      throw UserError(
          fmt::format("{}: opening this key takes {} MB of memory, which are not free", name, file.memory_bytes >> 20));
    }
    const Checksum sum = checksum_of(sealed.bytes());
    if (sodium_memcmp(sum.data(), sealed.data() + kIdBytes + kKeyBytes, sum.size()) != 0) {
      throw UserError(fmt::format("{}: wrong password; try again", name));
    }
  }
  // minisign leaves the checksum of unencrypted keys empty, so the key itself is tested: it ends with its public half.
  MinisignSecretKey key;
  key.key_ = SecretBytes(kKeyBytes);
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> derived{};
  crypto_sign_seed_keypair(derived.data(), key.key_.data(), sealed.data() + kIdBytes);
  if (sodium_memcmp(key.key_.data(), sealed.data() + kIdBytes, kKeyBytes) != 0) {
    throw UserError(fmt::format("{}: damaged: its secret and its public half do not belong together", name));
  }
  std::copy_n(sealed.data(), key.id_.size(), key.id_.begin());
  return key;
}

SecretBytes MinisignSecretKey::to_file(const std::string_view* password) const {
  if (password) {
    return to_text(to_file_with_work(*password, crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE,
                                     crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE));
  }
  MinisignSecretFile file;
  file.sealed = SecretBytes(kIdBytes + kKeyBytes + kCheckBytes);
  std::memcpy(file.sealed.data(), id_.data(), kIdBytes);
  std::memcpy(file.sealed.data() + kIdBytes, key_.bytes().data(), kKeyBytes);
  return to_text(file);
}

MinisignSecretFile MinisignSecretKey::to_file_with_work(std::string_view password, std::uint64_t operations,
                                                        std::uint64_t memory_bytes) const {
  MinisignSecretFile file;
  file.sealed = SecretBytes(kIdBytes + kKeyBytes + kCheckBytes);
  std::uint8_t* at = file.sealed.data();
  std::memcpy(at, id_.data(), kIdBytes);
  std::memcpy(at + kIdBytes, key_.bytes().data(), kKeyBytes);
  const Checksum sum = checksum_of(file.sealed.bytes());
  std::memcpy(at + kIdBytes + kKeyBytes, sum.data(), sum.size());
  file.encrypted = true;
  randombytes_buf(file.salt.data(), file.salt.size());
  file.operations = operations;
  file.memory_bytes = memory_bytes;
  // Where memory is short, less of it, as minisign does.
  while (!cover(file.sealed, file, password)) {
    file.operations /= 2;
    file.memory_bytes /= 2;
    if (file.memory_bytes < kLeastMemory) throw UserError("there is no memory left to protect a key with a password");
  }
  return file;
}

MinisignSignature MinisignSecretKey::sign(Bytes message, std::string trusted_comment) const {
  MinisignSignature made;
  made.id = id_;
  made.untrusted_comment = kMinisignComment;
  made.trusted_comment = std::move(trusted_comment);
  const auto hash = blake2b(message);
  crypto_sign_detached(made.signature.data(), nullptr, hash.data(), hash.size(), key_.bytes().data());
  const ByteVector both = signed_together(made);
  crypto_sign_detached(made.global.data(), nullptr, both.data(), both.size(), key_.bytes().data());
  return made;
}

MinisignPublicKey MinisignSecretKey::public_key() const {
  MinisignPublicKey key;
  key.id = id_;
  crypto_sign_ed25519_sk_to_pk(key.key.data(), key_.bytes().data());
  return key;
}

MinisignSecretFile read_minisign_secret_file(const std::string& path) {
  const SecretBytes text = read_secret_file(path, kKeyFileBytes);
  auto file = parse_minisign_secret_key(text.text());
  if (file) return std::move(*file);
  throw UserError(
      fmt::format("{}: not a secret key of minisign's format: {}; `tattle key new -o NAME` makes one, "
                  "NAME.key",
                  path, file.error().why));
}

MinisignPublicKey read_minisign_public_file(const std::string& path) {
  const SecretBytes text = read_secret_file(path, kKeyFileBytes);
  const auto key = parse_minisign_public_key(text.text());
  if (key) return *key;
  if (parse_minisign_secret_key(text.text())) {
    throw UserError(
        fmt::format("{}: this is a secret key; give the public one, which `tattle key new` wrote beside it "
                    "as .pub, and keep this one to yourself",
                    path));
  }
  throw UserError(fmt::format("{}: not a public key of minisign's format: {}", path, key.error().why));
}

SignatureState check_signature(const MinisignSignature& signature, const MinisignPublicKey& key, Bytes message) {
  start_sodium();
  if (signature.id != key.id) return SignatureState::other_key;
  if (!fits(signature.global, signed_together(signature), key)) return SignatureState::comment_changed;
  const bool good =
      signature.prehashed ? fits(signature.signature, blake2b(message), key) : fits(signature.signature, message, key);
  return good ? SignatureState::good : SignatureState::message_changed;
}

}  // namespace tattle
