#pragma once

// For tests: makes QUIC packets, with keys and faults as a test wants them.

#include <openssl/evp.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "decrypt/keys/crypto_library.h"
#include "decrypt/quic/packet.h"
#include "decrypt/quic/quic.h"

namespace tattle::quic_kit {

inline ByteVector unhex(std::string_view text) {
  ByteVector bytes;
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
  }
  return bytes;
}

inline ByteVector join(std::initializer_list<ByteVector> parts) {
  ByteVector all;
  for (const ByteVector& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}
inline ByteVector text(std::string_view what) { return ByteVector(what.begin(), what.end()); }

inline ByteVector varint(std::uint64_t value) {
  const int log = value < 64 ? 0 : value < 16384 ? 1 : value < (1u << 30) ? 2 : 3;
  ByteVector bytes(std::size_t{1} << log);
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
  bytes[0] = static_cast<std::uint8_t>(bytes[0] | log << 6);
  return bytes;
}

inline ByteVector crypto_frame(std::uint64_t offset, const ByteVector& data) {
  return join({{0x06}, varint(offset), varint(data.size()), data});
}
inline ByteVector stream_frame(std::uint64_t id, std::uint64_t offset, const ByteVector& data, bool fin = false) {
  return join(
      {{static_cast<std::uint8_t>(0x0e | (fin ? 1 : 0))}, varint(id), varint(offset), varint(data.size()), data});
}
/// Acknowledges first to last.
inline ByteVector ack_frame(std::uint64_t first, std::uint64_t last) {
  return join({{0x02}, varint(last), varint(0), varint(0), varint(last - first)});
}
inline ByteVector new_id_frame(const ByteVector& id) {
  return join({{0x18}, varint(1), varint(0), {static_cast<std::uint8_t>(id.size())}, id, ByteVector(16, 0x77)});
}

// RFC 9001 appendix A.2 and A.3: hellos for example.com, TLS_AES_128_GCM_SHA256.
inline const std::string kClientHello =
    "010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010000e0000"
    "0b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e0005000501000000000033002600240"
    "01d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e04030503060302"
    "03080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff08011001048000753009"
    "01100f088394c8f03e51570806048000ffff";
inline const std::string kServerHello =
    "020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c940d89"
    "690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304";
inline const std::string kClientRandom = "ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c";

/// Protects packets of one connection.
class Maker {
 public:
  std::uint32_t version = kQuicV1;
  std::uint16_t suite = 0x1301;
  ByteVector original = unhex("8394c8f03e515708"), client_id = unhex("c1c2c3c4"), server_id = unhex("f067a5502a4262b5");
  CryptoLibrary crypto;
  unsigned number_bytes = 2;

  enum Level { initial, early, handshake, application };
  static constexpr Direction up = Direction::to_server, down = Direction::to_client;

  ByteVector secret(Level level, Direction direction) const {
    if (level == initial) {
      auto both = expand_initial();
      return direction == up ? both.first : both.second;
    }
    const std::size_t size = suite == 0x1302 ? 48 : 32;
    return ByteVector(size, static_cast<std::uint8_t>(0x10 * level + (direction == up ? 1 : 2)));
  }
  /// The key log of this connection.
  std::string key_log() const {
    auto line = [&](const char* label, Level level, Direction direction) {
      return std::string(label) + " " + kClientRandom + " " + to_hex(secret(level, direction)) + "\n";
    };
    return line("CLIENT_EARLY_TRAFFIC_SECRET", early, up) + line("CLIENT_HANDSHAKE_TRAFFIC_SECRET", handshake, up) +
           line("SERVER_HANDSHAKE_TRAFFIC_SECRET", handshake, down) + line("CLIENT_TRAFFIC_SECRET_0", application, up) +
           line("SERVER_TRAFFIC_SECRET_0", application, down);
  }

  ByteVector long_packet(Level level, Direction direction, std::uint64_t number, ByteVector frames) const {
    while (frames.size() < 24) frames.push_back(0);
    const unsigned type = (static_cast<unsigned>(level) + (version == kQuicV2 ? 1u : 0u)) & 3u;
    ByteVector header{static_cast<std::uint8_t>(0xc0 | type << 4 | (number_bytes - 1))};
    for (int shift = 24; shift >= 0; shift -= 8) header.push_back(static_cast<std::uint8_t>(version >> shift));
    const bool first = direction == up && (level == initial || level == early);
    const ByteVector& to = direction == down ? client_id : first ? original : server_id;
    const ByteVector& from = direction == down ? server_id : client_id;
    append(header, {static_cast<std::uint8_t>(to.size())}, to);
    append(header, {static_cast<std::uint8_t>(from.size())}, from);
    if (level == initial) header.push_back(0);
    append(header, varint(number_bytes + frames.size() + 16), {});
    return seal(std::move(header), number, frames, secret(level, direction));
  }
  ByteVector short_packet(Direction direction, std::uint64_t number, ByteVector frames, unsigned generation = 0,
                          bool greased = false) const {
    while (frames.size() < 24) frames.push_back(0);
    ByteVector header{static_cast<std::uint8_t>((greased ? 0u : 0x40u) | (generation & 1) << 2 | (number_bytes - 1))};
    append(header, direction == down ? client_id : server_id, {});
    ByteVector key = secret(application, direction);
    const ByteVector first = key;
    for (unsigned i = 0; i < generation; ++i) key = derive(key, "ku", key.size());
    return seal(std::move(header), number, frames, key, first);
  }
  ByteVector hello(const ByteVector& more = {}) const {
    return long_packet(initial, up, 0, join({crypto_frame(0, unhex(kClientHello)), more}));
  }
  ByteVector answer() const { return long_packet(initial, down, 0, crypto_frame(0, unhex(kServerHello))); }

 private:
  static void append(ByteVector& to, const ByteVector& a, const ByteVector& b) {
    to.insert(to.end(), a.begin(), a.end());
    to.insert(to.end(), b.begin(), b.end());
  }
  std::pair<ByteVector, ByteVector> expand_initial() const {
    const ByteVector salt = unhex(version == kQuicV2 ? "0dede3def700a6db819381be6e269dcbf9bd2ed9"
                                                     : "38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    const ByteVector extracted = crypto.hkdf_extract(Hash::sha256, salt, original);
    return {crypto.hkdf_expand_label(Hash::sha256, extracted, "client in", 32),
            crypto.hkdf_expand_label(Hash::sha256, extracted, "server in", 32)};
  }
  ByteVector derive(const ByteVector& key, const std::string& label, std::size_t size) const {
    const std::string prefix = version == kQuicV2 ? "quicv2 " : "quic ";
    return crypto.hkdf_expand_label(key.size() == 48 ? Hash::sha384 : Hash::sha256, key, prefix + label, size);
  }
  ByteVector seal(ByteVector header, std::uint64_t number, const ByteVector& plain, const ByteVector& key,
                  const ByteVector& header_secret = {}) const {
    const bool initial_key = header_secret.empty() && header[0] & 0x80 && key == secret(initial, up);
    const bool initial_down = header[0] & 0x80 && key == secret(initial, down);
    const std::uint16_t used = initial_key || initial_down ? std::uint16_t{0x1301} : suite;
    const CipherSuite& cipher = *find_cipher_suite(used);
    const BulkInfo& bulk = bulk_info(cipher.bulk);
    const ByteVector packet_key = derive(key, "key", bulk.key), iv = derive(key, "iv", 12);
    const ByteVector hp = derive(header_secret.empty() ? key : header_secret, "hp", bulk.key);
    const std::size_t number_at = header.size();
    for (unsigned i = number_bytes; i-- > 0;) header.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
    ByteVector nonce = iv;
    for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
    ByteVector sealed(plain.size() + bulk.tag);
    CipherContext context(EVP_CIPHER_CTX_new());
    int size = 0;
    const bool ccm = bulk.mode == BulkInfo::Mode::ccm;
    EVP_EncryptInit_ex2(context.get(), crypto.cipher(cipher.bulk), nullptr, nullptr, nullptr);
    if (ccm) {
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, 12, nullptr);
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, bulk.tag, nullptr);
    }
    EVP_EncryptInit_ex2(context.get(), nullptr, packet_key.data(), nonce.data(), nullptr);
    if (ccm) EVP_EncryptUpdate(context.get(), nullptr, &size, nullptr, static_cast<int>(plain.size()));
    EVP_EncryptUpdate(context.get(), nullptr, &size, header.data(), static_cast<int>(header.size()));
    EVP_EncryptUpdate(context.get(), sealed.data(), &size, plain.data(), static_cast<int>(plain.size()));
    EVP_EncryptFinal_ex(context.get(), sealed.data() + size, &size);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, bulk.tag, sealed.data() + plain.size());
    ByteVector packet = join({header, sealed});
    mask(packet, number_at, hp, cipher.bulk);
    return packet;
  }
  void mask(ByteVector& packet, std::size_t number_at, const ByteVector& hp, Bulk bulk) const {
    CipherContext context(EVP_CIPHER_CTX_new());
    ByteVector mask(32);
    int size = 0;
    const std::uint8_t* sample = packet.data() + number_at + 4;
    const std::uint8_t zeros[5] = {};
    const bool chacha = bulk == Bulk::chacha20_poly1305;
    EVP_EncryptInit_ex2(context.get(), crypto.header_cipher(bulk), hp.data(), chacha ? sample : nullptr, nullptr);
    EVP_EncryptUpdate(context.get(), mask.data(), &size, chacha ? zeros : sample, chacha ? 5 : 16);
    packet[0] = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & ((packet[0] & 0x80) != 0 ? 0x0f : 0x1f)));
    for (unsigned i = 0; i < number_bytes; ++i) packet[number_at + i] ^= mask[i + 1];
  }
};

