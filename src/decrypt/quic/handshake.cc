#include <algorithm>

#include "decrypt/fingerprint.h"
#include "decrypt/quic/state.h"

namespace tattle {

void QuicConnection::State::take_crypto(QuicSide& side, QuicLevel level, const QuicOrigin& origin,
                                        const QuicFrame& frame) {
  const std::size_t space = space_of(level);
  QuicOrder& order = side.crypto[space];
  const std::uint64_t limit = context.limits->tls_handshake_bytes;
  if (frame.offset > order.next() + limit || order.waiting_bytes() > limit) {
    return note("quic.crypto-limit", origin.packets);
  }
  HandshakeReader& reader = side.handshake[space];
  order.add(frame.offset, frame.data, origin, [&](std::uint64_t, Bytes data, const QuicOrigin& from) {
    HandshakeMessage message;
    reader.feed(data);
    while (reader.next(message, limit)) on_message(side, from, message);
    if (reader.take_overflow()) note("tls.handshake-limit", from.packets);
  });
}

void QuicConnection::State::on_message(QuicSide& side, const QuicOrigin& origin, const HandshakeMessage& message) {
  switch (message.type) {
    case HandshakeType::client_hello:
      return on_client_hello(side, origin, message.body);
    case HandshakeType::server_hello:
      return on_server_hello(origin, message.body);
    case HandshakeType::encrypted_extensions: {
      auto parsed = parse_encrypted_extensions(message.body);
      if (!parsed) return note("tls.bad-handshake", origin.packets);
      if (!parsed->alpn.empty()) facts.tls.alpn = parsed->alpn;
      if (early == Early::offered) early = parsed->early_data ? Early::accepted : Early::rejected;
      on_parameters(parsed->quic_parameters);
      progress = true;
      return;
    }
    case HandshakeType::certificate: {
      auto certificates = parse_certificates(message.body, true);
      if (!certificates) return note("tls.bad-handshake", origin.packets);
      auto& into = from_client(side) ? facts.tls.client_certificates : facts.tls.server_certificates;
      if (!into.empty()) return;
      for (Bytes der : *certificates) into.emplace_back(der.begin(), der.end());
      return;
    }
    default:
      return;
  }
}

void QuicConnection::State::on_client_hello(QuicSide& side, const QuicOrigin& origin, Bytes body) {
  auto hello = parse_client_hello(body);
  if (!hello) return note("tls.bad-handshake", origin.packets);
  if (!from_client(side)) return note("tls.unexpected-message", origin.packets);
  TlsFacts& tls = facts.tls;
  tls.ech_or_grease = tls.ech_or_grease || hello->ech;
  const bool second = tls.client_hello;  // after a HelloRetryRequest, without early data
  tls.client_hello = true;
  tls.client_random = hello->random;
  if (!hello->sni.empty()) tls.sni = hello->sni;
  tls.alpn_offered = hello->alpn;
  if (!second) tls.ja4 = ja4_of(body, HelloCarrier::quic);
  progress = true;
  if (second || !hello->early_data) return;
  tls.early_data = true;
  early = Early::offered;
}

void QuicConnection::State::on_server_hello(const QuicOrigin& origin, Bytes body) {
  auto hello = parse_server_hello(body);
  if (!hello) return note("tls.bad-handshake", origin.packets);
  progress = true;
  if (hello->hello_retry_request) {
    if (early == Early::offered) early = Early::rejected;
    return;
  }
  TlsFacts& tls = facts.tls;
  if (tls.server_hello) return;
  tls.server_hello = true;
  tls.version = hello->version;
  tls.cipher_suite = hello->cipher_suite;
  tls.resumed = hello->pre_shared_key;
  if (early == Early::offered && !hello->pre_shared_key) early = Early::rejected;
  suite = find_cipher_suite(hello->cipher_suite);
  if (!suite || suite->kx != Kx::tls13 || !crypto || !crypto->header_cipher(suite->bulk)) unsupported = true;
}

// The server's transport parameters (RFC 9000 section 18).
void QuicConnection::State::on_parameters(Bytes parameters) {
  ByteReader in(parameters);
  QuicSide& server = sides[1 - client_index];
  while (!in.done()) {
    const std::uint64_t id = read_varint(in, "parameter.id");
    const Bytes value = in.take(read_varint(in, "parameter.length"), "parameter.value");
    constexpr std::uint64_t kStatelessResetToken = 0x02;
    if (id == kStatelessResetToken && value.size() == 16) server.reset_tokens.emplace_back(value.begin(), value.end());
  }
}

void QuicConnection::State::use_secret(std::string_view label) {
  auto& used = facts.tls.secrets_used;
  if (std::ranges::find(used, label) == used.end()) used.emplace_back(label);
}

}  // namespace tattle
