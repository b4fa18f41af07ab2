#pragma once

#include <string>
#include <string_view>

#include "evidence/sign/minisign_format.h"

namespace tattle {

/// A secret key that is ready to sign.
class MinisignSecretKey {
 public:
  static MinisignSecretKey generate();

  /// @param password  Of an encrypted key; not looked at otherwise.
  /// @throws UserError  Wrong password, a damaged key, or one that wants more work than is reasonable. `name` is the
  ///                    file's, for what is said.
  static MinisignSecretKey open(const MinisignSecretFile& file, std::string_view password, const std::string& name);

  /// The file's text, under the password; not encrypted when that is null.
  SecretBytes to_file(const std::string_view* password) const;

  /// The file under a password that costs that much work to try, in libsodium's units of scrypt.
  /// @throws UserError  There is not that much memory.
  MinisignSecretFile to_file_with_work(std::string_view password, std::uint64_t operations,
                                       std::uint64_t memory_bytes) const;

  /// Prehashed, with the comments; the untrusted one is minisign's own, so that a changed one can be told.
  /// @param trusted_comment  Without line ends; signed as well.
  MinisignSignature sign(Bytes message, std::string trusted_comment) const;

  MinisignPublicKey public_key() const;

 private:
  MinisignSecretKey() = default;
  MinisignKeyId id_{};
  SecretBytes key_;  // seed and public key, as libsodium has it
};

/// Reads a secret key's file.
/// @throws UserError  It cannot be read, is a public key, or no key of minisign's.
MinisignSecretFile read_minisign_secret_file(const std::string& path);
/// @throws UserError  It cannot be read, is a secret key, or no key of minisign's.
MinisignPublicKey read_minisign_public_file(const std::string& path);

enum class SignatureState : std::uint8_t {
  good,
  other_key,        // made by a key with another id
  comment_changed,  // the signature file itself: its second signature does not fit
  message_changed,  // the signature file is whole, so what it signs has changed
};

/// Whether `signature` is that of `key` over `message`, and if not, which of the two files it must be.
SignatureState check_signature(const MinisignSignature& signature, const MinisignPublicKey& key, Bytes message);

/// What minisign writes when it is not told another untrusted comment.
inline constexpr std::string_view kMinisignComment = "signature from minisign secret key";

}  // namespace tattle
