#include "evidence/sign/minisign_format.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "base/byte_reader.h"

namespace tattle {
namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::size_t kPublicBytes = 2 + 8 + 32;
constexpr std::size_t kSignatureBytes = 2 + 8 + 64;
constexpr std::size_t kSealedBytes = 8 + 64 + 32;
constexpr std::size_t kSecretBytes = 2 + 2 + 2 + 32 + 8 + 8 + kSealedBytes;

/// The next line without its end, LF or CR LF.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Decodes exactly `size` bytes; false for anything else.
bool decode_base64(std::string_view text, std::uint8_t* into, std::size_t size) {
  std::size_t got = 0;
  const char* end = nullptr;
  return sodium_base642bin(into, size, text.data(), text.size(), nullptr, &got, &end, sodium_base64_VARIANT_ORIGINAL) ==
             0 &&
         got == size && end == text.data() + text.size();
}

std::string to_base64_line(Bytes bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.back() = '\n';  // in place of the terminating zero
  return text;
}

bool algorithm_is(Bytes bytes, std::string_view name) { return as_text(bytes.first(2)) == name; }

template <class Array>
void copy_to(Array& to, Bytes from) {
  std::copy_n(from.begin(), to.size(), to.begin());
}

void append(ByteVector& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

std::uint8_t* put_le(std::uint8_t* at, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) *at++ = static_cast<std::uint8_t>(number >> (8 * i));
  return at;
}

tl::unexpected<ParseError> wrong(std::string_view field, std::string_view why) {
  return tl::unexpected(ParseError{field, 0, why});
}

}  // namespace

std::string to_string(const MinisignKeyId& id) {
  std::uint64_t number = 0;
  for (auto byte = id.rbegin(); byte != id.rend(); ++byte) number = number << 8 | *byte;
  return fmt::format("{:X}", number);
}

Result<MinisignPublicKey> parse_minisign_public_key(std::string_view text) {
  std::string_view line = take_line(text);
  if (line.starts_with(kUntrusted)) line = take_line(text);
  std::array<std::uint8_t, kPublicBytes> bytes{};
  if (!decode_base64(line, bytes.data(), bytes.size())) {
    return wrong("public-key.base64", "no public key in base64");
  }
  if (!algorithm_is(bytes, "Ed")) return wrong("public-key.algorithm", "not an Ed25519 key");
  MinisignPublicKey key;
  copy_to(key.id, Bytes(bytes).subspan(2));
  copy_to(key.key, Bytes(bytes).subspan(10));
  return key;
}

Result<MinisignSignature> parse_minisign_signature(std::string_view text) {
  MinisignSignature signature;
  std::string_view line = take_line(text);
  if (!line.starts_with(kUntrusted)) return wrong("signature.comment", "the first line is no untrusted comment");
  signature.untrusted_comment = line.substr(kUntrusted.size());
  std::array<std::uint8_t, kSignatureBytes> bytes{};
  if (!decode_base64(take_line(text), bytes.data(), bytes.size())) {
    return wrong("signature.base64", "the second line is no signature in base64");
  }
  signature.prehashed = algorithm_is(bytes, "ED");
  if (!signature.prehashed && !algorithm_is(bytes, "Ed"))
    return wrong("signature.algorithm", "not an Ed25519 signature");
  copy_to(signature.id, Bytes(bytes).subspan(2));
  copy_to(signature.signature, Bytes(bytes).subspan(10));
  line = take_line(text);
  if (!line.starts_with(kTrusted)) return wrong("signature.trusted-comment", "the third line is no trusted comment");
  signature.trusted_comment = line.substr(kTrusted.size());
  if (!decode_base64(take_line(text), signature.global.data(), signature.global.size())) {
    return wrong("signature.global", "the fourth line is no signature in base64");
  }
  return signature;
}

Result<MinisignSecretFile> parse_minisign_secret_key(std::string_view text) {
  std::string_view line = take_line(text);
  if (!line.starts_with(kUntrusted)) return wrong("secret-key.comment", "the first line is no untrusted comment");
  line = take_line(text);
  SecretBytes bytes(kSecretBytes);
  if (!decode_base64(line, bytes.data(), bytes.size())) {
    std::array<std::uint8_t, kPublicBytes> other{};
    if (decode_base64(line, other.data(), other.size())) return wrong("secret-key.algorithm", "this is a public key");
    return wrong("secret-key.base64", "the second line is no secret key in base64");
  }
  ByteReader in(bytes.bytes());
  const std::string_view algorithm = as_text(in.take(2, "secret-key.length"));
  const std::string_view derivation = as_text(in.take(2, "secret-key.length"));
  const std::string_view checksum = as_text(in.take(2, "secret-key.length"));
  MinisignSecretFile file;
  file.encrypted = derivation == "Sc";
  if (algorithm != "Ed" || checksum != "B2" || (!file.encrypted && derivation != std::string_view("\0\0", 2))) {
    return wrong("secret-key.algorithm", "not an Ed25519 key under scrypt with a BLAKE2b checksum");
  }
  copy_to(file.salt, in.take(32, "secret-key.length"));
  file.operations = in.u64le("secret-key.length");
  file.memory_bytes = in.u64le("secret-key.length");
  file.sealed = SecretBytes(kSealedBytes);
  std::memcpy(file.sealed.data(), in.take(kSealedBytes, "secret-key.length").data(), kSealedBytes);
  return file;
}

std::string to_text(const MinisignPublicKey& key) {
  ByteVector bytes{'E', 'd'};
  append(bytes, key.id);
  append(bytes, key.key);
  return std::string(kUntrusted) + "minisign public key " + to_string(key.id) + "\n" + to_base64_line(bytes);
}

std::string to_text(const MinisignSignature& signature) {
  ByteVector bytes{'E', static_cast<std::uint8_t>(signature.prehashed ? 'D' : 'd')};
  append(bytes, signature.id);
  append(bytes, signature.signature);
  return std::string(kUntrusted) + signature.untrusted_comment + "\n" + to_base64_line(bytes) + std::string(kTrusted) +
         signature.trusted_comment + "\n" + to_base64_line(signature.global);
}

SecretBytes to_text(const MinisignSecretFile& file) {
  SecretBytes bytes(kSecretBytes);
  std::uint8_t* at = bytes.data();
  const auto put = [&at](Bytes part) {
    std::memcpy(at, part.data(), part.size());
    at += part.size();
  };
  put(as_bytes("Ed"));
  put(file.encrypted ? as_bytes("Sc") : as_bytes(std::string_view("\0\0", 2)));
  put(as_bytes("B2"));
  put(file.salt);
  at = put_le(put_le(at, file.operations), file.memory_bytes);
  put(file.sealed.bytes());

  // minisign says "encrypted" of its unencrypted keys too.
  constexpr std::string_view kComment = "untrusted comment: minisign encrypted secret key\n";
  const std::size_t encoded = sodium_base64_encoded_len(kSecretBytes, sodium_base64_VARIANT_ORIGINAL);
  SecretBytes text(kComment.size() + encoded);
  std::memcpy(text.data(), kComment.data(), kComment.size());
  sodium_bin2base64(reinterpret_cast<char*>(text.data()) + kComment.size(), encoded, bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.data()[text.size() - 1] = '\n';  // in place of the terminating zero
  return text;
}

}  // namespace tattle
