#include "decrypt/hello.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"

namespace tattle {
namespace {

enum Extension : std::uint16_t {
  kServerName = 0,
  kAlpn = 16,
  kEncryptThenMac = 22,
  kExtendedMasterSecret = 23,
  kSessionTicket = 35,
  kPreSharedKey = 41,
  kEarlyData = 42,
  kSupportedVersions = 43,
  kQuicParameters = 57,
  kEncryptedClientHello = 0xfe0d,
};

// SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3.
constexpr std::array<std::uint8_t, 32> kRetryRandom{0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                                                    0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                                                    0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

ByteVector copy(Bytes bytes) { return ByteVector(bytes.begin(), bytes.end()); }

// Calls use(type, body) for each extension.
template <class Use>
void each_extension(ByteReader& in, Use use) {
  if (in.error() || in.done()) return;  // none: allowed before TLS 1.3
  ByteReader list(in.take(in.u16("extensions.length"), "extensions"));
  while (!list.done()) {
    const std::uint16_t type = list.u16("extension.type");
    const Bytes body = list.take(list.u16("extension.length"), "extension.body");
    if (list.error()) return in.fail(list.error()->field, list.error()->why);
    use(type, body);
  }
}

// The host_name of a server_name list; ASCII letters in lower case.
std::string server_name(Bytes body) {
  ByteReader in(body);
  ByteReader list(in.take(in.u16("server_name.length"), "server_name"));
  while (!list.done()) {
    const std::uint8_t type = list.u8("server_name.type");
    const Bytes name = list.take(list.u16("server_name.name.length"), "server_name.name");
    if (list.error() || type != 0) continue;
    std::string host(as_text(name));
    for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return host;
  }
  return {};
}

std::vector<std::string> protocol_names(Bytes body) {
  std::vector<std::string> names;
  ByteReader in(body);
  ByteReader list(in.take(in.u16("alpn.length"), "alpn"));
  while (!list.done()) {
    const Bytes name = list.take(list.u8("alpn.name.length"), "alpn.name");
    if (!list.error()) names.emplace_back(as_text(name));
  }
  return names;
}

std::string chosen_protocol(Bytes body) {
  const std::vector<std::string> names = protocol_names(body);
  return names.empty() ? std::string() : names.front();
}

template <class T>
Result<T> finish(const ByteReader& in, T&& parsed) {
  if (in.error()) return tl::unexpected(*in.error());
  return std::forward<T>(parsed);
}

}  // namespace

Result<ClientHello> parse_client_hello(Bytes body) {
  ByteReader in(body);
  ClientHello hello;
  hello.version = in.u16("client_hello.version");
  hello.random = copy(in.take(32, "client_hello.random"));
  hello.session_id = in.take(in.u8("client_hello.session_id.length"), "client_hello.session_id");
  in.skip(in.u16("client_hello.cipher_suites.length"), "client_hello.cipher_suites");
  in.skip(in.u8("client_hello.compression.length"), "client_hello.compression");
  each_extension(in, [&](std::uint16_t type, Bytes extension) {
    if (type == kServerName) hello.sni = server_name(extension);
    if (type == kAlpn) hello.alpn = protocol_names(extension);
    if (type == kSessionTicket) hello.ticket = extension;
    if (type == kPreSharedKey) hello.pre_shared_key = true;
    if (type == kEarlyData) hello.early_data = true;
    if (type == kEncryptedClientHello) hello.ech = true;
  });
  return finish(in, std::move(hello));
}

Result<ClientHello> parse_v2_client_hello(Bytes message) {
  ByteReader in(message);
  ClientHello hello;
  if (in.u8("v2_hello.type") != 1) in.fail("v2_hello.type", "not a ClientHello");
  hello.version = in.u16("v2_hello.version");
  const std::uint16_t ciphers = in.u16("v2_hello.cipher_specs.length");
  const std::uint16_t session = in.u16("v2_hello.session_id.length");
  const std::uint16_t challenge = in.u16("v2_hello.challenge.length");
  in.skip(ciphers, "v2_hello.cipher_specs");
  hello.session_id = in.take(session, "v2_hello.session_id");
  if (challenge > 32) in.fail("v2_hello.challenge.length", "longer than a random");
  const Bytes given = in.take(challenge, "v2_hello.challenge");
  hello.random.assign(32 - given.size(), 0);
  hello.random.insert(hello.random.end(), given.begin(), given.end());
  return finish(in, std::move(hello));
}

Result<ServerHello> parse_server_hello(Bytes body) {
  ByteReader in(body);
  ServerHello hello;
  hello.version = in.u16("server_hello.version");
  hello.random = copy(in.take(32, "server_hello.random"));
  hello.session_id = in.take(in.u8("server_hello.session_id.length"), "server_hello.session_id");
  hello.cipher_suite = in.u16("server_hello.cipher_suite");
  hello.compression = in.u8("server_hello.compression");
  hello.hello_retry_request = std::ranges::equal(hello.random, kRetryRandom);
  each_extension(in, [&](std::uint16_t type, Bytes extension) {
    if (type == kSupportedVersions && extension.size() == 2) {
      hello.version = static_cast<std::uint16_t>(extension[0] << 8 | extension[1]);
    }
    if (type == kAlpn) hello.alpn = chosen_protocol(extension);
    if (type == kExtendedMasterSecret) hello.extended_master_secret = true;
    if (type == kEncryptThenMac) hello.encrypt_then_mac = true;
    if (type == kPreSharedKey) hello.pre_shared_key = true;
  });
  return finish(in, std::move(hello));
}

Result<EncryptedExtensions> parse_encrypted_extensions(Bytes body) {
  ByteReader in(body);
  EncryptedExtensions parsed;
  each_extension(in, [&](std::uint16_t type, Bytes extension) {
    if (type == kAlpn) parsed.alpn = chosen_protocol(extension);
    if (type == kEarlyData) parsed.early_data = true;
    if (type == kQuicParameters) parsed.quic_parameters = extension;
  });
  return finish(in, std::move(parsed));
}

Result<std::vector<Bytes>> parse_certificates(Bytes body, bool tls13) {
  ByteReader in(body);
  if (tls13) in.skip(in.u8("certificate.context.length"), "certificate.context");
  ByteReader list(in.take(in.u24("certificate.list.length"), "certificate.list"));
  std::vector<Bytes> certificates;
  while (!list.done()) {
    const Bytes der = list.take(list.u24("certificate.length"), "certificate");
    if (tls13) list.skip(list.u16("certificate.extensions.length"), "certificate.extensions");
    if (!list.error()) certificates.push_back(der);
  }
  if (list.error()) return tl::unexpected(*list.error());
  return finish(in, std::move(certificates));
}

Result<Bytes> parse_session_ticket(Bytes body) {
  ByteReader in(body);
  in.skip(4, "session_ticket.lifetime");
  const Bytes ticket = in.take(in.u16("session_ticket.length"), "session_ticket");
  if (in.error()) return tl::unexpected(*in.error());
  return ticket;
}

}  // namespace tattle
