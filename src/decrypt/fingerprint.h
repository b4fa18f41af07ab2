#pragma once

#include <string>

#include "base/bytes.h"

namespace tattle {

/// What carried a ClientHello, as JA4 writes it.
enum class HelloCarrier : char { tls = 't', quic = 'q', dtls = 'd' };

/// The JA4 fingerprint of a ClientHello: which software, or rather which TLS library in which configuration, wrote it.
/// Two with the same fingerprint were written alike; that does not make them the same program.
/// @param body  Of the handshake message, without its header; of DTLS without the cookie. Up to what cannot be read.
/// @return      `t13d1516h2_8daaf6152771_e5627efa2ab1`; empty when the hello cannot be read.
/// Source: FoxIO, JA4 technical details (github.com/FoxIO-LLC/ja4, technical_details/JA4.md; BSD 3-Clause).
std::string ja4_of(Bytes body, HelloCarrier carrier);

}  // namespace tattle
