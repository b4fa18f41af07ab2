#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tattle {

/// What is used of a ClientHello. Spans live as long as the message.
struct ClientHello {
  std::uint16_t version = 0;  // legacy_version
  ByteVector random;          // 32 bytes; an SSLv2 challenge is padded in front
  Bytes session_id;
  std::string sni;  // lower case
  std::vector<std::string> alpn;
  Bytes ticket;  // session_ticket's content
  bool pre_shared_key = false;
  bool early_data = false;
  bool ech = false;
};

struct ServerHello {
  std::uint16_t version = 0;  // negotiated: supported_versions where present
  ByteVector random;
  Bytes session_id;
  std::uint16_t cipher_suite = 0;
  std::uint8_t compression = 0;
  std::string alpn;
  bool hello_retry_request = false;
  bool extended_master_secret = false;
  bool encrypt_then_mac = false;
  bool pre_shared_key = false;
};

struct EncryptedExtensions {
  std::string alpn;
  bool early_data = false;
  Bytes quic_parameters;  // quic_transport_parameters (RFC 9001 section 8.2)
};

/// Bodies of handshake messages, without their 4-byte header. What follows the last field that is known is not an
/// error. Sources: RFC 8446 sections 4.1.2, 4.1.3, 4.3.1; RFC 6066 section 3; RFC 7301; RFC 7627; RFC 7366.
Result<ClientHello> parse_client_hello(Bytes body);
Result<ServerHello> parse_server_hello(Bytes body);
Result<EncryptedExtensions> parse_encrypted_extensions(Bytes body);
/// An SSLv2-compatible ClientHello from its message type on (RFC 5246 appendix E.2).
Result<ClientHello> parse_v2_client_hello(Bytes message);

/// A Certificate message of SSL 3.0 to TLS 1.2, and of TLS 1.3 (RFC 8446 section 4.4.2). DER, leaf first.
Result<std::vector<Bytes>> parse_certificates(Bytes body, bool tls13);
/// The ticket of a NewSessionTicket up to TLS 1.2 (RFC 5077 section 3.3).
Result<Bytes> parse_session_ticket(Bytes body);

}  // namespace tattle
