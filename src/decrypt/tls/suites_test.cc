#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decrypt/keys/cipher_suites.h"
#include "decrypt/test_peers.h"

// Every suite that OpenSSL speaks, in every version that it speaks it in, against OpenSSL's own two ends.

namespace tattle {
namespace {

using namespace testing_peers;

std::vector<std::string> suites_of(int version) {
  if (version == TLS1_3_VERSION) {
    return {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"};
  }
  std::vector<std::string> suites;
  ContextPointer context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
  STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    const std::string name = SSL_CIPHER_get_name(cipher);
    const std::string since = SSL_CIPHER_get_version(cipher);
    if (since == "TLSv1.3" || name.starts_with("SRP")) continue;  // SRP has no ciphers of its own
    if (since != "TLSv1.2" || version == TLS1_2_VERSION) suites.push_back(name);
  }
  return suites;
}

void expect_read(const Recording& recording, int version, std::uint16_t suite, std::size_t size) {
  Reader reader(store_of(recording.key_log));
  reader.replay(recording, size);
  reader.end();
  EXPECT_EQ(reader.out.text[0], recording.sent[0]);
  EXPECT_EQ(reader.out.text[1], recording.sent[1]);
  EXPECT_TRUE(reader.out.in_order && reader.out.with_packets);
  EXPECT_TRUE(reader.out.ended[0] && reader.out.ended[1]);
  EXPECT_EQ(reader.out.gaps[0] + reader.out.gaps[1], 0);
  EXPECT_TRUE(reader.anomalies.entries().empty()) << reader.anomalies.entries().begin()->first;
  const TlsFacts& facts = reader.facts();
  EXPECT_EQ(facts.outcome, TlsOutcome::decrypted);
  EXPECT_EQ(facts.opaque_bytes, 0u);
  EXPECT_EQ(facts.decrypted_bytes, recording.sent[0].size() + recording.sent[1].size());
  EXPECT_EQ(facts.version, version);
  EXPECT_EQ(facts.cipher_suite, suite);
  EXPECT_EQ(facts.sni, "phone.example");
}

class EverySuite : public testing::TestWithParam<int> {};

TEST_P(EverySuite, IsRead) {
  const int version = GetParam();
  const std::vector<std::string> suites = suites_of(version);
  ASSERT_GE(suites.size(), 5u);
  for (const std::string& suite : suites) {
    for (bool encrypt_then_mac : {true, false}) {
      SCOPED_TRACE(suite + (encrypt_then_mac ? "" : " MAC-then-encrypt"));
      const bool tls13 = version == TLS1_3_VERSION;
      Peers peers(version, version, tls13 ? "" : suite, tls13 ? suite : "");
      if (!encrypt_then_mac) SSL_CTX_set_options(peers.client_context.get(), SSL_OP_NO_ENCRYPT_THEN_MAC);
      peers.connect();
      ASSERT_TRUE(peers.handshake()) << peers.recording.error;
      ASSERT_EQ(peers.recording.cipher, suite);
      peers.send(Direction::to_server, "GET /hello HTTP/1.1\r\n\r\n");
      peers.send(Direction::to_client, std::string(40000, 'x') + "end");
      peers.send(Direction::to_server, "a");
      peers.send(Direction::to_client, "b");
      peers.close();
      const std::uint16_t number = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(peers.client.get()));
      for (std::size_t size : {0, 1, 7, 1400}) expect_read(peers.recording, version, number, size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OpenSsl, EverySuite,
                         testing::Values(TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& info) { return "Version" + std::to_string(info.param - TLS1_VERSION); });

}  // namespace
}  // namespace tattle