/// What a sink was told, as text: `0>abc` (data to the server), `0<?3` (3 bytes missing to the client), `0>.` (end),
/// `0>!` (reset), `d>abc` (datagram).
struct Told : QuicSink {
  std::vector<std::string> all;
  static std::string where(const Chunk& chunk) { return chunk.direction == Direction::to_server ? ">" : "<"; }
  void on_stream_data(std::uint64_t id, const Chunk& chunk) override {
    all.push_back(std::to_string(id) + where(chunk) + std::string(as_text(chunk.data)));
  }
  void on_stream_gap(std::uint64_t id, const Chunk& chunk, std::uint64_t missing) override {
    all.push_back(std::to_string(id) + where(chunk) + "?" + std::to_string(missing));
  }
  void on_stream_end(std::uint64_t id, const Chunk& chunk, bool reset) override {
    all.push_back(std::to_string(id) + where(chunk) + (reset ? "!" : "."));
  }
  void on_quic_datagram(const Chunk& chunk) override {
    all.push_back("d" + where(chunk) + std::string(as_text(chunk.data)));
  }
};

/// A connection under test with all it needs.
struct Rig {
  explicit Rig(std::string_view key_log = {}, bool keys_complete = true) {
    if (!key_log.empty()) keys.add_key_log(as_bytes(key_log), limits);
    context.keys_complete = keys_complete;
    flow.server.port = 443;
  }
  void feed(Direction direction, const ByteVector& datagram) {
    ++packet;
    const PacketRun run{0, packet, packet};
    connection.on_datagram({flow, direction, 0, {}, {&run, 1}, datagram});
  }

  KeyStore keys;
  Limits limits;
  Anomalies anomalies;
  TlsContext context{&keys, &limits, &anomalies, nullptr, true};
  FlowInfo flow;
  Told told;
  std::uint64_t packet = 0;
  QuicConnection connection{flow, context, told};
};

}  // namespace tattle::quic_kit
