#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "decrypt/test_peers.h"

// What connections do beyond a plain exchange, with OpenSSL as both ends.

namespace tattle {
namespace {

using namespace testing_peers;
using testing::ElementsAre;

constexpr auto kUp = Direction::to_server, kDown = Direction::to_client;

std::string with_wrong_secrets(std::string log) {
  for (std::size_t i = 0; i + 1 < log.size(); ++i) {
    if (log[i + 1] == '\n') log[i] = log[i] == '0' ? '1' : '0';
  }
  return log;
}

class EveryVersion : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Tls, EveryVersion,
                         testing::Values(TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& info) { return "Version" + std::to_string(info.param - TLS1_VERSION); });

Recording versioned(int version) {
  Peers peers(version, version, "ALL", "");
  peers.connect();
  EXPECT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  return peers.recording;
}

TEST_P(EveryVersion, WithoutKeysNothingComesOut) {
  const Recording recording = versioned(GetParam());
  for (bool complete : {false, true}) {
    Reader reader;
    reader.context.keys_complete = complete;
    reader.replay(recording, 100);
    reader.end();
    EXPECT_EQ(reader.out.calls + reader.out.gaps[0] + reader.out.gaps[1], 0);
    EXPECT_TRUE(reader.out.ended[0] && reader.out.ended[1]);
    EXPECT_EQ(reader.facts().outcome, TlsOutcome::no_key);
    EXPECT_GT(reader.facts().opaque_bytes, 20000u);
  }
}

TEST_P(EveryVersion, WrongSecretsAreAMismatch) {
  const Recording recording = versioned(GetParam());
  Reader reader(store_of(with_wrong_secrets(recording.key_log)));
  reader.replay(recording);
  reader.end();
  EXPECT_EQ(reader.out.calls, 0);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::key_mismatch);
  EXPECT_TRUE(reader.facts().secrets_used.empty());
}

TEST_P(EveryVersion, TheRightOneOfSeveralSecretsIsFound) {
  const Recording recording = versioned(GetParam());
  Reader reader(store_of(with_wrong_secrets(recording.key_log) + recording.key_log));
  reader.replay(recording);
  reader.end();
  expect_all(reader, recording);
}

TEST_P(EveryVersion, SecretsMayComeLate) {
  const Recording recording = versioned(GetParam());
  for (std::size_t when = 0; when <= recording.flights.size(); ++when) {
    SCOPED_TRACE(when);
    Reader reader;
    for (std::size_t i = 0; i < recording.flights.size(); ++i) {
      if (i == when) reader.keys.add_key_log(as_bytes(recording.key_log), Limits{});
      reader.data(recording.flights[i].direction, recording.flights[i].bytes);
    }
    if (when == recording.flights.size()) reader.keys.add_key_log(as_bytes(recording.key_log), Limits{});
    reader.end();
    expect_all(reader, recording);
  }
}

TEST_P(EveryVersion, WaitingRecordsAreBounded) {
  Peers peers(GetParam(), GetParam(), "ALL", "");
  peers.connect();
  ASSERT_TRUE(peers.handshake()) << peers.recording.error;
  for (int i = 0; i < 20; ++i) peers.send(kDown, std::string(1000, static_cast<char>('a' + i)));
  Reader reader;
  reader.limits.tls_waiting_bytes = 5000;
  reader.replay(peers.recording);
  reader.keys.add_key_log(as_bytes(peers.recording.key_log), Limits{});
  const std::size_t before = peers.recording.flights.size();
  peers.send(kDown, std::string(500, 'Z'));
  for (std::size_t i = before; i < peers.recording.flights.size(); ++i) {
    reader.data(peers.recording.flights[i].direction, peers.recording.flights[i].bytes);
  }
  reader.end();
  // The first that waited, a gap, and what came after the secrets.
  EXPECT_TRUE(reader.out.text[1].starts_with(std::string(1000, 'a')));
  EXPECT_TRUE(reader.out.text[1].ends_with(std::string(500, 'Z')));
  EXPECT_LT(reader.out.text[1].size(), 6000u);
  EXPECT_EQ(reader.out.gaps[1], 1);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::partly);
  EXPECT_EQ(reader.anomalies.count("tls.waiting-limit"), 1u);
}

TEST_P(EveryVersion, DirectionsMayBeCapturedOneAfterTheOther) {
  const Recording recording = versioned(GetParam());
  for (Direction first : {kUp, kDown}) {
    Reader reader(store_of(recording.key_log));
    for (Direction direction : {first, opposite(first)}) {
      for (const Flight& flight : recording.flights) {
        if (flight.direction == direction) reader.data(direction, flight.bytes);
      }
    }
    reader.end();
    expect_all(reader, recording);
  }
}

