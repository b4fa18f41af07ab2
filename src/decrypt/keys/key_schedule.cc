#include "decrypt/keys/key_schedule.h"

#include <algorithm>

namespace tattle {
namespace {

ByteVector join(Bytes a, Bytes b) {
  ByteVector joined(a.begin(), a.end());
  joined.insert(joined.end(), b.begin(), b.end());
  return joined;
}

// MD5(secret + SHA1("A" + secret + seed)) + MD5(secret + SHA1("BB" + secret + seed)) + …
ByteVector ssl3_expand(const CryptoLibrary& crypto, Bytes secret, Bytes seed, std::size_t size) {
  ByteVector result;
  for (std::size_t round = 0; result.size() < size && round < 26; ++round) {
    const std::string salt(round + 1, static_cast<char>('A' + round));
    const ByteVector inner = crypto.digest(Hash::sha1, {as_bytes(salt), secret, seed});
    const ByteVector outer = crypto.digest(Hash::md5, {secret, inner});
    if (outer.empty()) return {};
    result.insert(result.end(), outer.begin(), outer.end());
  }
  result.resize(std::min(size, result.size()));
  return result;
}

ByteVector prf(const CryptoLibrary& crypto, std::uint16_t version, const CipherSuite& suite, Bytes secret,
               std::string_view label, Bytes seed, std::size_t size) {
  if (version <= 0x0300) return ssl3_expand(crypto, secret, seed, size);
  return crypto.tls_prf(version <= 0x0302 ? Hash::md5_sha1 : suite.prf, secret, label, seed, size);
}

std::size_t mac_size(Hash mac) {
  switch (mac) {
    case Hash::md5:
      return 16;
    case Hash::sha1:
      return 20;
    case Hash::sha256:
      return 32;
    case Hash::sha384:
      return 48;
    default:
      return 0;
  }
}

// What the key block holds of IV: the AEAD's implicit part, or the first CBC IV where it is not sent.
std::size_t iv_size(std::uint16_t version, const BulkInfo& bulk) {
  switch (bulk.mode) {
    case BulkInfo::Mode::gcm:
    case BulkInfo::Mode::ccm:
      return 4;
    case BulkInfo::Mode::chacha:
      return 12;
    case BulkInfo::Mode::cbc:
      return version <= 0x0301 ? bulk.block : 0;
    default:
      return 0;
  }
}

}  // namespace

ByteVector master_secret(const CryptoLibrary& crypto, std::uint16_t version, const CipherSuite& suite, Bytes premaster,
                         HandshakeRandoms randoms) {
  return prf(crypto, version, suite, premaster, "master secret", join(randoms.client, randoms.server), 48);
}

ByteVector extended_master_secret(const CryptoLibrary& crypto, std::uint16_t version, const CipherSuite& suite,
                                  Bytes premaster, Bytes handshake) {
  const Hash hash = version <= 0x0302 ? Hash::md5_sha1 : suite.prf;
  return prf(crypto, version, suite, premaster, "extended master secret", crypto.digest(hash, {handshake}), 48);
}

ConnectionKeys connection_keys(const CryptoLibrary& crypto, std::uint16_t version, const CipherSuite& suite,
                               Bytes master, HandshakeRandoms randoms) {
  const BulkInfo& bulk = bulk_info(suite.bulk);
  const std::size_t mac = mac_size(suite.mac), key = bulk.key, iv = iv_size(version, bulk);
  const ByteVector block =
      prf(crypto, version, suite, master, "key expansion", join(randoms.server, randoms.client), 2 * (mac + key + iv));
  ConnectionKeys keys;
  if (block.size() != 2 * (mac + key + iv)) return keys;
  auto at = block.begin();
  auto take = [&at](ByteVector& into, std::size_t size) {
    into.assign(at, at + static_cast<std::ptrdiff_t>(size));
    at += static_cast<std::ptrdiff_t>(size);
  };
  take(keys.client.mac, mac);
  take(keys.server.mac, mac);
  take(keys.client.key, key);
  take(keys.server.key, key);
  take(keys.client.iv, iv);
  take(keys.server.iv, iv);
  return keys;
}

TrafficKeys traffic_keys(const CryptoLibrary& crypto, const CipherSuite& suite, Bytes secret) {
  TrafficKeys keys;
  keys.key = crypto.hkdf_expand_label(suite.prf, secret, "key", bulk_info(suite.bulk).key);
  keys.iv = crypto.hkdf_expand_label(suite.prf, secret, "iv", 12);
  return keys;
}

ByteVector next_traffic_secret(const CryptoLibrary& crypto, const CipherSuite& suite, Bytes secret) {
  return crypto.hkdf_expand_label(suite.prf, secret, "traffic upd", secret.size());
}

}  // namespace tattle
