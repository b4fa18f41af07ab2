#pragma once

#include <openssl/evp.h>

#include "base/bytes.h"
#include "decrypt/keys/cipher_suites.h"

namespace tattle {

/// What an AEAD opens. The nonce has 12 bytes.
struct Sealed {
  Bytes nonce, aad, content, tag;
};

/// Gives a fresh context its cipher and key, for decryption. Returns false when OpenSSL refuses.
bool key_cipher(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, const BulkInfo& bulk, Bytes key);

/// Opens into `out`, which has room for the content. False when the tag does not fit; OpenSSL's errors stay queued.
/// Sources: RFC 5116, 6655, 7539.
bool open_aead_with(EVP_CIPHER_CTX* context, const BulkInfo& bulk, const Sealed& sealed, std::uint8_t* out);

}  // namespace tattle