TEST_P(EveryVersion, JoinedMidwayIsHandshakeUnseen) {
  const Recording recording = versioned(GetParam());
  Reader reader(store_of(recording.key_log));
  for (std::size_t i = 4; i < recording.flights.size(); ++i) {
    reader.data(recording.flights[i].direction, recording.flights[i].bytes);
  }
  reader.end();
  EXPECT_EQ(reader.out.calls, 0);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::handshake_unseen);
}

TEST_P(EveryVersion, TheWrongGuessOfWhoIsTheClientDoesNotMatter) {
  const Recording recording = versioned(GetParam());
  Reader reader(store_of(recording.key_log));
  for (const Flight& flight : recording.flights) reader.data(opposite(flight.direction), flight.bytes);
  reader.end();
  EXPECT_EQ(reader.out.text[1], recording.sent[0]);
  EXPECT_EQ(reader.out.text[0], recording.sent[1]);
}

TEST_P(EveryVersion, CertificatesOfBothSides) {
  Peers peers(GetParam(), GetParam(), GetParam() == TLS1_3_VERSION ? "" : "ECDHE-RSA-AES128-SHA", "");
  SSL_CTX_use_certificate(peers.client_context.get(), identities()[0].certificate);
  SSL_CTX_use_PrivateKey(peers.client_context.get(), identities()[0].key);
  SSL_CTX_set_verify(peers.server_context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  peers.connect();
  ASSERT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  Reader reader(store_of(peers.recording.key_log));
  reader.replay(peers.recording, 50);
  reader.end();
  expect_all(reader, peers.recording);
  auto der = [](X509* certificate) {
    ByteVector bytes(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
    unsigned char* out = bytes.data();
    i2d_X509(certificate, &out);
    return bytes;
  };
  EXPECT_THAT(reader.facts().server_certificates, ElementsAre(der(SSL_get_certificate(peers.server.get()))));
  EXPECT_THAT(reader.facts().client_certificates, ElementsAre(der(identities()[0].certificate)));
}

TEST_P(EveryVersion, ResumedSessions) {
  Peers peers(GetParam(), GetParam(), "ALL", "");
  for (bool ticket : {true, false}) {
    SCOPED_TRACE(ticket ? "ticket" : "session id");
    SSL_CTX_set_session_id_context(peers.server_context.get(), reinterpret_cast<const unsigned char*>("t"), 1);
    if (!ticket) SSL_CTX_set_options(peers.server_context.get(), SSL_OP_NO_TICKET);
    peers.connect();
    ASSERT_TRUE(peers.handshake()) << peers.recording.error;
    exchange(peers);
    const Recording first = peers.recording;
    SSL_SESSION* session = SSL_get1_session(peers.client.get());
    peers.close();
    peers.connect();
    SSL_set_session(peers.client.get(), session);
    ASSERT_TRUE(peers.handshake()) << peers.recording.error;
    exchange(peers);
    ASSERT_TRUE(SSL_session_reused(peers.client.get()));
    SSL_SESSION_free(session);

    Reader logged(store_of(peers.recording.key_log));
    logged.replay(peers.recording);
    logged.end();
    expect_all(logged, peers.recording);
    EXPECT_TRUE(logged.facts().resumed);
    if (GetParam() == TLS1_3_VERSION) continue;  // each connection has secrets of its own

    // Only the first connection's secret: it tells the session's, which opens the second.
    struct Observer : TlsSessionObserver {
      void on_session(Bytes id, Bytes master) override { store.add_session(id, master); }
      KeyStore store;
    } observer;
    Reader full(store_of(first.key_log));
    full.context.sessions = &observer;
    full.replay(first);
    full.end();
    EXPECT_FALSE(full.facts().resumed);
    Reader resumed(observer.store);
    resumed.replay(peers.recording, 99);
    resumed.end();
    expect_all(resumed, peers.recording);
    EXPECT_THAT(resumed.facts().secrets_used, ElementsAre("session"));
  }
}

struct RsaCase {
  int version;
  bool extended;
};
class RsaKeyExchange : public testing::TestWithParam<RsaCase> {};
INSTANTIATE_TEST_SUITE_P(Tls, RsaKeyExchange,
                         testing::Values(RsaCase{TLS1_VERSION, false}, RsaCase{TLS1_VERSION, true},
                                         RsaCase{TLS1_1_VERSION, true}, RsaCase{TLS1_2_VERSION, false},
                                         RsaCase{TLS1_2_VERSION, true}),
                         [](const auto& info) {
                           return "Version" + std::to_string(info.param.version - TLS1_VERSION) +
                                  (info.param.extended ? "Extended" : "Plain");
                         });

TEST_P(RsaKeyExchange, TheServersKeyOpensIt) {
  for (const char* suite : {"AES128-SHA", "AES256-GCM-SHA384", "AES128-GCM-SHA256"}) {
    if (GetParam().version < TLS1_2_VERSION && std::string(suite).find("GCM") != std::string::npos) continue;
    SCOPED_TRACE(suite);
    Peers peers(GetParam().version, GetParam().version, suite, "");
    if (!GetParam().extended) SSL_CTX_set_options(peers.client_context.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
    // A client certificate puts more messages into the hash that the extended master secret is over.
    SSL_CTX_use_certificate(peers.client_context.get(), identities()[0].certificate);
    SSL_CTX_use_PrivateKey(peers.client_context.get(), identities()[0].key);
    SSL_CTX_set_verify(peers.server_context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    peers.connect();
    ASSERT_TRUE(peers.handshake()) << peers.recording.error;
    ASSERT_EQ(SSL_get_extms_support(peers.client.get()), GetParam().extended ? 1 : 0);
    exchange(peers);
    KeyStore store;
    EXPECT_TRUE(store.add_private_key(make_identity(EVP_RSA_gen(1024)).pem));  // another server's
    EXPECT_TRUE(store.add_private_key(peers.recording.server_key_pem));
    Reader reader(store);
    reader.replay(peers.recording, 333);
    reader.end();
    expect_all(reader, peers.recording);
    EXPECT_THAT(reader.facts().secrets_used, ElementsAre("private-key"));

    Reader wrong;
    wrong.keys.add_private_key(make_identity(EVP_RSA_gen(2048)).pem);
    wrong.replay(peers.recording);
    wrong.end();
    EXPECT_EQ(wrong.out.calls, 0);
    EXPECT_EQ(wrong.facts().outcome, TlsOutcome::no_key);
  }
}

TEST(Tls12, Renegotiation) {
  for (const char* suite : {"ECDHE-RSA-AES128-GCM-SHA256", "AES256-SHA", "ECDHE-RSA-CHACHA20-POLY1305"}) {
    SCOPED_TRACE(suite);
    Peers peers(TLS1_2_VERSION, TLS1_2_VERSION, suite, "");
    peers.connect();
    ASSERT_TRUE(peers.handshake());
    exchange(peers);
    ASSERT_EQ(SSL_renegotiate(peers.client.get()), 1);
    for (int i = 0; i < 8; ++i) {
      SSL_do_handshake(peers.client.get());
      peers.move();
      char byte;
      SSL_read(peers.server.get(), &byte, 1);
      peers.move();
      SSL_read(peers.client.get(), &byte, 1);
      peers.move();
    }
    ASSERT_EQ(SSL_total_renegotiations(peers.client.get()), 1);
    exchange(peers);
    for (std::size_t size : {0, 3}) {
      Reader reader(store_of(peers.recording.key_log));
      reader.replay(peers.recording, size);
      reader.end();
      expect_all(reader, peers.recording);
      EXPECT_TRUE(reader.anomalies.entries().empty()) << reader.anomalies.entries().begin()->first;
    }
  }
}

TEST(Threads, ShareOneStore) {
  Peers peers(TLS1_2_VERSION, TLS1_2_VERSION, "AES128-SHA", "");
  peers.connect();
  ASSERT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  KeyStore store;
  store.add_private_key(peers.recording.server_key_pem);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        Reader reader(store);
        reader.replay(peers.recording, 700);
        reader.end();
        expect_all(reader, peers.recording);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Facts, ProtocolsOfferedAndChosen) {
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Peers peers(version, version, "", "");
    SSL_CTX_set_alpn_protos(peers.client_context.get(), reinterpret_cast<const unsigned char*>("\2h2\10http/1.1"), 12);
    SSL_CTX_set_alpn_select_cb(
        peers.server_context.get(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned, void*) {
          *out = in + 1;
          *size = in[0];
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
    peers.connect();
    ASSERT_TRUE(peers.handshake());
    Reader reader(store_of(peers.recording.key_log));
    reader.replay(peers.recording);
    reader.end();
    EXPECT_THAT(reader.facts().alpn_offered, ElementsAre("h2", "http/1.1"));
    EXPECT_EQ(reader.facts().alpn, "h2");
    EXPECT_EQ(reader.facts().outcome, TlsOutcome::none);
    unsigned char random[32];
    SSL_get_client_random(peers.client.get(), random, sizeof random);
    EXPECT_EQ(reader.facts().client_random, ByteVector(random, random + 32));
  }
}

}  // namespace
}  // namespace tattle
