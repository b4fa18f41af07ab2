#include "decrypt/keys/aead.h"

namespace tattle {

using Mode = BulkInfo::Mode;

bool key_cipher(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, const BulkInfo& bulk, Bytes key) {
  bool good = EVP_DecryptInit_ex2(context, cipher, nullptr, nullptr, nullptr) == 1;
  if (bulk.mode == Mode::ccm) {
    good = good && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, 12, nullptr) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, bulk.tag, nullptr) == 1;
  }
  return good && EVP_DecryptInit_ex2(context, nullptr, key.data(), nullptr, nullptr) == 1;
}

bool open_aead_with(EVP_CIPHER_CTX* context, const BulkInfo& bulk, const Sealed& sealed, std::uint8_t* out) {
  auto* tag_bytes = const_cast<std::uint8_t*>(sealed.tag.data());
  int size = 0;
  const int content_size = static_cast<int>(sealed.content.size()), aad_size = static_cast<int>(sealed.aad.size());
  if (bulk.mode == Mode::ccm) {  // its tag and length come first, and a failure shows in the update
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, bulk.tag, tag_bytes) == 1 &&
           EVP_DecryptInit_ex2(context, nullptr, nullptr, sealed.nonce.data(), nullptr) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &size, nullptr, content_size) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &size, sealed.aad.data(), aad_size) == 1 &&
           EVP_DecryptUpdate(context, out, &size, sealed.content.data(), content_size) == 1;
  }
  return EVP_DecryptInit_ex2(context, nullptr, nullptr, sealed.nonce.data(), nullptr) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &size, sealed.aad.data(), aad_size) == 1 &&
         EVP_DecryptUpdate(context, out, &size, sealed.content.data(), content_size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, bulk.tag, tag_bytes) == 1 &&
         EVP_DecryptFinal_ex(context, out + size, &size) == 1;
}

}  // namespace tattle
