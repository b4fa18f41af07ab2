#include "decrypt/fingerprint.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace tattle {
namespace {

enum Extension : std::uint16_t { kServerName = 0, kSignatureAlgorithms = 13, kAlpn = 16, kSupportedVersions = 43 };

/// What of the hello is written into the fingerprint. Values that mean nothing (GREASE) are left out.
struct Parts {
  std::uint16_t version = 0;
  bool server_name = false;
  std::optional<Bytes> alpn;  // the first
  std::vector<std::uint16_t> ciphers, extensions, signatures;
};

/// RFC 8701: 0x0a0a, 0x1a1a, … 0xfafa.
bool is_grease(std::uint16_t value) { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); }

std::vector<std::uint16_t> numbers(Bytes row) {
  std::vector<std::uint16_t> result;
  for (std::size_t i = 0; i + 1 < row.size(); i += 2) {
    const auto value = static_cast<std::uint16_t>(row[i] << 8 | row[i + 1]);
    if (!is_grease(value)) result.push_back(value);
  }
  return result;
}

void read_extension(std::uint16_t type, Bytes body, Parts& parts) {
  ByteReader in(body);
  if (!is_grease(type)) parts.extensions.push_back(type);
  if (type == kServerName) parts.server_name = true;
  if (type == kSignatureAlgorithms) parts.signatures = numbers(in.take(in.u16("signature_algorithms.length"), "list"));
  if (type == kSupportedVersions) {
    for (const std::uint16_t version : numbers(in.take(in.u8("supported_versions.length"), "list"))) {
      parts.version = std::max(parts.version, version);
    }
  }
  if (type == kAlpn) {
    ByteReader list(in.take(in.u16("alpn.length"), "alpn"));
    const Bytes first = list.take(list.u8("alpn.name.length"), "alpn.name");
    if (!list.error() && !first.empty()) parts.alpn = first;
  }
}

std::optional<Parts> read_hello(Bytes body) {
  ByteReader in(body);
  Parts parts;
  const std::uint16_t legacy_version = in.u16("client_hello.version");
  in.skip(32, "client_hello.random");
  in.skip(in.u8("client_hello.session_id.length"), "client_hello.session_id");
  parts.ciphers = numbers(in.take(in.u16("client_hello.cipher_suites.length"), "client_hello.cipher_suites"));
  in.skip(in.u8("client_hello.compression.length"), "client_hello.compression");
  if (in.error()) return std::nullopt;
  if (!in.done()) {
    ByteReader list(in.take(in.u16("extensions.length"), "extensions"));
    while (!list.done()) {
      const std::uint16_t type = list.u16("extension.type");
      const Bytes extension = list.take(list.u16("extension.length"), "extension.body");
      if (list.error()) return std::nullopt;
      read_extension(type, extension, parts);
    }
    if (in.error()) return std::nullopt;
  }
  if (parts.version == 0) parts.version = legacy_version;
  return parts;
}

std::string_view version_word(std::uint16_t version) {
  switch (version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    case 0xfeff:
      return "d1";
    case 0xfefd:
      return "d2";
    case 0xfefc:
      return "d3";
    default:
      return "00";
  }
}

/// First and last character of the first protocol offered; of its hexadecimal digits, where one is no letter or digit.
std::string alpn_word(const std::optional<Bytes>& alpn) {
  if (!alpn) return "00";
  const auto plain = [](std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  const std::uint8_t first = alpn->front(), last = alpn->back();
  if (plain(first) && plain(last)) return {static_cast<char>(first), static_cast<char>(last)};
  return fmt::format("{:x}{:x}", first >> 4, last & 0xf);
}

std::string list(const std::vector<std::uint16_t>& values) {
  std::string text;
  for (const std::uint16_t value : values) text += fmt::format("{}{:04x}", text.empty() ? "" : ",", value);
  return text;
}

/// The first twelve hexadecimal digits of the SHA-256; zeros for nothing.
std::string short_hash(const std::string& text) {
  if (text.empty()) return std::string(12, '0');
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (std::size_t i = 0; i < 6; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

std::string ja4_of(Bytes body, HelloCarrier carrier) {
  std::optional<Parts> parts = read_hello(body);
  if (!parts) return {};
  std::string result = fmt::format("{}{}{}{:02}{:02}{}", static_cast<char>(carrier), version_word(parts->version),
                                   parts->server_name ? 'd' : 'i', std::min<std::size_t>(parts->ciphers.size(), 99),
                                   std::min<std::size_t>(parts->extensions.size(), 99), alpn_word(parts->alpn));
  std::sort(parts->ciphers.begin(), parts->ciphers.end());
  std::sort(parts->extensions.begin(), parts->extensions.end());
  // Both depend on who is asked, which the first part says already.
  std::erase(parts->extensions, kServerName);
  std::erase(parts->extensions, kAlpn);
  std::string extensions = list(parts->extensions);
  if (!extensions.empty() && !parts->signatures.empty()) extensions += "_" + list(parts->signatures);
  return result + "_" + short_hash(list(parts->ciphers)) + "_" + short_hash(extensions);
}

}  // namespace tattle
