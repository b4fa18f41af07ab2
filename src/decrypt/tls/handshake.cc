#include <algorithm>

#include "decrypt/fingerprint.h"
#include "decrypt/tls/state.h"

namespace tattle {
namespace {

ByteVector copy(Bytes bytes) { return ByteVector(bytes.begin(), bytes.end()); }

// Drafts 25 to 28 of TLS 1.3 protect records as the RFC does.
std::uint16_t known_version(std::uint16_t version) {
  return version >= 0x7f19 && version <= 0x7f1c ? std::uint16_t{0x0304} : version;
}

}  // namespace

void TlsConnection::State::take_handshake(TlsSide& side, const Record& record, Bytes content, bool encrypted) {
  HandshakeMessage message;
  side.handshake.feed(content);
  while (side.handshake.next(message, context.limits->tls_handshake_bytes)) {
    if (version == 0x0304 && encrypted) {
      on_message_13(side, record, message);
    } else {
      on_message(side, record, message);
    }
  }
  if (side.handshake.take_overflow()) note("tls.handshake-limit", record.packets);
}

// A message in clear, or up to TLS 1.2 in a renegotiation.
void TlsConnection::State::on_message(TlsSide& side, const Record& record, const HandshakeMessage& message) {
  switch (message.type) {
    case HandshakeType::client_hello: {
      auto hello = parse_client_hello(message.body);
      if (!hello) return note("tls.bad-handshake", record.packets);
      const bool first = !facts.client_hello;
      on_client_hello(side, record, *hello, message.raw);
      if (first && facts.client_hello) facts.ja4 = ja4_of(message.body, HelloCarrier::tls);
      return;
    }
    case HandshakeType::server_hello:
      return on_server_hello(record, message);
    case HandshakeType::certificate:
      on_certificate(side, record, message.body);
      break;
    case HandshakeType::new_session_ticket:
      if (auto ticket = parse_session_ticket(message.body); ticket && latest && !ticket->empty()) {
        if (latest->new_tickets.size() < 8) latest->new_tickets.push_back(copy(*ticket));
        report_session(*latest);
      }
      break;
    case HandshakeType::server_hello_done:
      if (latest) latest->full_handshake = true;
      break;
    case HandshakeType::client_key_exchange:
      if (from_client(side)) {
        add_transcript(side, message);
        on_client_key_exchange(message.body);
        return;
      }
      break;
    default:
      break;
  }
  add_transcript(side, message);
}

void TlsConnection::State::on_client_hello(TlsSide& side, const Record& record, const ClientHello& hello, Bytes raw) {
  if (!facts.client_hello && !facts.server_hello) client_index = index(side.direction);
  if (!from_client(side)) return note("tls.unexpected-message", record.packets);
  const bool second = retry_requested && latest;
  const bool answered = latest && latest->server_hello && !latest->client_hello;  // captured in the wrong order
  if (!second && !answered) latest = std::make_shared<TlsEpoch>();
  progress = true;
  latest->client_hello = true;
  latest->client_random = hello.random;
  latest->offered_session = copy(hello.session_id);
  latest->offered_ticket = copy(hello.ticket);
  latest->hello_transcript = copy(raw);
  facts.ech_or_grease = facts.ech_or_grease || hello.ech;
  if (facts.client_hello && !second) return;  // a renegotiation: the first one's facts stand
  facts.client_hello = true;
  facts.client_random = hello.random;
  if (!hello.sni.empty()) facts.sni = hello.sni;
  facts.alpn_offered = hello.alpn;
  if (hello.early_data && !second) {
    facts.early_data = true;
    early = Early::offered;
    side.phase = TlsPhase::early;
  }
}

void TlsConnection::State::on_server_hello(const Record& record, const HandshakeMessage& message) {
  auto parsed = parse_server_hello(message.body);
  if (!parsed) return note("tls.bad-handshake", record.packets);
  const ServerHello& hello = *parsed;
  progress = true;
  if (hello.hello_retry_request) {
    retry_requested = true;
    if (early == Early::offered) early = Early::rejected;
    return;
  }
  if (!latest || latest->server_hello) latest = std::make_shared<TlsEpoch>();
  TlsEpoch& epoch = *latest;
  epoch.server_hello = true;
  epoch.server_random = hello.random;
  epoch.version = known_version(hello.version);
  epoch.suite = find_cipher_suite(hello.cipher_suite);
  epoch.extended_master_secret = hello.extended_master_secret;
  epoch.encrypt_then_mac = hello.encrypt_then_mac;
  epoch.session_id = copy(hello.session_id);
  epoch.supported = epoch.suite && hello.compression == 0 && epoch.version >= 0x0300 && epoch.version <= 0x0304 &&
                    (epoch.suite->kx == Kx::tls13) == (epoch.version == 0x0304);
  if (!epoch.supported) unsupported = true;
  const bool needs_transcript = epoch.suite && epoch.suite->kx == Kx::rsa && epoch.extended_master_secret;
  if (!needs_transcript) epoch.hello_transcript = {};
  if (needs_transcript) epoch.server_transcript = copy(message.raw);
  if (facts.server_hello) return;
  facts.server_hello = true;
  facts.version = version = epoch.version;
  facts.cipher_suite = hello.cipher_suite;
  facts.alpn = hello.alpn;
  if (version == 0x0304) facts.resumed = hello.pre_shared_key;
  if (early == Early::offered && (version != 0x0304 || !hello.pre_shared_key)) early = Early::rejected;
}

void TlsConnection::State::on_certificate(TlsSide& side, const Record& record, Bytes body) {
  auto certificates = parse_certificates(body, version == 0x0304);
  if (!certificates) return note("tls.bad-handshake", record.packets);
  if (latest && version != 0x0304) latest->full_handshake = true;
  std::vector<ByteVector>& into = from_client(side) ? facts.client_certificates : facts.server_certificates;
  if (!into.empty()) return;
  for (Bytes der : *certificates) into.push_back(copy(der));
}

void TlsConnection::State::on_client_key_exchange(Bytes body) {
  if (!latest) return;
  TlsEpoch& epoch = *latest;
  epoch.full_handshake = true;
  progress = true;
  if (!epoch.suite || epoch.suite->kx != Kx::rsa) return;
  // SSL 3.0 sends it bare, TLS with its length; some TLS clients kept the old way (RFC 5246 section 7.4.7.1).
  const bool prefixed = body.size() >= 2 && static_cast<std::size_t>(body[0] << 8 | body[1]) == body.size() - 2;
  epoch.encrypted_premaster = copy(prefixed ? body.subspan(2) : body);
}

// Messages that the extended master secret covers; nothing is kept where no premaster secret can be had.
void TlsConnection::State::add_transcript(TlsSide& side, const HandshakeMessage& message) {
  if (!latest || latest->hello_transcript.empty() || !latest->encrypted_premaster.empty()) return;
  if (message.type == HandshakeType::hello_request || message.type == HandshakeType::finished) return;
  ByteVector& into = from_client(side) ? latest->client_transcript : latest->server_transcript;
  if (into.size() + message.raw.size() > 2 * context.limits->tls_handshake_bytes) return;
  into.insert(into.end(), message.raw.begin(), message.raw.end());
}

void TlsConnection::State::report_session(TlsEpoch& epoch) {
  if (!context.sessions || epoch.master.empty()) return;
  if (!epoch.session_id.empty()) context.sessions->on_session(epoch.session_id, epoch.master);
  for (const ByteVector& ticket : epoch.new_tickets) context.sessions->on_session(ticket, epoch.master);
  epoch.new_tickets.clear();
}

void TlsConnection::State::use_secret(std::string_view label) {
  if (std::ranges::find(facts.secrets_used, label) == facts.secrets_used.end()) facts.secrets_used.emplace_back(label);
}

}  // namespace tattle
