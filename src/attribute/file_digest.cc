#include "attribute/file_digest.h"

#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/hex.h"
#include "decrypt/keys/crypto_library.h"

namespace tattle {

std::string sha256_hex(Bytes bytes) {
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return to_hex(digest);
}

std::optional<FileDigest> digest_file(const std::string& path) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, error)) return std::nullopt;
  const DigestContext hash(EVP_MD_CTX_new());
  EVP_DigestInit_ex2(hash.get(), EVP_sha256(), nullptr);
  FileDigest result;
  std::vector<char> buffer(1 << 18);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    EVP_DigestUpdate(hash.get(), buffer.data(), static_cast<std::size_t>(file.gcount()));
    result.size += static_cast<std::uint64_t>(file.gcount());
  }
  if (file.bad()) return std::nullopt;
  std::array<std::uint8_t, 32> digest{};
  EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr);
  result.sha256 = to_hex(digest);
  return result;
}

}  // namespace tattle
