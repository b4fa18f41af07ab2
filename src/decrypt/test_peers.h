#pragma once

// For tests only: OpenSSL as both ends of a connection in memory, with what they said and their key log, and a sink
// that keeps what TlsConnection hands down.

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/dh.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "decrypt/tls/tls.h"

namespace tattle::testing_peers {

struct Flight {
  Direction direction;
  ByteVector bytes;
};

/// One recorded connection.
struct Recording {
  std::vector<Flight> flights;
  std::string key_log;
  std::string sent[2];  // application data, by Direction
  std::string error;    // why the handshake failed; empty when it did not
  std::string cipher;
  std::string server_key_pem;
};

struct Identity {
  std::shared_ptr<EVP_PKEY> key_owner;
  std::shared_ptr<X509> certificate_owner;
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  std::string pem;
};

inline Identity make_identity(EVP_PKEY* key) {
  Identity identity;
  identity.key_owner.reset(identity.key = key, EVP_PKEY_free);
  X509* x = identity.certificate = X509_new();
  identity.certificate_owner.reset(x, X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 86400);
  X509_set_pubkey(x, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("server.example"), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509_sign(x, key, EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  identity.pem.assign(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return identity;
}

inline EVP_PKEY* make_dsa_key() {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, nullptr);
  EVP_PKEY *parameters = nullptr, *key = nullptr;
  EVP_PKEY_paramgen_init(context);
  EVP_PKEY_CTX_set_dsa_paramgen_bits(context, 1024);
  EVP_PKEY_paramgen(context, &parameters);
  EVP_PKEY_CTX_free(context);
  context = EVP_PKEY_CTX_new(parameters, nullptr);
  EVP_PKEY_keygen_init(context);
  EVP_PKEY_keygen(context, &key);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(parameters);
  return key;
}

/// RSA and ECDSA, made once.
inline const std::vector<Identity>& identities() {
  static const std::vector<Identity> all{make_identity(EVP_RSA_gen(2048)), make_identity(EVP_EC_gen("P-256"))};
  return all;
}
/// Slow to make, so only where a suite needs it.
inline const Identity& dsa_identity() {
  static const Identity dsa = make_identity(make_dsa_key());
  return dsa;
}

using ContextPointer = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using SslPointer = std::unique_ptr<SSL, decltype(&SSL_free)>;

inline unsigned psk_client(SSL*, const char*, char* identity, unsigned, unsigned char* psk, unsigned) {
  std::copy_n("phone", 6, identity);
  std::fill_n(psk, 16, static_cast<unsigned char>(7));
  return 16;
}
inline unsigned psk_server(SSL*, const char*, unsigned char* psk, unsigned) {
  std::fill_n(psk, 16, static_cast<unsigned char>(7));
  return 16;
}

/// Client and server on memory BIOs. Steps may be mixed with calls on `client` and `server`.
class Peers {
 public:
  Peers(int min_version, int max_version, const std::string& ciphers, const std::string& suites13)
      : client_context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        server_context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    for (SSL_CTX* context : {client_context.get(), server_context.get()}) {
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_min_proto_version(context, min_version);
      SSL_CTX_set_max_proto_version(context, max_version);
      if (!ciphers.empty()) SSL_CTX_set_cipher_list(context, (ciphers + ":@SECLEVEL=0").c_str());
      if (!suites13.empty()) SSL_CTX_set_ciphersuites(context, suites13.c_str());
      SSL_CTX_set_dh_auto(context, 1);
      SSL_CTX_clear_options(context, SSL_OP_NO_ENCRYPT_THEN_MAC);
      SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |
                                       SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    }
    SSL_CTX_set1_sigalgs_list(client_context.get(),
                              "RSA+SHA256:ECDSA+SHA256:DSA+SHA256:RSA+SHA1:ECDSA+SHA1:DSA+SHA1:RSA-PSS+SHA256");
    if (max_version < TLS1_3_VERSION) {
      SSL_CTX_set_psk_client_callback(client_context.get(), psk_client);
      SSL_CTX_set_psk_server_callback(server_context.get(), psk_server);
    }
    for (const Identity& identity : identities()) serve_as(identity);
    if (ciphers.find("DSS") != std::string::npos) serve_as(dsa_identity());
    SSL_CTX_set_keylog_callback(client_context.get(), [](const SSL* ssl, const char* line) {
      static_cast<Peers*>(SSL_get_app_data(ssl))->recording.key_log.append(line).append("\n");
    });
  }

  void serve_as(const Identity& identity) {
    SSL_CTX_use_certificate(server_context.get(), identity.certificate);
    SSL_CTX_use_PrivateKey(server_context.get(), identity.key);
  }

  /// Makes a new connection of the same contexts.
  void connect() {
    recording = Recording{};
    recording.server_key_pem = identities()[0].pem;
    client.reset(SSL_new(client_context.get()));
    server.reset(SSL_new(server_context.get()));
    SSL_set_app_data(client.get(), this);
    SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_bio(server.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    SSL_set_tlsext_host_name(client.get(), "Phone.Example");
  }

  /// Moves everything written so far to the other side; returns whether there was anything.
  bool move() {
    bool moved = false;
    for (Direction direction : {Direction::to_server, Direction::to_client}) {
      SSL* from = direction == Direction::to_server ? client.get() : server.get();
      SSL* to = direction == Direction::to_server ? server.get() : client.get();
      const std::size_t size = BIO_ctrl_pending(SSL_get_wbio(from));
      if (size == 0) continue;
      moved = true;
      Flight& flight = recording.flights.emplace_back(Flight{direction, {}});
      flight.bytes.resize(size);
      BIO_read(SSL_get_wbio(from), flight.bytes.data(), static_cast<int>(size));
      BIO_write(SSL_get_rbio(to), flight.bytes.data(), static_cast<int>(size));
    }
    return moved;
  }

  bool handshake() {
    for (int round = 0; round < 20; ++round) {
      const int a = SSL_do_handshake(client.get());
      const bool moved = move();
      const int b = SSL_do_handshake(server.get());
      const bool back = move();
      if (a == 1 && b == 1 && !moved && !back) {
        recording.cipher = SSL_get_cipher_name(client.get());
        return true;
      }
      if (!moved && !back) break;
    }
    char text[256] = "no progress";
    if (unsigned long code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
    recording.error = text;
    ERR_clear_error();
    return false;
  }

  /// Sends application data one way and reads it at the other end.
  void send(Direction direction, const std::string& text) {
    SSL* from = direction == Direction::to_server ? client.get() : server.get();
    SSL* to = direction == Direction::to_server ? server.get() : client.get();
    SSL_write(from, text.data(), static_cast<int>(text.size()));
    recording.sent[index(direction)] += text;
    move();
    std::string got(text.size() + 1, '\0');
    for (int size = 1; size > 0;) size = SSL_read(to, got.data(), static_cast<int>(got.size()));
    move();
  }

  void close() {
    SSL_shutdown(client.get());
    SSL_shutdown(server.get());
    move();
  }

  ContextPointer client_context, server_context;
  SslPointer client{nullptr, SSL_free}, server{nullptr, SSL_free};
  Recording recording;
};

/// What came out of a TlsConnection.
struct Received : StreamSink {
  void on_data(const Chunk& chunk) override {
    const std::size_t d = index(chunk.direction);
    in_order = in_order && chunk.offset == text[d].size() && !ended[d];
    text[d].append(as_text(chunk.data));
    for (const PacketRun& run : chunk.packets) add_packets(packets[d], run);
    with_packets = with_packets && !chunk.packets.empty();
    ++calls;
  }
  void on_gap(const Chunk& where, std::uint64_t) override {
    ++gaps[index(where.direction)];
    text[index(where.direction)].append("");
  }
  void on_end(const Chunk& where) override {
    in_order = in_order && !ended[index(where.direction)];
    ended[index(where.direction)] = true;
  }
  std::string text[2];
  PacketRuns packets[2];
  int gaps[2] = {0, 0};
  bool ended[2] = {false, false};
  bool in_order = true, with_packets = true;
  int calls = 0;
};

/// A connection under test with everything around it.
struct Reader {
  explicit Reader(KeyStore store = {})
      : keys(std::move(store)), context{&keys, &limits, &anomalies}, tls(flow, context, out) {}

  void data(Direction direction, Bytes bytes) {
    ++packet;
    const PacketRun run{0, packet, packet};
    tls.on_data(
        Chunk{flow, direction, offset[index(direction)], Time{static_cast<std::int64_t>(packet)}, {&run, 1}, bytes});
    offset[index(direction)] += bytes.size();
  }
  void gap(Direction direction, std::uint64_t missing, std::uint64_t told) {
    const PacketRun run{0, packet, packet};
    tls.on_gap(Chunk{flow, direction, offset[index(direction)], Time{}, {&run, 1}, {}}, told);
    offset[index(direction)] += missing;
  }
  void end() {
    const PacketRun run{0, packet, packet};
    for (Direction direction : {Direction::to_server, Direction::to_client}) {
      tls.on_end(Chunk{flow, direction, offset[index(direction)], Time{}, {&run, 1}, {}});
    }
  }
  /// All flights, each cut into pieces of at most `size` bytes (0: whole).
  void replay(const Recording& recording, std::size_t size = 0) {
    for (const Flight& flight : recording.flights) {
      Bytes rest(flight.bytes);
      while (!rest.empty()) {
        const std::size_t step = size == 0 ? rest.size() : std::min(size, rest.size());
        data(flight.direction, rest.first(step));
        rest = rest.subspan(step);
      }
    }
  }
  const TlsFacts& facts() const { return tls.facts(); }

  FlowInfo flow;
  Limits limits;
  Anomalies anomalies;
  KeyStore keys;
  TlsContext context;
  Received out;
  TlsConnection tls;
  std::uint64_t packet = 0;
  std::uint64_t offset[2] = {0, 0};
};

inline KeyStore store_of(const std::string& key_log) {
  KeyStore store;
  store.add_key_log(as_bytes(key_log), Limits{});
  return store;
}

inline void exchange(Peers& peers) {
  peers.send(Direction::to_server, "GET / HTTP/1.1\r\nHost: phone.example\r\n\r\n");
  peers.send(Direction::to_client, std::string(20000, 'r'));
  peers.send(Direction::to_server, "second request");
}

inline void expect_all(const Reader& reader, const Recording& recording) {
  EXPECT_EQ(reader.out.text[0], recording.sent[0]);
  EXPECT_EQ(reader.out.text[1], recording.sent[1]);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::decrypted);
  EXPECT_EQ(reader.facts().opaque_bytes, 0u);
  EXPECT_TRUE(reader.out.in_order);
}

/// Lines of a key log that do not start with one of these labels.
inline std::string without(const std::string& log, std::initializer_list<std::string> labels) {
  std::string kept;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const bool drop = std::ranges::any_of(labels, [&](const std::string& l) { return line.starts_with(l + " "); });
    if (!drop) kept += line + "\n";
  }
  return kept;
}

}  // namespace tattle::testing_peers
