#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tattle {

/// What the bytes at a stream's start say: `maybe` asks for more of them.
enum class Sniff : std::uint8_t { no, maybe, yes };

/// An HTTP/1 request line, whole with its version (RFC 9112 section 3). Empty lines before it are skipped. `maybe` for
/// a line of whatever length: it is the caller who bounds what it keeps.
Sniff sniff_request_line(Bytes start);
/// An HTTP/1 status line up to its code (RFC 9112 section 4).
Sniff sniff_status_line(Bytes start);
/// A request line or a status line.
Sniff sniff_http1(Bytes start);
/// The client's connection preface (RFC 9113 section 3.4).
Sniff sniff_http2_preface(Bytes start);
/// A server's connection preface: a SETTINGS frame of stream 0 (RFC 9113 sections 3.4 and 6.5).
Sniff sniff_http2_settings(Bytes start);
/// A TLS record that opens with a ClientHello; stricter than looks_like_tls, for streams that were something else.
Sniff sniff_client_hello(Bytes start);
/// A QUIC long header of a known version, or a version negotiation (RFC 8999 section 5.1, RFC 9000, RFC 9369).
bool looks_like_quic(Bytes datagram);

}  // namespace tattle
