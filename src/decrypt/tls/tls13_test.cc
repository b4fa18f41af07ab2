#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decrypt/test_peers.h"

// What only TLS 1.3 does: key updates, a second ClientHello, secrets for each phase, early data.

namespace tattle {
namespace {

using namespace testing_peers;
using testing::Contains;

constexpr auto kUp = Direction::to_server, kDown = Direction::to_client;

Recording plain_recording(int version) {
  Peers peers(version, version, "", "");
  peers.connect();
  EXPECT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  return peers.recording;
}

TEST(Tls13, KeyUpdates) {
  Peers peers(TLS1_3_VERSION, TLS1_3_VERSION, "", "");
  peers.connect();
  ASSERT_TRUE(peers.handshake()) << peers.recording.error;
  for (int i = 0; i < 3; ++i) {
    exchange(peers);
    SSL_key_update(peers.client.get(), SSL_KEY_UPDATE_REQUESTED);
    peers.send(kUp, "after my update");
    SSL_key_update(peers.server.get(), SSL_KEY_UPDATE_NOT_REQUESTED);
    peers.send(kDown, "after the server's");
  }
  Reader reader(store_of(peers.recording.key_log));
  reader.replay(peers.recording, 5);
  reader.end();
  expect_all(reader, peers.recording);
}

TEST(Tls13, HelloRetryRequest) {
  Peers peers(TLS1_3_VERSION, TLS1_3_VERSION, "", "");
  SSL_CTX_set1_groups_list(peers.client_context.get(), "X25519:P-256");
  SSL_CTX_set1_groups_list(peers.server_context.get(), "P-256");
  peers.connect();
  ASSERT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  Reader reader(store_of(peers.recording.key_log));
  reader.replay(peers.recording, 20);
  reader.end();
  expect_all(reader, peers.recording);
  EXPECT_EQ(reader.facts().sni, "phone.example");
}

TEST(Tls13, PostHandshakeAuthentication) {
  Peers peers(TLS1_3_VERSION, TLS1_3_VERSION, "", "");
  SSL_CTX_use_certificate(peers.client_context.get(), identities()[0].certificate);
  SSL_CTX_use_PrivateKey(peers.client_context.get(), identities()[0].key);
  SSL_CTX_set_post_handshake_auth(peers.client_context.get(), 1);
  peers.connect();
  ASSERT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  SSL_set_verify(peers.server.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  ASSERT_EQ(SSL_verify_client_post_handshake(peers.server.get()), 1);
  ASSERT_TRUE(peers.handshake());  // sends the request for the certificate
  peers.send(kDown, "who are you?");
  peers.send(kUp, "the phone");
  Reader reader(store_of(peers.recording.key_log));
  reader.replay(peers.recording, 40);
  reader.end();
  expect_all(reader, peers.recording);
  EXPECT_EQ(reader.facts().client_certificates.size(), 1u);
}

TEST(Tls13, HandshakeMessagesSplitOverRecords) {
  Peers peers(TLS1_3_VERSION, TLS1_3_VERSION, "", "");
  SSL_CTX_set_max_send_fragment(peers.client_context.get(), 512);
  SSL_CTX_set_max_send_fragment(peers.server_context.get(), 512);
  peers.connect();
  ASSERT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  Reader reader(store_of(peers.recording.key_log));
  reader.replay(peers.recording);
  reader.end();
  expect_all(reader, peers.recording);
  EXPECT_EQ(reader.facts().server_certificates.size(), 1u);
}

TEST(Tls13, HandshakeSecretsMayBeMissing) {
  const Recording recording = plain_recording(TLS1_3_VERSION);
  Reader reader(
      store_of(without(recording.key_log, {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"})));
  reader.replay(recording, 1000);
  reader.end();
  expect_all(reader, recording);
  EXPECT_EQ(reader.out.gaps[0] + reader.out.gaps[1], 0);
}

TEST(Tls13, SecretsOfOneDirectionOnly) {
  const Recording recording = plain_recording(TLS1_3_VERSION);
  Reader reader(store_of(without(recording.key_log, {"SERVER_TRAFFIC_SECRET_0"})));
  reader.replay(recording, 1000);
  reader.end();
  EXPECT_EQ(reader.out.text[0], recording.sent[0]);
  EXPECT_EQ(reader.out.text[1], "");
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::partly);
  EXPECT_THAT(reader.facts().secrets_used, Contains("CLIENT_TRAFFIC_SECRET_0"));
}

// Connects twice; the second time the request goes as early data.
Recording early_data(bool accepted, bool retry) {
  Peers peers(TLS1_3_VERSION, TLS1_3_VERSION, "", "");
  SSL_CTX_set_max_early_data(peers.server_context.get(), 16384);
  SSL_CTX_set_session_id_context(peers.server_context.get(), reinterpret_cast<const unsigned char*>("t"), 1);
  SSL_CTX_set1_groups_list(peers.client_context.get(), "X25519:P-256");
  peers.connect();
  EXPECT_TRUE(peers.handshake());
  exchange(peers);
  SSL_SESSION* session = SSL_get1_session(peers.client.get());
  peers.close();
  if (!accepted) SSL_CTX_set_max_early_data(peers.server_context.get(), 0);
  if (retry) SSL_CTX_set1_groups_list(peers.server_context.get(), "P-256");
  peers.connect();
  SSL_set_session(peers.client.get(), session);
  SSL_SESSION_free(session);
  const std::string request = "early request";
  std::size_t written = 0, read = 0;
  EXPECT_EQ(SSL_write_early_data(peers.client.get(), request.data(), request.size(), &written), 1);
  peers.move();
  char got[100];
  if (accepted && !retry) {
    EXPECT_EQ(SSL_read_early_data(peers.server.get(), got, sizeof got, &read), SSL_READ_EARLY_DATA_SUCCESS);
    EXPECT_EQ(read, request.size());
    peers.recording.sent[0] += request;
    SSL_read_early_data(peers.server.get(), got, sizeof got, &read);
  }
  EXPECT_TRUE(peers.handshake()) << peers.recording.error;
  exchange(peers);
  return peers.recording;
}

TEST(Tls13, EarlyDataThatTheServerTook) {
  const Recording recording = early_data(true, false);
  for (std::size_t size : {0, 1, 50}) {
    Reader reader(store_of(recording.key_log));
    reader.replay(recording, size);
    reader.end();
    expect_all(reader, recording);
    EXPECT_TRUE(reader.facts().early_data && reader.facts().resumed);
    EXPECT_THAT(reader.facts().secrets_used, Contains("CLIENT_EARLY_TRAFFIC_SECRET"));
  }
}

TEST(Tls13, EarlyDataWithoutItsSecretIsAGap) {
  const Recording recording = early_data(true, false);
  Reader reader(store_of(without(recording.key_log, {"CLIENT_EARLY_TRAFFIC_SECRET"})));
  reader.replay(recording);
  reader.end();
  EXPECT_EQ("early request" + reader.out.text[0], recording.sent[0]);
  EXPECT_EQ(reader.out.gaps[0], 1);
  EXPECT_EQ(reader.out.text[1], recording.sent[1]);
  EXPECT_EQ(reader.facts().outcome, TlsOutcome::partly);
}

TEST(Tls13, EarlyDataWhoseAnswerCannotBeRead) {
  const Recording recording = early_data(true, false);
  Reader reader(store_of(without(recording.key_log, {"SERVER_HANDSHAKE_TRAFFIC_SECRET"})));
  reader.replay(recording);
  EXPECT_EQ(reader.out.text[0], recording.sent[0]);
  reader.end();
  expect_all(reader, recording);
}

TEST(Tls13, EarlyDataThatTheServerRefusedIsNotDoubled) {
  for (bool retry : {false, true}) {
    const Recording recording = early_data(false, retry);
    Reader reader(store_of(recording.key_log));
    reader.replay(recording, 10);
    reader.end();
    EXPECT_EQ(reader.out.text[0], recording.sent[0]);
    EXPECT_EQ(reader.out.text[1], recording.sent[1]);
    EXPECT_EQ(reader.anomalies.count("tls.early-data-rejected"), 1u);
  }
}

}  // namespace
}  // namespace tattle
