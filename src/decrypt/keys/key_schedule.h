#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "decrypt/keys/cipher_suites.h"
#include "decrypt/keys/crypto_library.h"

namespace tattle {

/// Keys of one direction. Sizes follow the suite and version; what it does not use is empty.
struct TrafficKeys {
  ByteVector mac, key, iv;
};

/// The randoms of a handshake up to TLS 1.2, 32 bytes each.
struct HandshakeRandoms {
  Bytes client, server;
};

/// Master secret (48 bytes) from a premaster secret. `version` is 0x0300 … 0x0303.
/// Sources: RFC 6101 section 6.1, RFC 5246 section 8.1.
ByteVector master_secret(const CryptoLibrary& crypto, std::uint16_t version, const CipherSuite& suite, Bytes premaster,
                         HandshakeRandoms randoms);

/// The same with the extended master secret; `handshake` is every handshake message from ClientHello to
/// ClientKeyExchange. Source: RFC 7627 section 4.
ByteVector extended_master_secret(const CryptoLibrary& crypto, std::uint16_t version, const CipherSuite& suite,
                                  Bytes premaster, Bytes handshake);

struct ConnectionKeys {
  TrafficKeys client, server;
};
/// Source: RFC 6101 section 6.2.2, RFC 5246 section 6.3.
ConnectionKeys connection_keys(const CryptoLibrary& crypto, std::uint16_t version, const CipherSuite& suite,
                               Bytes master, HandshakeRandoms randoms);

/// Keys of a TLS 1.3 traffic secret. Source: RFC 8446 section 7.3.
TrafficKeys traffic_keys(const CryptoLibrary& crypto, const CipherSuite& suite, Bytes secret);
/// The secret after a KeyUpdate. Source: RFC 8446 section 7.2.
ByteVector next_traffic_secret(const CryptoLibrary& crypto, const CipherSuite& suite, Bytes secret);

}  // namespace tattle
