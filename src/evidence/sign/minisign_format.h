#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "evidence/sign/secret_bytes.h"

namespace tattle {

/// The files of minisign (https://jedisct1.github.io/minisign/, "Signature format" and below): lines of comment and
/// base64. What is parsed here is not yet believed: minisign.h opens keys and checks signatures.

using MinisignKeyId = std::array<std::uint8_t, 8>;

/// `82AD761E244C859F`, as minisign prints it: the bytes are a little-endian number, without leading zeros.
std::string to_string(const MinisignKeyId& id);

struct MinisignPublicKey {
  MinisignKeyId id{};
  std::array<std::uint8_t, 32> key{};  // Ed25519
  bool operator==(const MinisignPublicKey&) const = default;
};

struct MinisignSignature {
  bool prehashed = true;  // `ED`: over the BLAKE2b-512 of the message; else the legacy `Ed`, over the message
  MinisignKeyId id{};
  std::array<std::uint8_t, 64> signature{};
  std::array<std::uint8_t, 64> global{};  // over `signature` and the trusted comment
  std::string untrusted_comment, trusted_comment;
};

/// A secret key's file. `sealed` is key id, secret key and checksum, 104 bytes, under the password when `encrypted`.
struct MinisignSecretFile {
  bool encrypted = false;
  std::array<std::uint8_t, 32> salt{};
  std::uint64_t operations = 0, memory_bytes = 0;  // scrypt's limits as libsodium counts them
  SecretBytes sealed;
};

/// Takes the whole file, or the line of base64 alone.
/// @error public-key.comment, public-key.base64, public-key.algorithm, public-key.length
Result<MinisignPublicKey> parse_minisign_public_key(std::string_view text);
/// @error signature.comment, signature.base64, signature.algorithm, signature.length, signature.trusted-comment,
///        signature.global
Result<MinisignSignature> parse_minisign_signature(std::string_view text);
/// @error secret-key.comment, secret-key.base64, secret-key.algorithm (a public key too), secret-key.length
Result<MinisignSecretFile> parse_minisign_secret_key(std::string_view text);

/// The files as minisign itself writes them, byte for byte.
std::string to_text(const MinisignPublicKey& key);
std::string to_text(const MinisignSignature& signature);
SecretBytes to_text(const MinisignSecretFile& file);

}  // namespace tattle
